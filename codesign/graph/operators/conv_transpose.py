"""Transposed convolution of any rank: stride, padding, output padding, dilation, groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from codesign.graph.operator import Operator, Range
from codesign.graph.operators.conv import exact_matmul


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvTranspose(Operator):
    """ONNX ConvTranspose on integers and channels last: input i adds to the outputs at ``i * stride + tap * dilation``.

    Attributes:
        weights: int64 [O, *kernel, I / groups].
        stride: output positions from one input's to the next one's, along each spatial axis.
        pads: (before, after) output positions cut off along each spatial axis.
        output_padding: positions more at the end of each spatial axis, less than its stride or dilation.
        dilation: distance of two taps along each spatial axis.
        groups: as in ONNX.
    """

    weights: np.ndarray
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1

    @property
    def kernel(self) -> tuple[int, ...]:
        return self.weights.shape[1:-1]

    def uncut(self, spatial: tuple[int, ...]) -> tuple[int, ...]:
        """Spatial output shape before ``pads`` are cut off."""
        axes = zip(spatial, self.stride, self.dilation, self.kernel, self.output_padding, strict=True)
        return tuple((n - 1) * s + d * (k - 1) + 1 + more for n, s, d, k, more in axes)

    def run(self, *x: np.ndarray) -> np.ndarray:
        frames, spatial, outputs = len(x[0]), x[0].shape[1:-1], self.weights.shape[0]
        full = self.uncut(spatial)
        y = np.zeros((frames, *full, outputs), np.int64)
        per_in, per_out = self.weights.shape[-1], outputs // self.groups
        for g in range(self.groups):
            inputs = x[0][..., g * per_in : (g + 1) * per_in]
            out = slice(g * per_out, (g + 1) * per_out)
            for tap in product(*(range(k) for k in self.kernel)):
                axes = zip(tap, self.dilation, spatial, self.stride, strict=True)
                places = tuple(slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in axes)
                y[(slice(None), *places, out)] += exact_matmul(inputs, np.moveaxis(self.weights, 0, -2)[tap][out])
        kept = tuple(slice(a, n - b) for (a, b), n in zip(self.pads, full, strict=True))
        return np.ascontiguousarray(y[(slice(None), *kept)])

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        axes = zip(self.uncut(shapes[0][:-1]), self.pads, strict=True)
        return (*(n - a - b for n, (a, b) in axes), self.weights.shape[0])

    def range(self, *ranges: Range) -> Range:
        """An output is the sum over the taps of its phase (position modulo stride), some of which lie outside."""
        low, high = ranges[0]
        if not self._whole:
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        outputs, per_group = self.weights.shape[0], self.weights.shape[-1]
        group = np.arange(outputs) // (outputs // self.groups)
        lows, highs = (a.reshape(self.groups, per_group)[group] for a in (low, high))
        sums: dict[tuple[int, ...], list[np.ndarray]] = {
            phase: [np.zeros(outputs, np.int64)] * 2 for phase in product(*(range(s) for s in self.stride))
        }
        for tap in product(*(range(k) for k in self.kernel)):
            phase = tuple(t * d % s for t, d, s in zip(tap, self.dilation, self.stride, strict=True))
            weights = np.moveaxis(self.weights, 0, -2)[tap]
            ends = weights * lows, weights * highs
            sums[phase] = [sums[phase][0] + np.minimum(*ends).sum(1), sums[phase][1] + np.maximum(*ends).sum(1)]
        return np.min([s[0] for s in sums.values()], 0), np.max([s[1] for s in sums.values()], 0)

    @property
    def _whole(self) -> bool:
        """Whether no output has a tap outside the frame: every phase has at most one tap, and nothing is appended."""
        short = all(
            k <= s and (d == 1 or k == 1) for k, s, d in zip(self.kernel, self.stride, self.dilation, strict=True)
        )
        return short and not any(self.output_padding)
