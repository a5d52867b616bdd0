"""What several emitters are made of: zeros around an image, its windows, a constant added, another shape, a part."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from hw.finn.canvas import Canvas, datatype

T = TypeVar("T")
Pads = tuple[tuple[int, int], ...]


def two(values: tuple[T, ...], fill: T) -> tuple[T, T]:
    """One entry for each of FINN's two spatial axes; a 1-D net is H x 1 and a vector 1 x 1."""
    first, second = (*values, fill, fill)[:2]
    return first, second


def zero_pad(canvas: Canvas, owner: str, x: str, pads: Pads, output: str = "") -> str:
    """Put zeros around the image, or return it as it is where there is nothing to add."""
    if not any(p for pair in pads for p in pair):
        return x
    (top, bottom), (left, right) = two(pads, (0, 0))
    _, height, width, channels = canvas.shapes[x]
    shape = (1, height + top + bottom, width + left + right, channels)
    return canvas.node(
        "FMPadding",
        owner,
        [x],
        [canvas.declare(output or f"{owner}_padded", shape, canvas.types[x])],
        {"SIMD": channels},
        ImgDim=(height, width),
        Padding=(top, left, bottom, right),
        NumChannels=channels,
        inputDataType=canvas.types[x],
    )


def windows(
    canvas: Canvas,
    owner: str,
    x: str,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    depthwise: bool,
    output: str = "",
) -> str:
    """Every window of the image in one word; the image itself where a window is one position and none is left out."""
    (kh, kw), (sh, sw), (dh, dw) = two(kernel, 1), two(stride, 1), two(dilation, 1)
    _, height, width, _ = canvas.shapes[x]
    # FINN takes no step longer than the image, from which there is but one window.
    below, sh = (height - dh * (kh - 1) - 1, 1) if sh > height else (0, sh)
    right, sw = (width - dw * (kw - 1) - 1, 1) if sw > width else (0, sw)
    x = crop(canvas, owner, x, (0, below), (0, right), f"{output or owner}_first")
    if (kh, kw) == (sh, sw) == (1, 1):
        return x
    _, height, width, channels = canvas.shapes[x]
    out = ((height - dh * (kh - 1) - 1) // sh + 1, (width - dw * (kw - 1) - 1) // sw + 1)
    return canvas.node(
        "ConvolutionInputGenerator",
        owner,
        [x],
        [canvas.declare(output or f"{owner}_windows", (1, *out, kh * kw * channels), canvas.types[x])],
        {"SIMD": channels},
        ConvKernelDim=(kh, kw),
        IFMChannels=channels,
        IFMDim=(height, width),
        OFMDim=out,
        Stride=(sh, sw),
        Dilation=(dh, dw),
        inputDataType=canvas.types[x],
        outputDataType=canvas.types[x],
        depthwise=int(depthwise),
        is1D=int(1 in (height, width)),
    )


def crop(canvas: Canvas, owner: str, x: str, rows: tuple[int, int], columns: tuple[int, int], output: str) -> str:
    """Leave out rows at the top and the bottom and columns at the left and the right."""
    if not any((*rows, *columns)):
        return x
    _, height, width, channels = canvas.shapes[x]
    shape = (1, height - sum(rows), width - sum(columns), channels)
    return canvas.node(
        "Crop",
        owner,
        [x],
        [canvas.declare(output, shape, canvas.types[x])],
        {"SIMD": channels},
        DataType=canvas.types[x],
        ImgDim=(height, width),
        NumChannels=channels,
        CropNorth=rows[0],
        CropSouth=rows[1],
        CropWest=columns[0],
        CropEast=columns[1],
        numInputVectors=[1],
    )


def shift(canvas: Canvas, owner: str, x: str, amount: int, low: int, high: int, output: str = "") -> str:
    """Add a constant; the sum lies in [low, high]."""
    if amount == 0:
        return x
    name = output or f"{owner}_shifted"
    constant = canvas.parameter(f"{name}_amount", np.array([amount]), datatype(amount, amount))
    return canvas.elementwise("Add", owner, x, constant, canvas.declare(name, canvas.shapes[x], datatype(low, high)))


def reshape(canvas: Canvas, owner: str, x: str, shape: tuple[int, ...], output: str) -> str:
    """Give the same words in the same order another of FINN's shapes; nothing where it has it already."""
    if shape == canvas.shapes[x]:
        return x
    return canvas.node(
        "Reshape",
        owner,
        [x],
        [canvas.declare(output, shape, canvas.types[x])],
        {"PE": int(np.gcd(shape[-1], canvas.shapes[x][-1]))},
        inp_shape=canvas.shapes[x],
        out_shape=shape,
        dtype=canvas.types[x],
    )
