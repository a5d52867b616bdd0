"""An executor of QONNX in float64: the witness that the compiler is held to. It shares no arithmetic with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from codesign.errors import UserError
from codesign.ingest.model import parse

Arrays = list[Any]
Attributes = dict[str, Any]

ROUND: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ROUND": np.rint,
    "HALF_EVEN": np.rint,
    "FLOOR": np.floor,
    "CEIL": np.ceil,
    "DOWN": np.trunc,
    "ROUND_TO_ZERO": np.trunc,
    "UP": lambda y: np.sign(y) * np.ceil(np.abs(y)),
    "HALF_UP": lambda y: np.sign(y) * np.floor(np.abs(y) + 0.5),
    "HALF_DOWN": lambda y: np.sign(y) * np.ceil(np.abs(y) - 0.5),
}


class Network:
    """A QONNX model that runs in float64, many frames at once."""

    def __init__(self, path: Path) -> None:
        proto = parse(path)
        self.nodes = list(proto.graph.node)
        self.stored = {t.name: _wide(numpy_helper.to_array(t)) for t in proto.graph.initializer}
        self.input = next(i.name for i in proto.graph.input if i.name not in self.stored)
        self.output = proto.graph.output[0].name

    def run(self, x: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Run frames ``x`` [N, ...].

        Returns:
            the integers of every quantizer that depends on the input (int64, the model's layout, zero point
            subtracted) by the name of its output, and the model's output (float64).

        Raises:
            UserError: an operator that this executor does not know.
        """
        values: dict[str, Any] = {**self.stored, self.input: np.asarray(x, np.float64)}
        moving, integers = {self.input}, {}
        for node in self.nodes:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            operands = [values[i] if i else None for i in node.input]
            if node.op_type in ("Quant", "IntQuant", "BipolarQuant"):
                y, scale = _quant(operands, attributes, node.op_type == "BipolarQuant")
                result = y * scale
                if node.input[0] in moving:
                    integers[node.output[0]] = y.astype(np.int64)
            elif node.op_type in _EVALUATE:
                result = _EVALUATE[node.op_type](operands, attributes)
            else:
                raise UserError(f"{node.op_type} '{node.name}': the float64 executor does not know this operator.")
            values[node.output[0]] = result
            if moving & set(node.input):
                moving.add(node.output[0])
        return integers, values[self.output]


def _wide(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float64) if value.dtype.kind == "f" else value


def _quant(v: Arrays, a: Attributes, bipolar: bool) -> tuple[np.ndarray, np.ndarray]:
    """(integers as float64, scale)."""
    scaled = v[0] / v[1]
    if bipolar:
        return np.where(scaled >= 0, 1.0, -1.0), v[1]
    zero, bits, signed = v[2], float(v[3].reshape(-1)[0]), a.get("signed", 1)
    if bits == 1 and signed:
        return np.where(scaled + zero >= 0, 1.0, -1.0), v[1]
    low = (-(2 ** (bits - 1)) + a.get("narrow", 0)) if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - a.get("narrow", 0)
    mode = a.get("rounding_mode", b"ROUND").decode().upper()
    return ROUND[mode](np.clip(scaled + zero, low, high)) - zero, v[1]


def _conv(v: Arrays, a: Attributes) -> np.ndarray:
    x, w = v[0], v[1]
    rank = x.ndim - 2
    groups, pads = a.get("group", 1), a.get("pads", [0] * 2 * rank)
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    if a.get("auto_pad", b"NOTSET") in (b"SAME_UPPER", b"SAME_LOWER"):
        total = [
            max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations, strict=True)
        ]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if a["auto_pad"] == b"SAME_UPPER" else large + small
    x = np.pad(x, [(0, 0), (0, 0), *((pads[i], pads[rank + i]) for i in range(rank))])
    size = [
        (n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], w.shape[2:], strides, dilations, strict=True)
    ]
    y = np.zeros((len(x), w.shape[0], *size))
    out, into = w.shape[0] // groups, w.shape[1]
    for tap in np.ndindex(*w.shape[2:]):
        cut = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(tap, dilations, size, strides, strict=True)
        )
        part = x[(slice(None), slice(None), *cut)].reshape(len(x), x.shape[1], -1)
        for g in range(groups):
            product = w[(slice(g * out, (g + 1) * out), slice(None), *tap)] @ part[:, g * into : (g + 1) * into]
            y[:, g * out : (g + 1) * out] += product.reshape(len(x), out, *size)
    return y if len(v) < 3 or v[2] is None else y + v[2].reshape(1, -1, *[1] * rank)


