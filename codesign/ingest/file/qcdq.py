"""ONNX's own quantization: QuantizeLinear, perhaps Clip, DequantizeLinear.

QuantizeLinear rounds before it adds its zero point (Quant after), so that a tie falls to the even integer of the
quotient: the quantizer has the zero point 0 and a clamp that is moved by the one in the file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.boundary import head
from codesign.ingest.boundary.integer_input import range_of
from codesign.ingest.file.model import Node
from codesign.ingest.file.structure import type_name
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.functions.rounding import round_quotients
from codesign.ingest.operands import constant, integers_of, parameter, segment_of
from codesign.ingest.state import Broken, Constant, FloatInput, Quantized, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

LARGEST_STORED = 2**29
"""Stored integers lie below: beyond, float64 does not hold integer * scale exactly."""


def quantize(node: Node, inputs: list[State | None]) -> State:
    """QuantizeLinear: stored numbers become integers at once, anything else waits for its DequantizeLinear."""
    x = inputs[0]
    if any(isinstance(i, Broken) for i in inputs[1:]):
        return Broken()
    kind = _type(node, inputs)
    scale, zero = _scale(node, inputs), _zero(inputs)
    ends = range_of(kind)
    assert ends is not None
    low, high = ends
    if isinstance(x, Constant):
        value = constant(x, "what it quantizes").astype(np.float64)
        full, point = (np.broadcast_to(_along(a, _axis(node), value), value.shape) for a in (scale, zero))
        integers = round_quotients(value, full, 0, "HALF_EVEN") + point
        return Constant(np.clip(integers, low, high), type=kind)
    assert x is not None
    if (zero != zero.flat[0]).any():
        raise Reject("its zero point differs along an axis", "use one zero point for an activation")
    return Quantized(node, x, scale, _axis(node), int(zero.flat[0]), low, high)


def clip(x: Quantized | Constant, low: float | None, high: float | None) -> State:
    """Narrow what stands between the two."""
    low, high = -np.inf if low is None else np.ceil(low), np.inf if high is None else np.floor(high)
    if low > high:
        raise Reject(f"its min {low:g} is above its max {high:g}", "order them")
    if isinstance(x, Constant):
        return Constant(np.clip(x.value, low, high).astype(x.value.dtype), type=x.type)
    first, last = int(np.clip(x.low, low, high)), int(np.clip(x.high, low, high))
    return replace(x, low=first, high=last)


def dequantize(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """DequantizeLinear: stored integers, what waited since its QuantizeLinear, or integers that are given."""
    x = inputs[0]
    if any(isinstance(i, Broken) for i in inputs[1:]):
        return Broken()
    if isinstance(x, Constant):
        return _stored(node, x, inputs)
    if isinstance(x, Quantized):
        return _activation(node, x, inputs, compiler)
    if isinstance(x, Broken):
        return _after_refusal(node, inputs, compiler)
    raise Reject("it reads what no QuantizeLinear made", "put a QuantizeLinear before it")


def affine(node: Node, inputs: list[State | None]) -> tuple[np.ndarray, np.ndarray]:
    """Scale and zero point as ``parameter`` takes them, for a DequantizeLinear of integers that are given."""
    x = integers_of(inputs[0])
    like = np.empty((1, *x.shape), np.int8)
    scale, zero = (_along(a, _axis(node), like) for a in (_scale(node, inputs), _zero(inputs)))
    return parameter(x, scale, "its scale"), parameter(x, zero, "its zero point")


def _stored(node: Node, x: Constant, inputs: list[State | None]) -> Constant:
    """Weights and biases."""
    value = constant(x, "what it dequantizes")
    if value.dtype.kind not in "iu":
        raise Reject("it dequantizes stored floats", "store integers")
    scale, zero = (_along(a, _axis(node), value) for a in (_scale(node, inputs), _zero(inputs)))
    integers = value.astype(np.int64) - zero
    if np.abs(integers).max(initial=0) >= LARGEST_STORED:
        raise Reject("it has integers of more than 29 bits", "use fewer bits")
    scale = scale.reshape((1,) * (value.ndim - scale.ndim) + scale.shape)
    return Constant(integers * np.broadcast_to(scale, value.shape), integers, scale)


def _activation(node: Node, x: Quantized, inputs: list[State | None], compiler: Compiler) -> State:
    scale, zero = _scale(node, inputs), _zero(inputs)
    same = np.array_equal(scale.reshape(-1), x.scale.reshape(-1)) and (scale.size == 1 or _axis(node) == x.axis)
    if not same or (zero != x.zero).any():
        raise Reject(f"its scale or zero point is not that of {x.node.title}", "give both the same")
    ends = replace(x.node, outputs=node.outputs)
    low, high = x.low - x.zero, x.high - x.zero
    if isinstance(x.source, Broken):
        return _after_refusal(node, inputs, compiler)
    shape = x.source.shape if isinstance(x.source, FloatInput) else segment_of(x.source).shape
    own = parameter(x.source, _along(x.scale, x.axis, np.empty((1, *shape), np.int8)), "its scale")
    quantizer = Quantizer(own, 0, low, high, "HALF_EVEN")
    if isinstance(x.source, FloatInput):
        return head.start(ends, x.source, quantizer, compiler)
    return compiler.quantize(segment_of(x.source), quantizer, ends)


def _after_refusal(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Go on with the type's own range, to find the reasons behind it too."""
    shape = compiler.model.shapes.get(node.outputs[0], ())
    if len(shape) < 2 or None in shape[1:] or 0 in shape[1:]:
        return Broken()
    frame = tuple(int(d or 0) for d in shape[1:])
    scale = _along(_scale(node, inputs), _axis(node), np.empty((1, *frame), np.int8))
    point = int(_zero(inputs).flat[0])
    low, high = range_of(_type(node, inputs)) or (0, 0)
    own = parameter(FloatInput("", frame, frame), scale, "its scale")
    return head.full_range(node.outputs[0], Quantizer(own, 0, low - point, high - point, "HALF_EVEN"), frame, compiler)


