"""QuantizeLinear and DequantizeLinear; what they mean stands in ``qcdq``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.ingest.file import qcdq
from codesign.ingest.file.model import Node
from codesign.ingest.operands import extend, integers_of
from codesign.ingest.rules import rule
from codesign.ingest.state import IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("QuantizeLinear", takes_broken=True)
def quantize_linear(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The first half of a quantizer."""
    return qcdq.quantize(node, inputs)


@rule("DequantizeLinear", takes_broken=True)
def dequantize_linear(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The second half, stored integers, or the model's own integer input."""
    x = inputs[0]
    if isinstance(x, IntegerTensor):
        scale, zero = qcdq.affine(node, inputs)
        shifted = extend(x, node, lambda v, lift: (v - lift(zero)) * lift(scale), scale)
        return integers_of(shifted)
    return qcdq.dequantize(node, inputs, compiler)
