"""What has no exact integer form here, and must be refused with node, reason and remedy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from codesign.fuzz.layers.base import Draft, Live, layer, need

KINDS = ("softmax", "float_weights", "fractional_zero", "uncounted_pads", "linear_resize", "smallest", "float_matrix",
         "unquantized", "normalization")  # fmt: skip


@layer("illegal")
def illegal(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=MAKERS[p["kind"]](net, x), scale=0.0)


def is_illegal(spec: dict[str, Any]) -> bool:
    return bool(spec["op"] == "illegal")


def _softmax(net: Draft, x: Live) -> str:
    need(x.shape[0] > 1, "one channel")
    return net.quant(net.op("Softmax", x.name, axis=1), 0.1, 4)


def _float_weights(net: Draft, x: Live) -> str:
    need(x.rank > 0, "no positions")
    w = np.random.default_rng(1).standard_normal((x.shape[0], x.shape[0], *(1 for _ in x.shape[1:])))
    return net.quant(net.op("Conv", x.name, net.const(w)), 0.1, 4)


def _fractional_zero(net: Draft, x: Live) -> str:
    return net.quant(x.name, 0.1, 4, zero=0.5)


def _uncounted_pads(net: Draft, x: Live) -> str:
    need(x.rank > 0 and min(x.shape[1:]) > 2, "too few positions")
    rank = x.rank
    return net.op("AveragePool", x.name, kernel_shape=[3] * rank, pads=[1] * 2 * rank)


def _linear_resize(net: Draft, x: Live) -> str:
    need(x.rank > 0 and min(x.shape[1:]) > 1, "too few positions")
    made = net.op("Resize", x.name, "", net.const([1, 1, *(2 for _ in x.shape[1:])]), mode="linear")
    return net.op("Slice", made, *(net.const([v], np.int64) for v in (0, x.shape[1], 2)))


def _smallest(net: Draft, x: Live) -> str:
    return net.shared("TopK", x.name, net.const([x.shape[0]], np.int64), outputs=2, key="all", axis=1, largest=0)[0]


def _float_matrix(net: Draft, x: Live) -> str:
    w = np.random.default_rng(2).standard_normal((x.shape[-1], x.shape[-1]))
    return net.quant(net.op("MatMul", x.name, net.const(w)), 0.1, 4)


def _unquantized(net: Draft, x: Live) -> str:
    need(x.rank > 0, "no positions")
    ones = [1 for _ in x.shape[1:]]
    w = net.weights(np.random.default_rng(3).standard_normal((x.shape[0], x.shape[0], *ones)))
    return net.quant(net.op("Conv", net.op("Tanh", net.op("Add", x.name, net.const(0.3))), w), 0.1, 4)


def _normalization(net: Draft, x: Live) -> str:
    need(x.rank > 0, "no positions")
    stored = [net.const(np.full(x.shape[0], v)) for v in (1.0, 0.2)]
    return net.quant(net.op("InstanceNormalization", x.name, *stored), 0.1, 4)


MAKERS = {
    "softmax": _softmax, "float_weights": _float_weights, "fractional_zero": _fractional_zero,
    "uncounted_pads": _uncounted_pads, "linear_resize": _linear_resize, "smallest": _smallest,
    "float_matrix": _float_matrix, "unquantized": _unquantized, "normalization": _normalization,
}  # fmt: skip
