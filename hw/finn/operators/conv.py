"""Conv: FMPadding, ConvolutionInputGenerator, then MVAU (VVAU or a product for a kernel a channel)."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.graph import Conv
from hw.finn.canvas import Canvas, datatype
from hw.finn.operators.matmul import emit_mvau
from hw.finn.registry import emits
from hw.finn.windows import Pads, two, windows, zero_pad


@emits(Conv)
def emit_conv(op: Conv, canvas: Canvas) -> str:
    """Emit a convolution of rank 1 (as H x 1) or 2."""
    return emit_convolution(
        op.output, canvas.read(op.inputs[0]), op.weights, op.groups, op.stride, op.pads, op.dilation, canvas
    )


def emit_convolution(
    output: str,
    x: str,
    weights: np.ndarray,
    groups: int,
    stride: tuple[int, ...],
    pads: Pads,
    dilation: tuple[int, ...],
    canvas: Canvas,
) -> str:
    """Emit the convolution of FINN's ``x`` with ``weights`` [O, *kernel, I / groups]: the graph's ``output``."""
    outputs, per_group = weights.shape[0], weights.shape[-1]
    depthwise = per_group == 1 and groups == outputs > 1
    x = zero_pad(canvas, output, x, pads)
    x = windows(canvas, output, x, weights.shape[1:-1], stride, dilation, depthwise)
    if depthwise and weights.size == outputs:  # a product; FINN folds no VVAU of one tap behind a model's input
        product = canvas.output(output)
        factors = weights.reshape(outputs) * canvas.sign(output)
        kind = datatype(int(factors.min()), int(factors.max()))
        return canvas.elementwise("Mul", output, x, canvas.parameter(f"{output}_weights", factors, kind), product)
    if depthwise:
        return _vvau(output, x, weights, canvas)
    return emit_mvau(output, x, dense(weights, groups).reshape(outputs, -1), canvas)


def dense(weights: np.ndarray, groups: int) -> np.ndarray:
    """Weights [O, *kernel, I] with zeros between the groups, from [O, *kernel, I / groups]."""
    if groups == 1:
        return weights
    outputs, per_group = weights.shape[0], weights.shape[-1]
    wide = np.zeros((*weights.shape[:-1], groups * per_group), weights.dtype)
    for g in range(groups):
        rows = slice(g * outputs // groups, (g + 1) * outputs // groups)
        wide[rows, ..., g * per_group : (g + 1) * per_group] = weights[rows]
    return wide


def _vvau(output: str, x: str, weights: np.ndarray, canvas: Canvas) -> str:
    kernel = two(weights.shape[1:-1], 1)
    channels = weights.shape[0]
    stored = weights.reshape(channels, 1, *kernel) * canvas.sign(output).reshape(-1, 1, 1, 1)
    weight_type = datatype(int(stored.min()), int(stored.max()), signed=True)
    y = canvas.output(output)
    return canvas.node(
        "VVAU",
        output,
        [x, canvas.parameter(f"{output}_weights", stored, weight_type)],
        [y],
        {"PE": channels, "SIMD": prod(kernel)},
        Channels=channels,
        Kernel=kernel,
        Dim=canvas.shapes[y][1:3],
        inputDataType=canvas.types[x],
        weightDataType=weight_type,
        outputDataType=canvas.types[y],
        accDataType=canvas.types[y],
        noActivation=1,
    )
