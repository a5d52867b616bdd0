"""Pad: zeros are kept beside the tensor until somebody reads them; other modes are data movement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import MatMul
from codesign.graph.operators.pad import Pad
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged
from codesign.ingest.operands import constant, integers_of
from codesign.ingest.rules import rule
from codesign.ingest.state import FloatInput, IntegerTensor, Segment, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

MODES = ("edge", "reflect", "wrap")


@rule("Pad", takes_pads=True)
def pad(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Note the zeros; a real zero is the integer zero whatever the quantizer's zero point. Negative pads cut."""
    x = inputs[0]
    if not isinstance(x, FloatInput | IntegerTensor | Segment):
        raise Reject("it pads constants", "fold constants first (qonnx.util.cleanup)")
    pads = _pads(node, inputs, len(x.shape) + 1)
    mode = node.attribute("mode", "constant")
    value = node.attribute("value", 0.0)
    if len(inputs) > 2 and inputs[2] is not None:
        value = float(constant(inputs[2], "its value").flat[0])
    beside = mode == "constant" and max(pads[1]) > 0
    if pads[0] != (0, 0) or (beside and (value != 0 or min(pads[1]) < 0)):
        raise Reject(f"its pads are {pads}", "pad spatial axes only, or channels with zeros")
    if beside:
        x = _channels(node, compiler.centred(compiler.dense(integers_of(x))), pads[1], compiler)
        pads[1] = (0, 0)
    if mode in MODES:
        dense = compiler.dense(x) if isinstance(x, IntegerTensor) and x.padded else x
        return rearranged(dense, lambda a: np.pad(a, pads, mode=mode))  # type: ignore[call-overload,no-any-return]
    if mode != "constant":
        raise Reject(f"its mode is {mode}", f"use constant or {', '.join(MODES)}")
    if min(min(p) for p in pads) < 0:
        dense = compiler.dense(x) if isinstance(x, IntegerTensor) and x.padded else x
        cut = tuple(slice(max(-a, 0), -max(-b, 0) or None) for a, b in pads)
        x, pads = rearranged(dense, lambda a: a[cut]), [(max(a, 0), max(b, 0)) for a, b in pads]
    if not any(max(p) for p in pads):
        return x
    source = integers_of(x)
    if value != 0:
        return _valued(node, compiler.dense(source), pads[2:], value, compiler)
    before = source.pads or ((0, 0),) * (len(pads) - 2)
    both = tuple((a + c, b + d) for (a, b), (c, d) in zip(before, pads[2:], strict=True))
    return replace(source, pads=both)


def _channels(node: Node, x: IntegerTensor, pads: tuple[int, int], compiler: Compiler) -> IntegerTensor:
    """Channels of zeros before and after the others: rows of zeros around a matrix that changes nothing."""
    weights = np.pad(np.eye(x.shape[0], dtype=np.int64), (pads, (0, 0)))
    name = f"{node.outputs[0]}_channels"
    operator = MatMul(inputs=(x.tensor.name,), output=name, source=(node.name,), weights=weights)
    scale = x.scale[:1] * pads[0] + x.scale + x.scale[-1:] * pads[1]
    return compiler.emit(operator, [x], (len(weights), *x.shape[1:]), scale)


def _pads(node: Node, inputs: list[State | None], rank: int) -> list[tuple[int, int]]:
    """(before, after) of every axis, batch included."""
    stored = node.attribute("pads") if len(inputs) < 2 else constant(inputs[1], "its pads").tolist()
    axes = list(range(rank))
    if len(inputs) > 3 and inputs[3] is not None:
        axes = [int(a) % rank for a in constant(inputs[3], "its axes").reshape(-1)]
    if stored is None or len(stored) != 2 * len(axes):
        raise Reject(f"its pads are {stored}, not {2 * len(axes)} numbers", "give pads of every axis")
    pads = [(0, 0)] * rank
    for axis, before, after in zip(axes, stored[: len(axes)], stored[len(axes) :], strict=True):
        pads[axis] = (int(before), int(after))
    return pads


def _valued(
    node: Node, x: IntegerTensor, pads: list[tuple[int, int]], value: float, compiler: Compiler
) -> IntegerTensor:
    """Pad with a value that is an integer of every channel's scale."""
    exact = value.as_integer_ratio() if np.isfinite(value) else (0, 0)
    integers = {exact[0] / (s * exact[1]) - t for s, t in zip(x.scale, x.shifts, strict=True)} if exact[1] else set()
    integer = integers.pop() if len(integers) == 1 else None
    if integer is None or integer.denominator != 1:
        raise Reject(
            f"it pads with {value}, which is no integer of its input's scale {float(x.scale[0]):.6g}", "pad with zeros"
        )
    operator = Pad(
        inputs=(x.tensor.name,), output=node.outputs[0], source=(node.name,), pads=tuple(pads), value=int(integer)
    )
    shape = (x.shape[0], *(n + a + b for n, (a, b) in zip(x.shape[1:], pads, strict=True)))
    return replace(compiler.emit(operator, [x], shape, x.scale), shift=x.shift)
