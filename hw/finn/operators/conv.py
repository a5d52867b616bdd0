"""Conv: FMPadding, ConvolutionInputGenerator, then MVAU (VVAU where each channel has a kernel of its own)."""

from __future__ import annotations

from math import prod
from typing import TypeVar

import numpy as np

from codesign.graph import Conv
from hw.finn.canvas import Canvas, datatype, nhwc
from hw.finn.operators.matmul import emit_mvau
from hw.finn.registry import emits

T = TypeVar("T")


@emits(Conv)
def emit_conv(op: Conv, canvas: Canvas) -> str:
    """Emit a convolution of rank 1 (as H x 1) or 2."""
    x = _pad(op, canvas, canvas.read(op.inputs[0]))
    outputs, per_group = op.weights.shape[0], op.weights.shape[-1]
    depthwise = per_group == 1 and op.groups == outputs > 1
    x = _window(op, canvas, x, depthwise)
    if depthwise:
        return _vvau(op, canvas, x)
    return emit_mvau(op.output, x, dense(op.weights, op.groups).reshape(outputs, -1), canvas)


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


def _two(values: tuple[T, ...], fill: T) -> tuple[T, T]:
    return values[0], values[1] if len(values) > 1 else fill


def _pad(op: Conv, canvas: Canvas, x: str) -> str:
    if not op.padded:
        return x
    (top, bottom), (left, right) = _two(op.pads, (0, 0))
    _, height, width, channels = canvas.shapes[x]
    shape = (1, height + top + bottom, width + left + right, channels)
    return canvas.node(
        "FMPadding",
        op.output,
        [x],
        [canvas.declare(f"{op.output}_padded", shape, canvas.types[x])],
        {"SIMD": channels},
        ImgDim=(height, width),
        Padding=(top, left, bottom, right),
        NumChannels=channels,
        inputDataType=canvas.types[x],
    )


def _window(op: Conv, canvas: Canvas, x: str, depthwise: bool) -> str:
    kernel, stride, dilation = _two(op.kernel, 1), _two(op.stride, 1), _two(op.dilation, 1)
    if kernel == (1, 1) and stride == (1, 1):
        return x
    _, height, width, channels = canvas.shapes[x]
    out = nhwc(canvas.graph.tensors[op.output].shape)[1:3]
    shape = (1, *out, kernel[0] * kernel[1] * channels)
    return canvas.node(
        "ConvolutionInputGenerator",
        op.output,
        [x],
        [canvas.declare(f"{op.output}_windows", shape, canvas.types[x])],
        {"SIMD": channels},
        ConvKernelDim=kernel,
        IFMChannels=channels,
        IFMDim=(height, width),
        OFMDim=out,
        Stride=stride,
        Dilation=dilation,
        inputDataType=canvas.types[x],
        outputDataType=canvas.types[x],
        depthwise=int(depthwise),
        is1D=int(1 in (height, width)),
    )


def _vvau(op: Conv, canvas: Canvas, x: str) -> str:
    kernel = _two(op.kernel, 1)
    channels = op.weights.shape[0]
    weights = op.weights.reshape(channels, 1, *kernel) * canvas.sign(op.output).reshape(-1, 1, 1, 1)
    weight_type = datatype(int(weights.min()), int(weights.max()), signed=True)
    y = canvas.output(op.output)
    return canvas.node(
        "VVAU",
        op.output,
        [x, canvas.parameter(f"{op.output}_weights", weights, weight_type)],
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
