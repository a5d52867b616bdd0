"""What moves values and computes nothing."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from codesign.fuzz.layers.base import Draft, Live, layer, need


@layer("flatten")
def flatten(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    return replace(x, name=net.op("Flatten", x.name, axis=1), shape=(prod(x.shape),))


@layer("reshape")
def reshape(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(prod(p["to"]) == prod(x.shape), "another size")
    return replace(x, name=net.op("Reshape", x.name, net.const([1, *p["to"]], np.int64)), shape=tuple(p["to"]))


@layer("unsqueeze", "squeeze")
def squeeze(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """An axis of length 1 comes or goes."""
    (x,) = inputs
    axis, shape = p["axis"], list(x.shape)
    if p["op"] == "unsqueeze":
        need(axis <= len(shape) < 4, "no such axis")
        shape.insert(axis, 1)
    else:
        need(axis < len(shape) > 1 and shape[axis] == 1, "no axis of length 1")
        del shape[axis]
    made = net.op(p["op"].capitalize(), x.name, net.const([axis + 1], np.int64))
    return replace(x, name=made, shape=tuple(shape))


@layer("upsample")
def upsample(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(x.rank == len(p["factors"]) > 0, "another rank")
    scales = net.const([1, 1, *p["factors"]])
    made = net.op("Resize", x.name, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
                  nearest_mode="floor")  # fmt: skip
    return replace(x, name=made, shape=(x.shape[0], *(n * f for n, f in zip(x.shape[1:], p["factors"], strict=True))))


@layer("tile")
def tile(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(len(p["repeats"]) == len(x.shape), "another rank")
    made = net.op("Tile", x.name, net.const([1, *p["repeats"]], np.int64))
    return replace(x, name=made, shape=tuple(n * r for n, r in zip(x.shape, p["repeats"], strict=True)))


@layer("expand")
def expand(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(p["axis"] < len(x.shape) and x.shape[p["axis"]] == 1, "no axis of length 1")
    shape = tuple(p["size"] if i == p["axis"] else n for i, n in enumerate(x.shape))
    return replace(x, name=net.op("Expand", x.name, net.const([1, *shape], np.int64)), shape=shape)


@layer("slice")
def cut(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(p["axis"] < len(x.shape) and p["start"] < p["stop"] <= x.shape[p["axis"]], "outside")
    ends = [net.const([v], np.int64) for v in (p["start"], p["stop"], p["axis"] + 1, p["step"])]
    size = (p["stop"] - p["start"] - 1) // p["step"] + 1
    shape = tuple(size if i == p["axis"] else n for i, n in enumerate(x.shape))
    return replace(x, name=net.op("Slice", x.name, *ends), shape=shape)


@layer("split")
def split(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """One output of a Split; layers of the same input and sizes are outputs of one node."""
    (x,) = inputs
    axis, sizes = p["axis"], p["sizes"]
    need(axis < len(x.shape) and sum(sizes) == x.shape[axis] and p["part"] < len(sizes), "sizes do not fit")
    key = ("of", axis, tuple(sizes))
    names = net.shared("Split", x.name, net.const(sizes, np.int64), outputs=len(sizes), key=key, axis=axis + 1)
    shape = tuple(sizes[p["part"]] if i == axis else n for i, n in enumerate(x.shape))
    return replace(x, name=names[p["part"]], shape=shape)


@layer("gather")
def gather(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    need(p["axis"] < len(x.shape), "no such axis")
    size = x.shape[p["axis"]]
    need(all(-size <= i < size for i in p["indices"]), "outside")
    made = net.op("Gather", x.name, net.const(p["indices"], np.int64), axis=p["axis"] + 1)
    shape = tuple(len(p["indices"]) if i == p["axis"] else n for i, n in enumerate(x.shape))
    return replace(x, name=made, shape=shape)


@layer("pad")
def pad(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """``mode``: edge, reflect, or constant, of the integer ``level``."""
    (x,) = inputs
    rank, pads = x.rank, p["pads"]
    need(rank > 0 and len(pads) == 2 * rank, "another rank")
    scale = np.float32(x.scale)
    need(p["level"] == 0 or float(np.float32(p["level"]) * scale) == p["level"] * float(scale) != 0, "no integer")
    pairs = list(zip(pads[:rank], pads[rank:], strict=True))
    shape = tuple(n + a + b for n, (a, b) in zip(x.shape[1:], pairs, strict=True))
    if p["mode"] == "reflect":
        need(all(max(q) < n for n, q in zip(x.shape[1:], pairs, strict=True)), "more than there is")
    ends = net.const([0, 0, *pads[:rank], 0, 0, *pads[rank:]], np.int64)
    value = [net.const(np.float32(p["level"]) * scale)] if p["level"] else []
    return replace(x, name=net.op("Pad", x.name, ends, *value, mode=p["mode"]), shape=(x.shape[0], *shape))


@layer("shuffle")
def shuffle(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    groups, (channels, *spatial) = p["groups"], x.shape
    need(channels % groups == 0, "groups do not divide")
    y = net.op("Reshape", x.name, net.const([1, groups, channels // groups, *spatial], np.int64))
    y = net.op("Transpose", y, perm=[0, 2, 1, *range(3, 3 + len(spatial))])
    return replace(x, name=net.op("Reshape", y, net.const([1, *x.shape], np.int64)))


@layer("depth_to_space")
def depth_to_space(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    b = p["block"]
    need(x.rank == 2 and x.shape[0] % (b * b) == 0, "channels do not divide")
    made = net.op("DepthToSpace", x.name, blocksize=b, mode=p["mode"])
    return replace(x, name=made, shape=(x.shape[0] // (b * b), x.shape[1] * b, x.shape[2] * b))


@layer("space_to_depth")
def space_to_depth(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    (x,) = inputs
    b = p["block"]
    need(x.rank == 2 and x.shape[1] % b == x.shape[2] % b == 0, "positions do not divide")
    made = net.op("SpaceToDepth", x.name, blocksize=b)
    return replace(x, name=made, shape=(x.shape[0] * b * b, x.shape[1] // b, x.shape[2] // b))


@layer("swap")
def swap(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """Height and width change places."""
    (x,) = inputs
    need(x.rank == 2, "no image")
    return replace(x, name=net.op("Transpose", x.name, perm=[0, 1, 3, 2]), shape=(x.shape[0], x.shape[2], x.shape[1]))


@layer("transpose")
def transpose(net: Draft, inputs: list[Live], p: dict[str, Any]) -> Live:
    """Axes of the frame in another order."""
    (x,) = inputs
    need(sorted(p["axes"]) == list(range(len(x.shape))), "another rank")
    made = net.op("Transpose", x.name, perm=[0, *(a + 1 for a in p["axes"])])
    return replace(x, name=made, shape=tuple(x.shape[a] for a in p["axes"]))
