"""Pads, strides and windows as ONNX's attributes tell them."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph.windows import Windows
from codesign.ingest.file.model import Node

Shape = tuple[int, ...]


def numbers(node: Node, name: str, rank: int, default: int = 1) -> Shape:
    """An attribute with one integer for each spatial axis.

    Raises:
        Reject: it has another number of them.
    """
    stored = tuple(int(n) for n in node.attribute(name, [default] * rank))
    if len(stored) != rank:
        raise Reject(f"its {name} are {list(stored)}, for {rank} spatial axes", "export the model again")
    return stored


def pads_of(node: Node, spatial: Shape, kernel: Shape, stride: Shape, dilation: Shape) -> list[tuple[int, int]]:
    """(before, after) of each axis.

    Raises:
        Reject: a pad is negative.
    """
    rank, auto = len(kernel), node.attribute("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        pads = []
        for n, k, s, d in zip(spatial, kernel, stride, dilation, strict=True):
            total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            small, large = total // 2, total - total // 2
            pads.append((small, large) if auto == "SAME_UPPER" else (large, small))
        return pads
    flat = [int(p) for p in node.attribute("pads", [0] * 2 * rank)] if auto == "NOTSET" else [0] * 2 * rank
    if min(flat) < 0:
        raise Reject(f"its pads are {flat}", "use pads of zero or more")
    return list(zip(flat[:rank], flat[rank:], strict=True))


def windows_of(node: Node, spatial: Shape) -> tuple[Windows, bool]:
    """The windows of a pooling node over ``spatial``; and whether ceil_mode has added positions behind the pads.

    Raises:
        Reject: no window fits, or the attributes do not fit the frame.
    """
    rank = len(spatial)
    kernel = numbers(node, "kernel_shape", rank)
    stride, dilation = numbers(node, "strides", rank), numbers(node, "dilations", rank)
    pads = pads_of(node, spatial, kernel, stride, dilation)
    windows = Windows(kernel, stride, tuple(pads), dilation)
    if any(n + a + b < span for n, (a, b), span in zip(spatial, pads, windows.span, strict=True)):
        raise Reject(f"its window {kernel} is larger than its input {spatial}", "shrink the window, or pad")
    if not node.attribute("ceil_mode", 0):
        return windows, False
    added = False
    for axis, (n, (before, after), span, step) in enumerate(zip(spatial, pads, windows.span, stride, strict=True)):
        count = -(-(n + before + after - span) // step) + 1
        if (count - 1) * step >= n + before:  # the last window must begin on the frame or the pads before it
            count -= 1
        need = max((count - 1) * step + span - n - before, 0)
        added |= need > after
        pads[axis] = (before, max(need, 0))
    return Windows(kernel, stride, tuple(pads), dilation), added
