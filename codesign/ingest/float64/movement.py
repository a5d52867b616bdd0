"""Data movement: values in other places."""

from __future__ import annotations

import numpy as np

from codesign.ingest.float64.registry import EVALUATIONS, Arrays, Attributes, evaluation


@evaluation("Slice")
def slice_(v: Arrays, a: Attributes) -> np.ndarray:
    """Start, end and step along some axes, counted out one by one."""
    x = v[0]
    names = ("starts", "ends", "axes", "steps")
    starts, ends, axes, steps = (
        v[i].reshape(-1).tolist() if len(v) > i and v[i] is not None else a.get(name, [])
        for i, name in enumerate(names, 1)
    )
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis, step = axes[i] if axes else i, steps[i] if steps else 1
        if axis in (0, -x.ndim):  # a batch of one at export
            continue
        size = x.shape[axis]
        start, end = start + size * (start < 0), end + size * (end < 0)
        start = min(max(start, 0), size if step > 0 else size - 1)
        end = min(max(end, 0 if step > 0 else -1), size)
        x = np.take(x, np.arange(start, end, step), axis)
    return np.asarray(x)


@evaluation("Split")
def split(v: Arrays, a: Attributes) -> tuple[np.ndarray, ...]:
    """Parts along an axis."""
    axis, count = a.get("axis", 0), a["outputs"]
    sizes = v[1].tolist() if len(v) > 1 and v[1] is not None else a.get("split")
    if sizes is None:
        each = -(-v[0].shape[axis] // count)
        sizes = [each] * (count - 1)
    return tuple(np.split(v[0], np.cumsum(sizes)[: count - 1], axis))


@evaluation("DepthToSpace")
def depth_to_space(v: Arrays, a: Attributes) -> np.ndarray:
    """Element by block position."""
    x, b = v[0], a["blocksize"]
    n, c, h, w = x.shape
    left = c // b**2
    y = np.empty((n, left, h * b, w * b), x.dtype)
    for i in range(b):
        for j in range(b):
            dcr = a.get("mode", "DCR") == "DCR"
            part = x[:, (i * b + j) * left : (i * b + j + 1) * left] if dcr else x[:, i * b + j :: b * b]
            y[:, :, i::b, j::b] = part
    return y


@evaluation("SpaceToDepth")
def space_to_depth(v: Arrays, a: Attributes) -> np.ndarray:
    """Block position by block position."""
    b = a["blocksize"]
    return np.concatenate([v[0][:, :, i::b, j::b] for i in range(b) for j in range(b)], 1)


@evaluation("Resize", "Upsample")
def resize(v: Arrays, a: Attributes) -> np.ndarray:
    """The nearest neighbour, as ONNX defines the coordinates."""
    x = v[0]
    second = 1 if a["opset"] <= 10 else 2
    scales = v[second] if len(v) > second and v[second] is not None and v[second].size else a.get("scales")
    axes = a.get("axes", range(x.ndim))
    transform, nearest = a.get("coordinate_transformation_mode", "half_pixel"), a.get("nearest_mode", "")
    if a["opset"] <= 10:
        transform, nearest = "asymmetric", "floor"
    for i, axis in enumerate(axes):
        length = x.shape[axis]
        if axis == 0:
            continue
        size = int(np.floor(np.float32(length) * np.float32(scales[i]))) if scales is not None else int(v[3][i])
        if size == length:
            continue
        p, scale = np.arange(size), (size / length if scales is None else float(scales[i]))
        at = {
            "asymmetric": p / scale,
            "align_corners": p * (length - 1) / max(size - 1, 1),
            "half_pixel": (p + 0.5) / scale - 0.5,
            "pytorch_half_pixel": (p + 0.5) / scale - 0.5 if size > 1 else p * 0.0,
            "half_pixel_symmetric": length / 2 * (1 - size / (length * scale)) + (p + 0.5) / scale - 0.5,
        }[transform]
        near = at - np.rint(at * 1024) / 1024
        at = np.where(np.abs(near) < 1e-5, np.rint(at * 1024) / 1024, at)  # a stored 1/3 is not a third
        rounded = {"floor": np.floor(at), "ceil": np.ceil(at), "round_prefer_ceil": np.floor(at + 0.5)}
        x = np.take(x, np.clip(rounded.get(nearest, np.ceil(at - 0.5)), 0, length - 1).astype(int), axis)
    return np.asarray(x)


@evaluation("Pad")
def pad(v: Arrays, a: Attributes) -> np.ndarray:
    """Something around the tensor; negative pads cut."""
    x = v[0]
    pads = [int(p) for p in (a["pads"] if "pads" in a else v[1].tolist())]
    axes = [int(i) % x.ndim for i in v[3]] if len(v) > 3 and v[3] is not None else list(range(x.ndim))
    value = float(v[2].reshape(-1)[0]) if len(v) > 2 and v[2] is not None else a.get("value", 0.0)
    mode = a.get("mode", "constant")
    for axis, before, after in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        size = x.shape[axis]
        x = np.take(x, np.arange(max(-before, 0), size - max(-after, 0)), axis)
        width = [(max(before, 0), max(after, 0)) if i == axis else (0, 0) for i in range(x.ndim)]
        x = np.pad(x, width, constant_values=value) if mode == "constant" else np.pad(x, width, mode=mode)
    return x


EVALUATIONS.update(
    {
        "Concat": lambda v, a: np.concatenate(v, a["axis"]),
        "Gather": lambda v, a: np.take(v[0], v[1].astype(int), a.get("axis", 0)),
        "Expand": lambda v, a: v[0] * np.ones([int(n) for n in v[1]]),
        "Tile": lambda v, a: np.tile(v[0], [int(n) for n in v[1]]),
        "Shape": lambda v, a: np.array(v[0].shape)[a.get("start", 0) : a.get("end")],
        "Cast": lambda v, a: v[0].astype(np.int64) if a["to"] in (6, 7) else v[0],
    }
)
