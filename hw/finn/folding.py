"""FINN's folding file from the folds of a design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from codesign.errors import UserError
from codesign.graph import IntegerGraph
from hw.finn.emit import emit

if TYPE_CHECKING:
    from onnx import NodeProto
    from qonnx.core.modelwrapper import ModelWrapper

PE_LENGTH = {
    "MVAU": "MH",
    "VVAU": "Channels",
    "Thresholding": "NumChannels",
    "DuplicateStreams": "NumChannels",
    "GlobalAccPool": "NumChannels",
    "ElementwiseAdd": "out_shape",
    "ElementwiseMul": "out_shape",
    "Reshape": "out_shape",
}
"""The attribute that an operator's PE must divide (of a shape, its last axis)."""
SIMD_LENGTH = {"MVAU": "MW", "FMPadding": "NumChannels", "ConvolutionInputGenerator": "IFMChannels"}
"""The attribute that an operator's SIMD must divide."""


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
    renamed = {} if model is None else {node.output[0]: node.name for node in model.graph.node}
    config = {}
    for node in emit(graph).graph.node:
        pe, simd = folds.get(node.doc_string, (1, 1))
        entry = {}
        if node.op_type in PE_LENGTH:
            entry["PE"] = next_divisor(_length(node, PE_LENGTH[node.op_type]), pe)
        if node.op_type in SIMD_LENGTH:
            entry["SIMD"] = next_divisor(_length(node, SIMD_LENGTH[node.op_type]), simd)
        config[renamed.get(node.output[0], node.name)] = entry
    return config


def next_divisor(length: int, fold: int) -> int:
    """Smallest divisor of ``length`` that is at least ``fold``; ``length`` itself where ``fold`` exceeds it."""
    return next((d for d in range(min(fold, length), length) if length % d == 0), length)


def _length(node: NodeProto, attribute: str) -> int:
    found = next(a for a in node.attribute if a.name == attribute)
    return int(found.ints[-1] if found.ints else found.i)
