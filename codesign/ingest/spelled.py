"""Quantizers in plain ONNX operators, in float32, with their integers as tensors ``NAME/integers``."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

QUANTIZERS = ("Quant", "IntQuant", "BipolarQuant", "Trunc")
Stored = dict[str, np.ndarray]


class Writer:
    """Collects the nodes that stand for one; constants go to ``extra``."""

    def __init__(self, base: str, extra: list[onnx.TensorProto]) -> None:
        self.base, self.extra = base, extra
        self.nodes: list[onnx.NodeProto] = []

    def const(self, value: float | np.ndarray) -> str:
        """Store float32 numbers."""
        name = f"{self.base}/c{len(self.extra)}"
        self.extra.append(numpy_helper.from_array(np.float32(value), name))
        return name

    def op(self, kind: str, *inputs: str, output: str = "", **attributes: int) -> str:
        """Append a node and return its output's name."""
        name = output or f"{self.base}/{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name


def quantizer(node: onnx.NodeProto, stored: Stored, extra: list[onnx.TensorProto]) -> list[onnx.NodeProto]:
    """A QONNX quantizer as Div, Add, clamp, round, Sub, Mul."""
    if node.op_type == "Trunc":
        return _trunc(node, stored, extra)
    base = node.output[0]
    w = Writer(base, extra)
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    integers, scale = f"{base}/integers", node.input[1]
    y = w.op("Div", node.input[0], scale)
    bipolar = node.op_type == "BipolarQuant"
    if not bipolar:
        zero, bits = node.input[2], float(stored[node.input[3]].reshape(-1)[0])
        y = w.op("Add", y, zero)
        bipolar = bits == 1 and bool(attributes.get("signed", 1))
    if bipolar:
        w.op("Where", w.op("Not", w.op("Less", y, w.const(0))), w.const(1), w.const(-1), output=integers)
        w.op("Mul", integers, scale, output=base)
        return w.nodes
    signed, narrow = attributes.get("signed", 1), attributes.get("narrow", 0)
    low = -(2 ** (bits - 1)) + narrow if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
    y = w.op("Max", w.op("Min", y, w.const(high)), w.const(low))
    y = _round(w, y, attributes.get("rounding_mode", b"ROUND").decode().upper())
    w.op("Sub", y, zero, output=integers)
    w.op("Mul", integers, scale, output=base)
    return w.nodes


def _round(w: Writer, y: str, mode: str) -> str:
    direct = {"ROUND": "Round", "HALF_EVEN": "Round", "FLOOR": "Floor", "CEIL": "Ceil"}
    if mode in direct:
        return w.op(direct[mode], y)
    size = w.op("Abs", y)  # the others round the magnitude
    if mode in ("HALF_UP", "HALF_DOWN"):
        size = w.op("Add", size, w.const(0.5 if mode == "HALF_UP" else -0.5))
    size = w.op("Ceil" if mode in ("UP", "HALF_DOWN") else "Floor", size)
    return w.op("Mul", w.op("Sign", y), size)


def _trunc(node: onnx.NodeProto, stored: Stored, extra: list[onnx.TensorProto]) -> list[onnx.NodeProto]:
    """A QONNX Trunc: the integers, divided by a power of two, perhaps clamped, and rounded."""
    base = node.output[0]
    w = Writer(base, extra)
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    x, scale, zero = node.input[:3]
    whole = w.op("Round", w.op("Add", w.op("Div", x, scale), zero))
    mode = attributes.get("rounding_mode", b"FLOOR").decode().upper()
    if len(node.input) == 5:
        dropped = float(stored[node.input[3]].reshape(-1)[0] - stored[node.input[4]].reshape(-1)[0])
        y = _round(w, w.op("Div", whole, w.const(2.0**dropped)), mode)
        w.op("Sub", y, zero, output=f"{base}/integers")
        w.op("Mul", f"{base}/integers", scale, output=base)
        return w.nodes
    made, bits = node.input[4], float(stored[node.input[5]].reshape(-1)[0])
    step = w.const(2 ** np.round(np.log2(stored[made] / stored[scale])))
    signed, narrow = attributes.get("signed", 1), attributes.get("narrow", 0)
    low = -(2 ** (bits - 1)) + narrow if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
    y = _round(w, w.op("Max", w.op("Min", w.op("Div", whole, step), w.const(high)), w.const(low)), mode)
    w.op("Sub", y, w.op("Div", zero, step), output=f"{base}/integers")
    w.op("Mul", f"{base}/integers", made, output=base)
    return w.nodes


def dequantizer(node: onnx.NodeProto, stored: Stored, extra: list[onnx.TensorProto]) -> list[onnx.NodeProto]:
    """A DequantizeLinear as it stands, and its integers beside it."""
    w = Writer(node.output[0], extra)
    w.nodes.append(node)
    x = w.op("Cast", node.input[0], to=TensorProto.FLOAT)
    zero = stored[node.input[2]] if len(node.input) > 2 and node.input[2] else np.zeros(1)
    w.op("Sub", x, w.const(float(zero.reshape(-1)[0])), output=f"{node.output[0]}/integers")
    return w.nodes


def integer_clip(node: onnx.NodeProto, stored: Stored, extra: list[onnx.TensorProto], to: int) -> list[onnx.NodeProto]:
    """A Clip of integers (of type ``to``) in float32: onnxruntime has none for narrow and some wide types."""
    w = Writer(node.output[0], extra)
    y = w.op("Cast", node.input[0], to=TensorProto.FLOAT)
    for kind, place in (("Max", 1), ("Min", 2)):
        if len(node.input) > place and node.input[place]:
            y = w.op(kind, y, w.const(float(stored[node.input[place]].reshape(-1)[0])))
    w.op("Cast", y, output=node.output[0], to=to)
    return w.nodes
