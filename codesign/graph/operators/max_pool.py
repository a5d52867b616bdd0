"""Largest integer of every window, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from codesign.graph.operator import Operator, Range
from codesign.graph.windows import Windows


@dataclass(frozen=True, eq=False, kw_only=True)
class MaxPool(Operator):
    """Pooling by the largest, as ONNX MaxPool defines it, on integers and channels last; a padded tap never wins.

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
        return reduce(np.maximum, self.windows.taps(x[0], np.iinfo(np.int64).min))

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        out = self.windows.shape(shapes[0][:-1])
        if self.windows.only_padding(shapes[0][:-1]):
            raise ValueError(f"MaxPool {self.kernel} with pads {self.pads} has a window that sees only padding")
        return (*out, shapes[0][-1])

    def range(self, *ranges: Range) -> Range:
        return ranges[0]