def _gemm(v: Arrays, a: Attributes) -> np.ndarray:
    y = a.get("alpha", 1.0) * (v[0] @ (v[1].T if a.get("transB", 0) else v[1]))
    return y if len(v) < 3 or v[2] is None else y + a.get("beta", 1.0) * v[2]


def _batch_normalization(v: Arrays, a: Attributes) -> np.ndarray:
    gamma, beta, mean, variance = (p.reshape(1, -1, *[1] * (v[0].ndim - 2)) for p in v[1:5])
    epsilon = a.get("epsilon", float(np.float32(1e-5)))
    return (v[0] - mean) / np.sqrt(variance + epsilon) * gamma + beta


def _pad(v: Arrays, a: Attributes) -> np.ndarray:
    pads = a["pads"] if "pads" in a else v[1].tolist()
    value = float(v[2]) if len(v) > 2 and v[2] is not None else a.get("value", 0.0)
    rank = v[0].ndim
    return np.pad(v[0], [(int(pads[i]), int(pads[rank + i])) for i in range(rank)], constant_values=value)


def _clip(v: Arrays, a: Attributes) -> np.ndarray:
    low, high = (v[i] if len(v) > i and v[i] is not None else a.get(n) for i, n in ((1, "min"), (2, "max")))
    return np.clip(v[0], -np.inf if low is None else low, np.inf if high is None else high)


def _reduce_mean(v: Arrays, a: Attributes) -> np.ndarray:
    axes = v[1].tolist() if len(v) > 1 and v[1] is not None else a["axes"]
    return v[0].mean(tuple(int(i) for i in axes), keepdims=bool(a.get("keepdims", 1)))


def _reshape(v: Arrays, a: Attributes) -> np.ndarray:
    """A stored batch of 1 stands for the batch at hand."""
    shape = [int(n) for n in v[1].reshape(-1)]
    first = v[0].shape[0] if shape[0] in (0, 1, -1) else shape[0]
    return v[0].reshape(first, *(v[0].shape[i] if n == 0 else n for i, n in enumerate(shape[1:], 1)))


def _axes(v: Arrays, a: Attributes) -> tuple[int, ...]:
    stored = v[1].reshape(-1).tolist() if len(v) > 1 and v[1] is not None else a.get("axes")
    return tuple(int(i) for i in stored) if stored else tuple(i for i, n in enumerate(v[0].shape) if i and n == 1)


def _constant(v: Arrays, a: Attributes) -> np.ndarray:
    if "value" in a:
        return _wide(numpy_helper.to_array(a["value"]))
    return np.asarray(next(iter(a.values())))


_EVALUATE: dict[str, Callable[[Arrays, Attributes], np.ndarray]] = {
    "Add": lambda v, a: v[0] + v[1],
    "Sub": lambda v, a: v[0] - v[1],
    "Mul": lambda v, a: v[0] * v[1],
    "Div": lambda v, a: v[0] / v[1],
    "Relu": lambda v, a: np.maximum(v[0], 0),
    "Clip": _clip,
    "BatchNormalization": _batch_normalization,
    "Conv": _conv,
    "Gemm": _gemm,
    "MatMul": lambda v, a: v[0] @ v[1],
    "Pad": _pad,
    "GlobalAveragePool": lambda v, a: v[0].mean(tuple(range(2, v[0].ndim)), keepdims=True),
    "ReduceMean": _reduce_mean,
    "Reshape": _reshape,
    "Flatten": lambda v, a: v[0].reshape(int(np.prod(v[0].shape[: a.get("axis", 1)])), -1),
    "Squeeze": lambda v, a: np.squeeze(v[0], _axes(v, a)),
    "Unsqueeze": lambda v, a: np.expand_dims(v[0], _axes(v, a)),
    "Transpose": lambda v, a: np.transpose(v[0], a.get("perm")),
    "Identity": lambda v, a: v[0],
    "Dropout": lambda v, a: v[0],
    "Constant": _constant,
}
