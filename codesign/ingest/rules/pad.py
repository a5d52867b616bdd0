"""Pad with zeros: kept beside the tensor until the convolution that reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codesign.ingest.model import Node
from codesign.ingest.operands import constant, integers_of
from codesign.ingest.refusal import Reject
from codesign.ingest.rules import rule
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Pad", takes_pads=True)
def pad(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Note the zeros; a real zero is the integer zero whatever the quantizer's zero point."""
    x = integers_of(inputs[0])
    rank = len(x.shape) + 1
    stored = node.attribute("pads") if len(inputs) < 2 else constant(inputs[1], "its pads").tolist()
    if stored is None or len(stored) != 2 * rank or (len(inputs) > 3 and inputs[3] is not None):
        raise Reject(f"its pads are {stored}, not {2 * rank} numbers for all axes", "give pads of every axis")
    pads = [(int(a), int(b)) for a, b in zip(stored[:rank], stored[rank:], strict=True)]
    mode = node.attribute("mode", "constant")
    value = node.attribute("value", 0.0)
    if len(inputs) > 2 and inputs[2] is not None:
        value = float(constant(inputs[2], "its value").flat[0])
    if mode != "constant" or value != 0:
        raise Reject(f"it pads with {mode if mode != 'constant' else value}, not with zeros", "pad with zeros")
    if pads[0] != (0, 0) or pads[1] != (0, 0) or min(min(p) for p in pads) < 0:
        raise Reject(f"its pads are {stored}", "pad spatial axes only, by zero or more")
    before = x.pads or ((0, 0),) * (rank - 2)
    both = tuple((a + c, b + d) for (a, b), (c, d) in zip(before, pads[2:], strict=True))
    return replace(x, pads=both)
