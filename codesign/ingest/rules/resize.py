"""Resize and Upsample to the nearest: an index along each axis, as ONNX defines it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged
from codesign.ingest.operands import constant
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

HALF = Fraction(1, 2)
NEAREST = {
    "round_prefer_floor": lambda x: ceil(x - HALF),
    "round_prefer_ceil": lambda x: floor(x + HALF),
    "floor": floor,
    "ceil": ceil,
}


@rule("Resize", "Upsample")
def resize(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Each position of the result takes one of the input's."""
    mode = node.attribute("mode", "nearest")

    def resized(x: np.ndarray) -> np.ndarray:
        sizes = _sizes(node, inputs, x.shape)
        if mode != "nearest" and any(n != old for old, (n, _) in zip(x.shape, sizes, strict=True)):
            raise Reject(
                f"its mode is {mode}, which computes new values",
                "use mode 'nearest', or a transposed convolution with quantized weights",
            )
        for axis, (size, scale) in enumerate(sizes):
            if size != x.shape[axis]:
                x = x.take(_index(node, x.shape[axis], size, scale), axis)
        return x

    return rearranged(inputs[0], resized)


def _sizes(node: Node, inputs: list[State | None], shape: tuple[int, ...]) -> list[tuple[int, Fraction]]:
    """(size, scale) of every axis."""
    second = 1 if node.op == "Upsample" or len(inputs) == 2 else 2
    scales = node.attribute("scales")
    given = inputs[second] if len(inputs) > second else None
    if isinstance(given, Constant) and not given.value.size:
        given = None
    if given is not None:
        scales = constant(given, "its scales").reshape(-1).tolist()
    axes = [int(a) % len(shape) for a in node.attribute("axes", range(len(shape)))]
    result = [(n, Fraction(1)) for n in shape]
    if scales:
        for axis, scale in zip(axes, scales, strict=True):
            size = int(np.floor(np.float32(shape[axis]) * np.float32(scale)))
            # A stored 1/3 is meant as what it makes of the size.
            ratio = Fraction(size, shape[axis])
            near = np.float32(float(ratio)) == np.float32(scale)
            result[axis] = (size, ratio if near else Fraction(float(np.float32(scale))))
        return result
    if node.attribute("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise Reject(
            f"its keep_aspect_ratio_policy is {node.attribute('keep_aspect_ratio_policy')}", "give it scales instead"
        )
    sizes = constant(inputs[3] if len(inputs) > 3 else None, "its scales or sizes").reshape(-1).tolist()
    for axis, size in zip(axes, sizes, strict=True):
        result[axis] = (int(size), Fraction(int(size), shape[axis]))
    return result


def _index(node: Node, length: int, size: int, scale: Fraction) -> list[int]:
    """Which position of the input each of the result's ``size`` takes."""
    transform = node.attribute("coordinate_transformation_mode", "half_pixel")
    nearest = node.attribute("nearest_mode", "round_prefer_floor")
    if node.op == "Upsample" or len(node.inputs) == 2:  # before opset 11, which put a region of interest second
        transform, nearest = "asymmetric", "floor"
        if scale < 1 and (1 / scale).denominator != 1:
            raise Reject(
                f"it makes {size} of {length} positions, and before opset 11 ONNX leaves open which",
                "export with opset 11 or later",
            )
    whole = length * scale

    def original(p: int) -> Fraction:
        if transform == "asymmetric":
            return p / scale
        if transform == "align_corners":
            return Fraction(p * (length - 1), size - 1) if size > 1 else Fraction(0)
        if transform == "pytorch_half_pixel" and size == 1:
            return Fraction(0)
        centre = (p + HALF) / scale - HALF
        if transform == "half_pixel_symmetric":
            return Fraction(length, 2) * (1 - size / whole) + centre
        return centre

    known = ("asymmetric", "align_corners", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric")
    if transform not in known or nearest not in NEAREST:
        raise Reject(f"its coordinates are {transform}, {nearest}", f"use one of {', '.join(known)}")
    return [min(max(NEAREST[nearest](original(p)), 0), length - 1) for p in range(size)]
