"""Windows along the spatial axes of a frame: what pooling operators share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np


class Windows(NamedTuple):
    """Geometry of the windows, an entry per spatial axis; as ONNX pooling defines it, with explicit pads.

    Attributes:
        kernel: taps.
        stride: steps from a window to the next.
        pads: (before, after), positions.
        dilation: distance of two taps.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]

    @property
    def span(self) -> tuple[int, ...]:
        """Positions from a window's first tap to its last, both included."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True))

    @property
    def padded(self) -> bool:
        return any(before or after for before, after in self.pads)

    def shape(self, spatial: tuple[int, ...]) -> tuple[int, ...]:
        """Return how many windows there are along each axis.

        Raises:
            ValueError: where no window fits.
        """
        axes = zip(spatial, self.pads, self.span, self.stride, strict=True)
        out = tuple((size + sum(pads) - span) // stride + 1 for size, pads, span, stride in axes)
        if min(out) < 1:
            raise ValueError(f"a window of {self.kernel} does not fit into {spatial} with pads {self.pads}")
        return out

    def taps(self, x: np.ndarray, fill: int) -> Iterator[np.ndarray]:
        """Yield tap after tap in raster order what all windows see there, [N, *out, C], padding being ``fill``."""
        padded = np.pad(x, [(0, 0), *self.pads, (0, 0)], constant_values=fill)
        out = self.shape(x.shape[1:-1])
        for tap in product(*map(range, self.kernel)):
            starts = [t * d for t, d in zip(tap, self.dilation, strict=True)]
            ends = [start + (n - 1) * s + 1 for start, n, s in zip(starts, out, self.stride, strict=True)]
            axes = zip(starts, ends, self.stride, strict=True)
            yield padded[(slice(None), *(slice(*axis) for axis in axes))]

    def only_padding(self, spatial: tuple[int, ...]) -> bool:
        """Whether a window exists that sees nothing of the frame."""
        for axis, size in enumerate(spatial):
            starts = np.arange(self.shape(spatial)[axis]) * self.stride[axis] - self.pads[axis][0]
            taps = starts[:, None] + np.arange(self.kernel[axis]) * self.dilation[axis]
            if not ((taps >= 0) & (taps < size)).any(1).all():
                return True
        return False
