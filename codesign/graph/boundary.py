"""What stays in software: how floats become the first integers, and the last integers become floats."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

ROUNDING = {"HALF_EVEN": np.rint, "FLOOR": np.floor, "CEIL": np.ceil, "ROUND_TO_ZERO": np.trunc}
"""How a real number becomes an integer; the network's first quantizer names one."""


@dataclass(frozen=True, eq=False)
class Head:
    """``clamp(round(x / scale + zero_point), low, high) - zero_point`` after the move to channels last.

    Computed in float64, in which the quotient of two float32 numbers lands on a tie only where the exact one does.

    Attributes:
        model_shape: one frame's shape as the model takes it, for example (60, 64) for channels first.
        axes: permutation of the model's axes that puts the channels last, for example (1, 0).
        scale, zero_point: float64, broadcastable to the channels.
        low, high: the clamp, before the zero point is subtracted.
        rounding: a key of ``ROUNDING``.
        integer: the model's inputs are integers already: nothing to quantize, only the layout.
    """

    model_shape: tuple[int, ...]
    axes: tuple[int, ...]
    scale: np.ndarray
    zero_point: np.ndarray
    low: int
    high: int
    rounding: str = "HALF_EVEN"
    integer: bool = False

    def run(self, x: np.ndarray) -> np.ndarray:
        """Return int64 [N, *shape] from the model's input [N, *model_shape]."""
        moved = np.transpose(x, (0, *(a + 1 for a in self.axes)))
        if self.integer:
            return moved.astype(np.int64)
        rounded = ROUNDING[self.rounding](moved.astype(np.float64) / self.scale + self.zero_point)
        return (np.clip(rounded, self.low, self.high) - self.zero_point).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Tail:
    """``scale * integer + offset``, then the move to the model's layout.

    Attributes:
        scale, offset: float64 [C].
        axes: permutation of the channels-last axes into the model's.
        model_shape: one frame's shape as the model gives it.
        labels: names of the classes, where the output is a vector of scores and they are known.
    """

    scale: np.ndarray
    offset: np.ndarray
    axes: tuple[int, ...]
    model_shape: tuple[int, ...]
    labels: tuple[str, ...] = field(default=())

    def run(self, y: np.ndarray) -> np.ndarray:
        """Return float64 [N, *model_shape] from int64 [N, *shape]."""
        real = y * self.scale + self.offset
        return np.transpose(real, (0, *(a + 1 for a in self.axes))).reshape(len(y), *self.model_shape)
