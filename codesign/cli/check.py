"""``codesign check``: what the ingest would make of a model, before anything is built."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.table import Table

import boards
import quant.models
from codesign.build import BuildConfig
from codesign.build.steps.fold import folded_design
from codesign.cli.build import POSITIVE
from codesign.cli.terminal import output
from codesign.errors import CodesignError, Refused, UserError
from codesign.graph import IntegerGraph, Operator
from codesign.ingest import IngestReport, SegmentReport, ingest_model
from codesign.ingest.file.cleanup import clean
from codesign.ingest.file.model import Model, parse, read
from codesign.report.estimates import budget
from hw.design.design import Design


@click.command()
@click.argument("model")
@click.option("--board", help=f"Also what it would take there; one of {', '.join(boards.names())}.")
@click.option("--target-fps", type=POSITIVE, help="Frames a second to fold for there.  [default: the board's]")
@click.option("--input-type", help="Integers that the model's input holds, such as uint8.  [default: the model's]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document in place of tables.")
def check(model: str, board: str | None, target_fps: float | None, input_type: str | None, as_json: bool) -> None:
    """Tell what would be made of MODEL (a preset's name or an ONNX file): exact, or every reason why not.

    Nothing is written.
    """
    name = boards.get(board).name if board else ""
    config = BuildConfig(model, name, Path(), target_fps=target_fps, input_type=input_type)
    design, console = None, output()
    try:
        graph, report = ingest_model(load(model), Path(model).stem, input_type=input_type)
        if not as_json:
            for table in (_segments(report), _operators(graph), _totals(model, graph, report)):
                console.print(table)
        if board:
            design = folded_design(graph, config)
    except UserError as error:
        if not as_json:
            raise
        print(json.dumps(_refusal(model, error), indent=2))
        sys.exit(error.exit_status)
    if as_json:
        print(json.dumps(document(model, graph, report, design, config), indent=2))
    elif design is not None:
        for table in (_kernels(design, config), _estimates(design, config)):
            console.print(table)


def load(model: str) -> Model:
    """Read and clean up a preset or a file, as the build does.

    Raises:
        UserError: neither a preset nor a file, or no ONNX model.
    """
    path = Path(model)
    if model in quant.models.names():
        with tempfile.TemporaryDirectory() as folder:
            quant.models.get(model).export(Path(folder) / "model.onnx")
            return read(clean(parse(Path(folder) / "model.onnx")), path)
    if not path.exists():
        raise UserError(
            f"The model {model!r} is neither a file nor a preset: give a QONNX file, or one of "
            f"{', '.join(quant.models.names())}."
        )
    return read(clean(parse(path)), path)


# ---------------------------------------------------------------------- figures


def work(graph: IntegerGraph, operator: Operator) -> tuple[int, int]:
    """(multiplications with weights, bits of weights) of an operator."""
    weights = getattr(operator, "weights", None)
    if weights is None:
        return 0, 0
    scattered = type(operator).__name__ == "ConvTranspose"  # each input position meets every weight, not each output
    tensor = graph.tensors[operator.inputs[0] if scattered else operator.output]
    return weights.size * int(np.prod(tensor.shape[:-1])), weights.size * _bits(weights)


def _bits(values: np.ndarray) -> int:
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    if low >= 0:
        return max(high.bit_length(), 1)
    return 1 if set(np.unique(values)) == {-1, 1} else max((-low - 1).bit_length(), high.bit_length()) + 1


def _range(tensor: Any) -> tuple[int, int]:
    return int(tensor.low.min()), int(tensor.high.max())


def operators(graph: IntegerGraph) -> list[dict[str, Any]]:
    """Every operator, with its shape, range, bits and work."""
    rows = []
    for operator in graph.operators:
        tensor = graph.tensors[operator.output]
        macs, weight_bits = work(graph, operator)
        rows.append(
            {
                "operator": type(operator).__name__,
                "output": operator.output,
                "source": list(operator.source),
                "shape": list(tensor.shape),
                "range": list(_range(tensor)),
                "bits": tensor.bits,
                "macs": macs,
                "weight_bits": weight_bits,
            }
        )
    return rows


def document(
    model: str, graph: IntegerGraph, report: IngestReport, design: Design | None, config: BuildConfig
) -> dict[str, Any]:
    """Everything as plain data."""
    rows = operators(graph)
    tensor = graph.tensors[graph.input]
    result = {
        "taken": True,
        **report.to_json(),
        "model": model,
        "input": {"shape": list(tensor.shape), "range": list(_range(tensor)), "bits": tensor.bits},
        "operators": rows,
        "macs": sum(row["macs"] for row in rows),
        "weight_bits": sum(row["weight_bits"] for row in rows),
    }
    if design is not None:
        result["design"] = _design(design, config)
    return result


def _design(design: Design, config: BuildConfig) -> dict[str, Any]:
    family, total = config.target.family, design.resources(config.target.family)
    return {
        "board": config.board,
        "source": "model",
        "clock_mhz": config.clock_mhz,
        "interval": design.interval,
        "frames_per_second": config.clock_mhz * 1e6 / design.interval,
        "bottleneck": design.bottleneck,
        "kernels": [
            {
                "name": name,
                "kernel": type(kernel).__name__,
                "folds": {fold: getattr(kernel, fold) for fold in kernel.folds},
                "interval": kernel.cycles().interval,
                "resources": vars(kernel.resources(family)),
            }
            for name, kernel in ((name, design.kernels[name]) for name in design.order())
        ],
        "resources": vars(total),
        "budget": vars(budget(config.target)),
    }


def _refusal(model: str, error: CodesignError) -> dict[str, Any]:
    reasons = [vars(r) for r in error.reasons] if isinstance(error, Refused) else []
    return {"taken": False, "model": model, "error": str(error), "reasons": reasons}


# ---------------------------------------------------------------------- tables


def _segments(report: IngestReport) -> Table:
    table = Table(title="segments: from integers to the next quantizer", title_justify="left")
    for name in ("output", "form", "from the model's", "range", "bits", "holds", "margin", "near ties"):
        table.add_column(name, justify="right" if name in ("bits", "margin", "near ties") else "left")
    head = report.head
    text = {"quantizer": "in software", "integer": "none: integers come in"}.get(head.form)
    table.add_row("input", head.form, _names(head.source), "", "", text or f"{head.levels} float32 levels", "", "")
    for s in report.segments:
        table.add_row(
            s.output,
            s.form,
            _names(s.source),
            _ends(s.input_range, s.output_range),
            f"{s.input_bits} → {s.output_bits}",
            _held(s),
            "" if s.margin is None else f"{s.margin:.1e}",
            f"{len(s.near_ties):,}",
        )
    return table


def _held(segment: SegmentReport) -> str:
    if segment.form == "requantize":
        return f"{segment.multiplier_bits}-bit multiplier, {segment.offset_bits}-bit offset, shift {segment.shift}"
    return f"{segment.levels} levels a channel, {segment.channels} channels"


def _ends(before: tuple[int, int], after: tuple[int, int]) -> str:
    return f"{before[0]:,}…{before[1]:,} → {after[0]:,}…{after[1]:,}"


def _names(source: tuple[str, ...]) -> str:
    return ", ".join(source)


def _operators(graph: IntegerGraph) -> Table:
    table = Table(title="operators of the integer graph", title_justify="left")
    for name in ("operator", "output", "shape", "range", "bits", "MACs", "weight bits"):
        table.add_column(name, justify="left" if name in ("operator", "output") else "right")
    tensor = graph.tensors[graph.input]
    shape, (low, high) = " × ".join(map(str, tensor.shape)), _range(tensor)
    table.add_row("(input)", graph.input, shape, f"{low:,}…{high:,}", str(tensor.bits), "", "")
    for row in operators(graph):
        low, high = row["range"]
        counts = (f"{row[k]:,}" if row[k] else "" for k in ("macs", "weight_bits"))
        shape = " × ".join(map(str, row["shape"]))
        table.add_row(row["operator"], row["output"], shape, f"{low:,}…{high:,}", str(row["bits"]), *counts)
    return table


def _totals(model: str, graph: IntegerGraph, report: IngestReport) -> Table:
    table = Table("what", "figure", "source", title=model, title_justify="left")
    rows = operators(graph)
    table.add_row("taken", "exactly", "proof over every range")
    table.add_row("MACs a frame", f"{sum(r['macs'] for r in rows):,}", "graph")
    table.add_row("weights", f"{sum(r['weight_bits'] for r in rows):,} bits", "graph")
    table.add_row("near ties", f"{sum(len(s.near_ties) for s in report.segments):,}", "float32 may differ there")
    table.add_row("time", f"{report.seconds:.2f} s", "measured, this run")
    return table


def _kernels(design: Design, config: BuildConfig) -> Table:
    table = Table(title="kernels, folded for the board's rate", title_justify="left")
    for name in ("instance", "kernel", "folds", "cycles a frame", "LUT", "FF", "BRAM", "DSP", "URAM"):
        table.add_column(name, justify="left" if name in ("instance", "kernel", "folds") else "right")
    for row in _design(design, config)["kernels"]:
        folds = ", ".join(f"{k.upper()} {v}" for k, v in row["folds"].items())
        used = (f"{n:,}" for n in row["resources"].values())
        table.add_row(row["name"], row["kernel"], folds, f"{row['interval']:,}", *used)
    return table


def _estimates(design: Design, config: BuildConfig) -> Table:
    figures = _design(design, config)
    table = Table("what", "figure", "source", title=f"on {config.board}", title_justify="left")
    rate = f"{figures['frames_per_second']:,.0f} frames/s at {config.clock_mhz:g} MHz"
    table.add_row(
        "speed", f"{rate}, {figures['interval']:,} cycles a frame ({figures['bottleneck']})", "model estimate"
    )
    for name, limit in figures["budget"].items():
        have = figures["resources"][name]
        table.add_row(
            name.upper(), f"{have:,} of {limit:,} ({have / limit:.0%})" if limit else f"{have:,}", "model estimate"
        )
    return table
