"""Convolution of any rank: stride, padding, dilation, groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class Conv(Operator):
    """Cross-correlation, as ONNX Conv defines it, on integers and channels last; padding adds zeros.

    Attributes:
        weights: int64 [O, *kernel, I / groups].
        stride: steps along each spatial axis.
        pads: (before, after) along each spatial axis.
        dilation: distance of two taps along each spatial axis.
        groups: as in ONNX.
    """

    weights: np.ndarray
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int = 1

    @property
    def kernel(self) -> tuple[int, ...]:
        return self.weights.shape[1:-1]

    @property
    def padded(self) -> bool:
        return any(before or after for before, after in self.pads)

    def run(self, *x: np.ndarray) -> np.ndarray:
        spatial = range(1, x[0].ndim - 1)
        padded = np.pad(x[0], [(0, 0), *self.pads, (0, 0)])
        span = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True)]
        view = np.lib.stride_tricks.sliding_window_view(padded, span, tuple(spatial))  # type: ignore[call-overload]
        steps = tuple(slice(None, None, s) for s in self.stride)
        taps = tuple(slice(None, None, d) for d in self.dilation)
        view = view[(slice(None), *steps, slice(None), *taps)]  # [N, *out, I, *kernel]
        out = view.shape[1 : 1 + len(self.kernel)]
        outputs, per_group = self.weights.shape[0], self.weights.shape[-1]
        windows = np.moveaxis(view, len(out) + 1, -1)  # [N, *out, *kernel, I]
        result = np.empty((x[0].shape[0], *out, outputs), np.int64)
        for g in range(self.groups):
            o = slice(g * outputs // self.groups, (g + 1) * outputs // self.groups)
            columns = windows[..., g * per_group : (g + 1) * per_group].reshape(x[0].shape[0], *out, -1)
            result[..., o] = exact_matmul(columns, self.weights[o].reshape(outputs // self.groups, -1))
        return result

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        spatial = zip(shapes[0][:-1], self.kernel, self.stride, self.pads, self.dilation, strict=True)
        return (*((n + a + b - d * (k - 1) - 1) // s + 1 for n, k, s, (a, b), d in spatial), self.weights.shape[0])

    def range(self, *ranges: Range) -> Range:
        low, high = ranges[0]
        if self.padded:
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        outputs, per_group = self.weights.shape[0], self.weights.shape[-1]
        flat = self.weights.reshape(outputs, -1, per_group)
        group = np.arange(outputs) // (outputs // self.groups)
        lows, highs = (a.reshape(self.groups, 1, per_group)[group] for a in (low, high))
        products = flat * lows, flat * highs
        return np.minimum(*products).sum((1, 2)), np.maximum(*products).sum((1, 2))


def exact_matmul(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return ``x @ weights.T`` exactly (int64), through float64's fast product where no sum can reach 2**53."""
    bound = int(np.abs(x).max(initial=0)) * int(np.abs(weights).max(initial=0)) * weights.shape[1]
    if bound < 2**53:
        return (x.astype(np.float64) @ weights.T.astype(np.float64)).astype(np.int64)
    return x @ weights.T