def _axis(node: Node) -> int:
    return int(node.attribute("axis", 1))


def _scale(node: Node, inputs: list[State | None]) -> np.ndarray:
    scale = constant(inputs[1] if len(inputs) > 1 else None, "its scale").astype(np.float64)
    if scale.ndim > 1 or node.attribute("block_size", 0):
        raise Reject("it has a scale for each block", "use one scale, or one along an axis")
    if (scale == 0).any():
        raise Reject("its scale holds a zero", "train it, or set a positive scale")
    return scale


def _zero(inputs: list[State | None]) -> np.ndarray:
    if len(inputs) < 3 or inputs[2] is None:
        return np.zeros((), np.int64)
    zero = constant(inputs[2], "its zero point")
    if (zero != np.round(zero)).any():
        raise Reject("its zero point is no integer", "use an integer zero point, best 0")
    return zero.astype(np.int64)


def _type(node: Node, inputs: list[State | None]) -> str:
    """The element type that QuantizeLinear makes: its zero point's, or its attribute, or uint8."""
    zero = inputs[2] if len(inputs) > 2 else None
    kind = zero.type if isinstance(zero, Constant) else type_name(int(node.attribute("output_dtype", 0) or 2))
    if "int" not in kind:
        raise Reject(f"it quantizes to {kind or 'an unknown type'}", "quantize to int8 or uint8")
    return kind


def _along(values: np.ndarray, axis: int, x: np.ndarray) -> np.ndarray:
    """Numbers along one axis of ``x``, broadcastable to it.

    Raises:
        Reject: their count is not that of the axis.
    """
    if values.size == 1:
        return values.reshape(())
    if not -x.ndim <= axis < x.ndim or x.shape[axis] != values.size:
        raise Reject(f"it has {values.size} scales along the axis {axis} of {x.shape}", "export it consistently")
    return values.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
