"""Pictures as SVG text: the dataflow graph and bars per kernel."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import networkx as nx

from hw.design.design import Design

ROW, COLUMN, BOX = 46, 230, 30
COLOURS = {
    "matrix_vector_unit": "#2b6cb0",
    "sliding_window": "#2f855a",
    "thresholds": "#b7791f",
    "requantizer": "#b7791f",
    "stream_fifo": "#718096",
    "width_converter": "#a0aec0",
}
OTHER = "#6b46c1"


def colour(module: str) -> str:
    """The colour of a kernel's kind, the same in every picture."""
    return COLOURS.get(module, OTHER)


def dataflow(design: Design) -> str:
    """Return the dataflow graph: kernels as boxes from top to bottom, streams as lines with their lanes and bits."""
    graph = design.graph()
    depth: dict[str, int] = {}
    for name in design.order():
        depth[name] = 1 + max((depth[p] for p in graph.predecessors(name)), default=-1)
    column = _columns(graph, design.order())
    width = (max(column.values()) + 1) * COLUMN + 20
    height = (max(depth.values()) + 1) * ROW + 20
    at = {name: (20 + column[name] * COLUMN, 10 + depth[name] * ROW) for name in depth}
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">']
    for target, source in design.edges.items():
        if target.instance and source.instance:
            stream = design.source_port(source).stream
            parts.append(_line(at[source.instance], at[target.instance], f"{stream.lanes} × {stream.bits} bit"))
    parts += [_box(name, design.kernels[name].module, *at[name], _folds(design, name)) for name in depth]
    return "\n".join([*parts, "</svg>"])


def bars(values: Mapping[str, float], modules: Mapping[str, str], unit: str) -> str:
    """Return horizontal bars, one a kernel, in the order given; kernels at zero are left out."""
    shown = {name: value for name, value in values.items() if value}
    most = max(shown.values(), default=1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {20 * len(shown) + 10}" width="760" role="img">'
    ]
    for row, (name, value) in enumerate(shown.items()):
        y, width = 20 * row + 5, 400 * value / most
        parts.append(f'<text x="215" y="{y + 12}" text-anchor="end" font-size="12">{escape(name)}</text>')
        parts.append(f'<rect x="220" y="{y}" width="{width:.1f}" height="15" fill="{colour(modules[name])}"/>')
        parts.append(f'<text x="{225 + width:.1f}" y="{y + 12}" font-size="12">{value:,.0f} {escape(unit)}</text>')
    return "\n".join([*parts, "</svg>"])


def _columns(graph: nx.DiGraph, order: list[str]) -> dict[str, int]:
    """The longest path straight down in column 0; what branches off it one column to the right."""
    longest = set(nx.dag_longest_path(graph))
    return {name: 0 if name in longest else 1 for name in order}


def _folds(design: Design, name: str) -> str:
    kernel = design.kernels[name]
    return ", ".join(f"{fold.upper()} {getattr(kernel, fold)}" for fold in kernel.folds)


def _line(start: tuple[int, int], end: tuple[int, int], label: str) -> str:
    (x1, y1), (x2, y2) = (start[0] + 100, start[1] + BOX), (end[0] + 100, end[1])
    middle = (y1 + y2) / 2
    return (
        f'<path d="M{x1},{y1} C{x1},{middle} {x2},{middle} {x2},{y2}" fill="none" stroke="#4a5568"/>'
        f'<text x="{(x1 + x2) / 2 + 6}" y="{middle + 4}" font-size="10" fill="#4a5568">{escape(label)}</text>'
    )


def _box(name: str, module: str, x: int, y: int, folds: str) -> str:
    note = f'<text x="{x + 206}" y="{y + 19}" font-size="10" fill="#4a5568">{escape(folds)}</text>' if folds else ""
    return (
        f'<rect x="{x}" y="{y}" width="200" height="{BOX}" rx="5" fill="{colour(module)}"/>'
        f'<text x="{x + 100}" y="{y + 19}" text-anchor="middle" font-size="12" fill="white">{escape(name)}</text>{note}'
    )
