"""FINN's folding file from the folds of a design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from codesign.errors import UserError
from codesign.graph import IntegerGraph
from hw.finn.emit import translate

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper


def folding_config(
    graph: IntegerGraph, folds: Mapping[str, tuple[int, int]], model: ModelWrapper | None = None
) -> dict[str, dict[str, int]]:
    """Return ``{node: {PE, SIMD}}`` as FINN's folding file holds it.

    FINN folds by divisors only: a fold that does not divide becomes the next divisor above it, so that no operator of
    FINN's is slower than asked.

    Args:
        folds: (pe, simd) by the name of the operator's output; operators that are not named are fully folded (1, 1).
        model: FINN's model, where its nodes have other names than those that ``emit`` gives (after SpecializeLayers,
            ``MVAU_0`` is ``MVAU_rtl_0`` or ``MVAU_hls_0``); nodes are matched by what they make.

    Raises:
        UserError: where a fold names no operator or is no positive number.
    """
    unknown = sorted(set(folds) - {op.output for op in graph.operators} - {graph.input})
    if unknown:
        raise UserError(
            f"the fold of {unknown[0]!r} must name an operator of {graph.name}, and it has none of this name"
        )
    for name, (pe, simd) in folds.items():
        if pe < 1 or simd < 1:
            raise UserError(f"the fold of {name} must be two positive numbers, not ({pe}, {simd})")
    emission = translate(graph)
    emission.require_whole()
    renamed = {} if model is None else {node.output[0]: node.name for node in model.graph.node}
    config = {}
    for node in emission.model.graph.node:
        asked = dict(zip(("PE", "SIMD"), folds.get(node.doc_string, (1, 1)), strict=True))
        limits = emission.folds[node.name]
        config[renamed.get(node.output[0], node.name)] = {f: next_divisor(limits[f], asked[f]) for f in limits}
    return config


def next_divisor(length: int, fold: int) -> int:
    """Smallest divisor of ``length`` that is at least ``fold``; ``length`` itself where ``fold`` exceeds it."""
    return next((d for d in range(min(fold, length), length) if length % d == 0), length)
