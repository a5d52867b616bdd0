"""Two places against each other: the same frames must make the same integers, and the same floats.

Where one of the two is the model itself in float32, its floats may differ in frames in which float32 falls on the other
side of a near tie that was listed when the model was compiled; there, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from codesign_board.accelerator import Accelerator
from codesign_board.errors import BoardError, Mismatch
from codesign_board.package import Package
from codesign_board.samples import Samples

RANDOM = 32
"""Frames beside the samples: the whole range of the input, which real frames seldom reach."""
BEYOND = 1.1
"""How much farther than the input's range random frames go: what is cut off must be cut off alike."""
HALF = 0.5
"""Steps of the last integers that a float32 run may be off by, and means the same integer."""
FLOAT32 = 2.0**-18
"""What float32 may be off by beyond that, of a frame's largest output: 24 bits, and sums of thousands."""


@dataclass(frozen=True)
class FirstDifference:
    """Where two places differ first.

    Attributes:
        what: ``integers`` or ``floats``.
        frame, index: which frame, and which element of it; integers have their channels last.
        places: the two.
        values: what each gave.
    """

    what: str
    frame: int
    index: tuple[int, ...]
    places: tuple[str, str]
    values: tuple[float, float]

    def __str__(self) -> str:
        given = ", ".join(f"{place} {value:.9g}" for place, value in zip(self.places, self.values, strict=True))
        return f"in the {self.what} of frame {self.frame} at {list(self.index)}: {given}"


@dataclass(frozen=True)
class Comparison:
    """What came of it.

    Attributes:
        model: what ran.
        places: where, the first and the second.
        frames: how many, the first of them the package's samples.
        integers: integers and, apart from these, floats that were compared.
        mismatches: of these, how many differ.
        near_ties: frames whose floats differ because float32 fell otherwise on a listed near tie.
        first: the first difference.
    """

    model: str
    places: tuple[str, str]
    frames: int
    integers: int
    mismatches: int
    near_ties: int
    first: FirstDifference | None

    def __str__(self) -> str:
        one, other = self.places
        said = f"{self.model}, {one} against {other}: {self.frames} frames, {self.integers} integers and as many floats"
        if self.first is not None:
            return f"{said}, {self.mismatches} differ, the first {self.first}."
        ties = f"; in {self.near_ties} frames float32 falls otherwise on a listed near tie" if self.near_ties else ""
        return f"{said}, all equal{ties}."

    def raise_for_mismatch(self) -> None:
        """Raise ``Mismatch`` where anything differs."""
        if self.mismatches:
            raise Mismatch(str(self))


def compare(one: Accelerator, other: Accelerator, *, frames: int = RANDOM, seed: int = 0) -> Comparison:
    """Run the package's samples, and random frames beside them, on both.

    Args:
        one, other: the same package at two places.
        frames: how many random ones.
        seed: of these.

    Raises:
        BoardError: they run different packages, or the count is negative.
        TransferError: frames did not come through.
    """
    package = one.package
    if frames < 0:
        raise BoardError(f"{frames} random frames cannot be compared: give 0 or more.")
    if (package.model, package.build) != (other.package.model, other.package.build):
        raise BoardError("Only one package can be compared at two places, and these run different ones.")
    x = np.concatenate([Samples.of(package).inputs, _random(package, frames, seed)])
    q = package.head.run(x)
    expected, found = (np.asarray(a.infer_integers(q), np.int64) for a in (one, other))
    wrong = found != expected
    places = (one.place.name, other.place.name)
    first = _first("integers", places, wrong, expected, found)
    floats, real = one.infer(x), other.infer(x)
    apart, ties = _apart(one, other, x, floats, real)
    return Comparison(
        package.model,
        places,
        len(x),
        expected.size,
        int(np.count_nonzero(wrong)) + int(np.count_nonzero(apart)),
        ties,
        first or _first("floats", places, apart, floats, real),
    )


def _random(package: Package, frames: int, seed: int) -> np.ndarray:
    """Frames all over the input's range and, where the model quantizes them, a little beyond it, float32."""
    rng, head = np.random.default_rng(seed), package.head
    shape = (frames, *head.model_shape)
    if head.integer:
        return rng.integers(head.low, head.high, shape, endpoint=True).astype(np.float32)
    return rng.uniform(-BEYOND * head.reach, BEYOND * head.reach, shape).astype(np.float32)


def _apart(
    one: Accelerator, other: Accelerator, x: np.ndarray, expected: np.ndarray, found: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return which floats [N, ...] differ, and in how many frames near ties are why others do."""
    models: list[Any] = [a for a in (one, other) if hasattr(a, "near_ties")]
    if not models or len(models) == 2:
        return found != expected, 0
    apart = np.abs(found - expected) > _allowed(one.package, expected)
    suspects = np.flatnonzero(apart.reshape(len(x), -1).any(axis=1))
    if not len(suspects):
        return apart, 0
    ties = suspects[models[0].near_ties(x[suspects])]
    apart[ties] = False
    return apart, len(ties)


def _allowed(package: Package, floats: np.ndarray) -> np.ndarray:
    """What a float32 run may be off by without another integer: [N, ...], in the model's layout."""
    tail = package.tail
    step = np.zeros((1, *package.output.shape)) + np.abs(tail.scale)
    steps = np.transpose(step, (0, *(axis + 1 for axis in tail.axes))).reshape(1, *tail.model_shape)
    largest = np.abs(floats).reshape(len(floats), -1).max(axis=1).reshape(-1, *[1] * (floats.ndim - 1))
    return np.asarray(np.maximum(HALF * steps, FLOAT32 * largest))


def _first(
    what: str, places: tuple[str, str], wrong: np.ndarray, one: np.ndarray, other: np.ndarray
) -> FirstDifference | None:
    if not wrong.any():
        return None
    frame, *index = (int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    at = (frame, *index)
    return FirstDifference(what, frame, tuple(index), places, (float(one[at]), float(other[at])))
