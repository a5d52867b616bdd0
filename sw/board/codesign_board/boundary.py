"""What stays in software: how floats become the first integers, and the last integers become floats.

Python 3.10 and numpy 1.21: the toolchain and the driver on the board do the same arithmetic, because it is this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ROUNDING = {"HALF_EVEN": np.rint, "FLOOR": np.floor, "CEIL": np.ceil, "ROUND_TO_ZERO": np.trunc}
"""How a real number becomes an integer; the network's first quantizer names one."""


@dataclass(frozen=True, eq=False)
class Head:
    """``clamp(round(x / scale + zero_point), low, high) - zero_point`` after the move to channels last.

    Computed in float64, in which the quotient of two float32 numbers lands on a tie only where the exact one does.
    With ``thresholds`` it is ``low`` and one more for each threshold that x reaches: what float operators before the
    quantizer, a bipolar one, or another rounding make of the input.

    Attributes:
        model_shape: one frame's shape as the model takes it, for example (60, 64) for channels first.
        axes: permutation of the model's axes that puts the channels last, for example (1, 0).
        scale, zero_point: float64, broadcastable to the channels.
        low, high: the clamp, before the zero point is subtracted.
        rounding: a key of ``ROUNDING``.
        integer: the model's inputs are integers already: nothing to quantize, only the layout.
        thresholds: float32 [C, L], or [1, L] for all channels; each row rises; infinity is never reached.
        descending: bool [C] or [1]: -x is compared in place of x.
    """

    model_shape: tuple[int, ...]
    axes: tuple[int, ...]
    scale: np.ndarray
    zero_point: np.ndarray
    low: int
    high: int
    rounding: str = "HALF_EVEN"
    integer: bool = False
    thresholds: np.ndarray | None = None
    descending: np.ndarray | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Head:
        """Return the head that ``record`` was made of."""
        arrays = {"scale": np.float64, "zero_point": np.float64, "thresholds": np.float32, "descending": np.bool_}
        return cls(**_read(record, arrays))

    def record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return _plain(self)

    def run(self, x: np.ndarray) -> np.ndarray:
        """Return int64 [N, *shape] from the model's input [N, *model_shape]."""
        moved = np.transpose(x, (0, *(a + 1 for a in self.axes)))
        if self.integer:
            return moved.astype(np.int64)
        if self.thresholds is not None and self.descending is not None:
            return self.low + _reached(moved.astype(np.float32), self.thresholds, self.descending)
        value = moved.astype(np.float64)  # a copy, and the only one: fresh memory takes longer than the arithmetic
        value /= self.scale
        value += self.zero_point
        ROUNDING[self.rounding](value, out=value)
        np.clip(value, self.low, self.high, out=value)
        value -= self.zero_point
        return value.astype(np.int64)

    @property
    def reach(self) -> float:
        """How far from zero inputs make a difference: what test inputs should cover."""
        if self.integer:
            return float(max(abs(self.low), abs(self.high)))
        if self.thresholds is None:
            return float(np.max(np.abs(self.scale))) * max(abs(self.low), abs(self.high))
        ordinary = self.thresholds[np.abs(self.thresholds) < np.finfo(np.float32).max]
        return float(np.abs(ordinary).max(initial=0)) or 1.0


def _reached(x: np.ndarray, thresholds: np.ndarray, descending: np.ndarray) -> np.ndarray:
    """How many thresholds each element reaches, int64, from float32 [..., C]."""
    oriented = np.where(descending, -x, x)
    if len(thresholds) == 1:
        return np.searchsorted(thresholds[0], oriented, "right").astype(np.int64)
    counts = [np.searchsorted(row, oriented[..., c], "right") for c, row in enumerate(thresholds)]
    return np.stack(counts, axis=-1).astype(np.int64)


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

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Tail:
        """Return the tail that ``record`` was made of."""
        return cls(**_read(record, {"scale": np.float64, "offset": np.float64}))

    def record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return _plain(self)

    def run(self, y: np.ndarray) -> np.ndarray:
        """Return float64 [N, *model_shape] from int64 [N, *shape]."""
        real = y * self.scale + self.offset
        return np.transpose(real, (0, *(a + 1 for a in self.axes))).reshape(len(y), *self.model_shape)


def _plain(boundary: Head | Tail) -> dict[str, Any]:
    """JSON knows no infinity: a threshold that is never reached is 2**128, which is beyond every float32 number."""
    found = {}
    for name, value in vars(boundary).items():
        if isinstance(value, np.ndarray):
            finite = np.nan_to_num(value.astype(np.float64), posinf=2.0**128) if value.dtype.kind == "f" else value
            found[name] = finite.tolist()
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _read(record: Mapping[str, Any], arrays: Mapping[str, type]) -> dict[str, Any]:
    found = dict(record)
    for name, value in record.items():
        if name in arrays and value is not None:
            with np.errstate(over="ignore"):  # 2**128 is infinity again
                found[name] = np.asarray(value).astype(arrays[name])
        elif isinstance(value, list):
            found[name] = tuple(value)
    return found
