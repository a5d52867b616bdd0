"""Quant, IntQuant, BipolarQuant: on weights, on the model's input, and at the end of a segment."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.boundary import head
from codesign.ingest.file.model import Node
from codesign.ingest.file.qcdq import LARGEST_STORED
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.functions.rounding import BOUNDARIES, SYNONYMS, round_quotients
from codesign.ingest.operands import constant, parameter, segment_of
from codesign.ingest.rules import rule
from codesign.ingest.state import Broken, Constant, FloatInput, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Quant", "IntQuant", "BipolarQuant", takes_broken=True)
def quant(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Quantize weights, start the graph, or end a segment."""
    needed = 2 if node.op == "BipolarQuant" else 4
    if len(inputs) != needed or None in inputs:
        raise Reject(f"it has {len(inputs)} inputs, not {needed}", "export the model again")
    x = inputs[0]
    if any(isinstance(i, Broken) for i in inputs[1:]):
        return Broken()
    if isinstance(x, Constant):
        constant(x, "what it quantizes")
        return _weights(x, _parameters(node, inputs))
    if isinstance(x, Broken):
        return _after_refusal(node, inputs, compiler)
    quantizer = _parameters(node, inputs, x)
    if isinstance(x, FloatInput):
        return head.start(node, x, quantizer, compiler)
    return compiler.quantize(segment_of(x), quantizer, node)


def _parameters(node: Node, inputs: list[State | None], x: State | None = None) -> Quantizer:
    """Read and check a quantizer's parameters; its scale is per channel of what ``x`` comes from, or as stored."""
    scale = constant(inputs[1], "its scale").astype(np.float64)
    if (scale == 0).any():
        raise Reject("its scale holds a zero", "train it, or set a positive scale")
    if x is not None:
        scale = parameter(x, scale, "its scale")
    if node.op == "BipolarQuant":
        if (scale < 0).any():
            raise Reject("its scale is negative", "use a positive scale")
        return Quantizer(scale, 0, -1, 1, "FLOOR", bipolar=True)
    zero, bits = constant(inputs[2], "its zero point"), constant(inputs[3], "its bit width")
    if (zero != np.round(zero)).any() or (zero != zero.flat[0]).any():
        raise Reject(f"its zero point is {_show(zero)}, not one integer", "use an integer zero point, best 0")
    if bits.size != 1 or bits != np.round(bits) or not 1 <= int(bits.flat[0]) <= 32:
        raise Reject(f"its bit width is {_show(bits)}, not one integer from 1 to 32", "use one bit width")
    mode = str(node.attribute("rounding_mode", "ROUND")).upper()
    mode = SYNONYMS.get(mode, mode)
    if mode not in BOUNDARIES:
        raise Reject(f"its rounding mode is {mode}", f"use one of {', '.join(sorted([*BOUNDARIES, 'ROUND']))}")
    flags = {n: node.attribute(n, 0) for n in ("signed", "narrow")}
    if any(v not in (0, 1) for v in flags.values()):
        raise Reject(f"its attributes are {flags}", "set each to 0 or 1")
    signed, narrow = bool(node.attribute("signed", 1)), bool(node.attribute("narrow", 0))
    width, point = int(bits.flat[0]), int(zero.flat[0])
    if width == 1 and signed:  # as QONNX executes it: two values, no zero
        if point or (scale < 0).any():
            raise Reject("a bipolar quantizer with a zero point or a negative scale", "use 0 and a positive scale")
        return Quantizer(scale, 0, -1, 1, mode, bipolar=True)
    low = -(2 ** (width - 1)) + narrow if signed else 0
    high = 2 ** (width - 1) - 1 if signed else 2**width - 1 - narrow
    return Quantizer(scale, point, low, high, mode)


def _weights(x: Constant, quantizer: Quantizer) -> Constant:
    scale = quantizer.scale.reshape((1,) * (x.value.ndim - quantizer.scale.ndim) + quantizer.scale.shape)
    if scale.ndim != x.value.ndim or any(a not in (1, b) for a, b in zip(scale.shape, x.value.shape, strict=True)):
        raise Reject(f"its scale {quantizer.scale.shape} does not fit {x.value.shape}", "export the model again")
    full = np.broadcast_to(scale, x.value.shape)
    if quantizer.bipolar:
        integers = np.where(x.value >= 0, 1, -1)
    else:
        integers = round_quotients(x.value.astype(np.float64), full, quantizer.zero, quantizer.rounding)
        integers = np.clip(integers, quantizer.low, quantizer.high) - quantizer.zero
    if np.abs(integers).max(initial=0) >= LARGEST_STORED:
        raise Reject("it has integers of more than 29 bits", "use fewer bits")
    return Constant(integers * full, integers, scale)


def _after_refusal(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Go on with the quantizer's own range, to find the reasons behind it too."""
    shape = compiler.model.shapes.get(node.outputs[0], ())
    if len(shape) < 2 or None in shape[1:]:
        _parameters(node, inputs)
        return Broken()
    frame = tuple(int(d or 0) for d in shape[1:])
    if prod(frame) == 0:
        return Broken()
    return head.full_range(node.outputs[0], _parameters(node, inputs, FloatInput("", frame, frame)), frame, compiler)


def _show(values: np.ndarray) -> str:
    flat = [f"{v:g}" for v in values.reshape(-1)[:4]]
    return ", ".join(flat) + (", ..." if values.size > 4 else "")
