"""ConvTranspose: FMPadding_Pixel puts zeros between the inputs; then a convolution with the kernel turned round."""

from __future__ import annotations

import numpy as np

from codesign.errors import Reject
from codesign.graph.operators.conv_transpose import ConvTranspose
from hw.finn.canvas import Canvas
from hw.finn.operators.conv import emit_convolution
from hw.finn.registry import emits
from hw.finn.windows import two


@emits(ConvTranspose)
def emit_conv_transpose(op: ConvTranspose, canvas: Canvas) -> str:
    """Emit a transposed convolution of rank 1 or 2."""
    spans = [d * (k - 1) for d, k in zip(op.dilation, op.kernel, strict=True)]
    axes = zip(spans, op.pads, op.output_padding, strict=True)
    pads = tuple((span - before, span - after + more) for span, (before, after), more in axes)
    if min(p for pair in pads for p in pair) < 0:
        raise Reject(
            f"its pads {op.pads} cut off more than its kernel {op.kernel} adds, which FINN's FMPadding cannot",
            "cut off less, or slice afterwards",
        )
    turned = np.flip(op.weights, tuple(range(1, op.weights.ndim - 1)))
    ones = (1,) * len(op.stride)
    return emit_convolution(op.output, _spread(op, canvas), turned, op.groups, ones, pads, op.dilation, canvas)


def _spread(op: ConvTranspose, canvas: Canvas) -> str:
    """The input with stride - 1 zeros between every two positions."""
    x, stride = canvas.read(op.inputs[0]), two(op.stride, 1)
    if stride == (1, 1):
        return x
    _, height, width, channels = canvas.shapes[x]
    shape = (1, (height - 1) * stride[0] + 1, (width - 1) * stride[1] + 1, channels)
    return canvas.node(
        "FMPadding_Pixel",
        op.output,
        [x],
        [canvas.declare(f"{op.output}_spread", shape, canvas.types[x])],
        {"SIMD": channels},
        ImgDim=(height, width),
        Stride=stride,
        NumChannels=channels,
        inputDataType=canvas.types[x],
    )
