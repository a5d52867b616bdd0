"""Pools, reductions over axes, transposed convolutions, and the largest of an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from codesign.ingest.float64.registry import EVALUATIONS, Arrays, Attributes, evaluation


def _spans(a: Attributes, size: tuple[int, ...]) -> list[list[list[int]]]:
    """For each axis, for each window, the positions that it sees; some may lie outside."""
    rank = len(size)
    kernel, strides, dilations = a["kernel_shape"], a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    pads, auto = a.get("pads", [0] * 2 * rank), a.get("auto_pad", "NOTSET")
    axes = []
    for i, n in enumerate(size):
        reach = (kernel[i] - 1) * dilations[i] + 1
        before, after = (pads[i], pads[rank + i]) if auto == "NOTSET" else (0, 0)
        if auto.startswith("SAME"):
            total = max((-(-n // strides[i]) - 1) * strides[i] + reach - n, 0)
            before = total // 2 if auto == "SAME_UPPER" else total - total // 2
            after = total - before
        last = n + after - reach  # where the last window may begin
        if a.get("ceil_mode", 0):
            last = min(-(-(last + before) // strides[i]) * strides[i] - before, n - 1)
        starts = range(-before, last + 1, strides[i])
        axes.append([[s + t * dilations[i] for t in range(kernel[i])] for s in starts])
    return axes


def _windows(x: np.ndarray, a: Attributes, fill: float) -> np.ndarray:
    """[N, C, *windows, taps]: the values that each window sees."""
    spans = _spans(a, x.shape[2:])
    for axis, windows in enumerate(spans, 2):
        # The windows replace the axis; their taps go to the end.
        places = np.array(windows)
        seen = np.take(x, np.clip(places, 0, x.shape[axis] - 1), axis)
        outside = ((places < 0) | (places >= x.shape[axis])).reshape(
            [1] * axis + [*places.shape] + [1] * (x.ndim - axis - 1)
        )
        x = np.moveaxis(np.where(outside, fill, seen), axis + 1, -1)
    return x.reshape(*x.shape[: 2 + len(spans)], -1)


@evaluation("MaxPool")
def max_pool(v: Arrays, a: Attributes) -> np.ndarray:
    """The largest of each window."""
    return np.asarray(_windows(v[0], a, -np.inf).max(-1))


@evaluation("AveragePool")
def average_pool(v: Arrays, a: Attributes) -> np.ndarray:
    """The mean of each window, pads included."""
    return np.asarray(_windows(v[0], a, 0.0).mean(-1))


def _over(v: Arrays, a: Attributes, how: Any) -> np.ndarray:
    stored = v[1].reshape(-1).tolist() if len(v) > 1 and v[1] is not None else a.get("axes", [])
    return np.asarray(how(v[0], axis=tuple(int(i) for i in stored), keepdims=bool(a.get("keepdims", 1))))


@evaluation("ConvTranspose")
def conv_transpose(v: Arrays, a: Attributes) -> np.ndarray:
    """Every input adds its taps where they fall; pads are cut."""
    x, w = v[0], v[1]
    size, kernel, rank = x.shape[2:], w.shape[2:], x.ndim - 2
    groups, strides = a.get("group", 1), a.get("strides", [1] * rank)
    dilations, more = a.get("dilations", [1] * rank), a.get("output_padding", [0] * rank)
    full = [
        (n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(size, strides, dilations, kernel, more, strict=True)
    ]
    # As a correlation: the input spread out with zeros between, the kernel from its end.
    margin = [(d * (k - 1), d * (k - 1) + e) for d, k, e in zip(dilations, kernel, more, strict=True)]
    spread = np.zeros((*x.shape[:2], *((n - 1) * s + 1 for n, s in zip(size, strides, strict=True))))
    spread[(slice(None), slice(None), *(slice(None, None, s) for s in strides))] = x
    spread = np.pad(spread, [(0, 0), (0, 0), *margin])
    parts = []
    for rows, own in zip(np.split(spread, groups, 1), np.split(w, groups), strict=True):
        y = np.zeros((len(x), w.shape[1], *full))
        for tap in np.ndindex(*kernel):
            cut = tuple(
                slice((k - 1 - t) * d, (k - 1 - t) * d + n)
                for t, k, d, n in zip(tap, kernel, dilations, full, strict=True)
            )
            y += np.einsum(
                "ni...,io->no...", rows[(slice(None), slice(None), *cut)], own[(slice(None), slice(None), *tap)]
            )
        parts.append(y)
    y = np.concatenate(parts, 1)
    auto, wanted = a.get("auto_pad", "NOTSET"), a.get("output_shape")
    pads = a.get("pads", [0] * 2 * rank) if auto == "NOTSET" else [0] * 2 * rank
    if wanted or auto.startswith("SAME"):
        target = wanted[-rank:] if wanted else [n * s for n, s in zip(size, strides, strict=True)]
        total = [f - t for f, t in zip(full, target, strict=True)]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if auto == "SAME_UPPER" else large + small
    kept = tuple(slice(pads[i], full[i] - pads[rank + i]) for i in range(rank))
    y = y[(slice(None), slice(None), *kept)]
    return y if len(v) < 3 or v[2] is None else y + v[2].reshape(1, -1, *[1] * rank)


@evaluation("ArgMax")
def arg_max(v: Arrays, a: Attributes) -> np.ndarray:
    """The first place of the largest."""
    y = v[0].argmax(a.get("axis", 0))
    return np.expand_dims(y, a.get("axis", 0)) if a.get("keepdims", 1) else y


@evaluation("TopK")
def top_k(v: Arrays, a: Attributes) -> tuple[np.ndarray, np.ndarray]:
    """The largest in falling order, and their places."""
    axis, k = a.get("axis", -1), int(v[1].reshape(-1)[0]) if len(v) > 1 else a["k"]
    order = np.take(np.argsort(-v[0], axis, kind="stable"), range(k), axis)
    return np.take_along_axis(v[0], order, axis), order


EVALUATIONS.update(
    {
        "GlobalMaxPool": lambda v, a: v[0].max(tuple(range(2, v[0].ndim)), keepdims=True),
        "ReduceSum": lambda v, a: _over(v, a, np.sum),
        "ReduceMax": lambda v, a: _over(v, a, np.max),
    }
)
