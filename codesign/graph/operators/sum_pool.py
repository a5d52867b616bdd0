"""Sum of every window, channel by channel: average pooling, whose 1/N is in the scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from codesign.graph.operator import Operator, Range
from codesign.graph.windows import Windows


@dataclass(frozen=True, eq=False, kw_only=True)
class SumPool(Operator):
    """ONNX AveragePool with count_include_pad = 1, times the taps of a window; channels last, padded taps are zeros.

    Attributes:
        kernel: taps along each spatial axis.
        stride: steps along each spatial axis.
        pads: (before, after) along each spatial axis.
        dilation: distance of two taps along each spatial axis.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]

    @property
    def windows(self) -> Windows:
        return Windows(self.kernel, self.stride, self.pads, self.dilation)

    def run(self, *x: np.ndarray) -> np.ndarray:
        return reduce(np.add, self.windows.taps(x[0], 0))

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return (*self.windows.shape(shapes[0][:-1]), shapes[0][-1])

    def range(self, *ranges: Range) -> Range:
        low, high = (prod(self.kernel) * bound for bound in ranges[0])
        if self.windows.padded:
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        return low, high
