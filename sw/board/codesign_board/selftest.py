"""The package's samples through the accelerator: every integer must be the network's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from codesign_board.errors import InputError, Mismatch
from codesign_board.samples import Samples

if TYPE_CHECKING:
    from codesign_board.accelerator import Accelerator


@dataclass(frozen=True)
class Difference:
    """One integer that is not what it must be.

    Attributes:
        frame: number of the frame.
        index: of the integer in the frame, channels last.
        expected, found: its values.
    """

    frame: int
    index: tuple[int, ...]
    expected: int
    found: int


@dataclass(frozen=True)
class SelfTest:
    """What came of it.

    Attributes:
        model, where: what ran where.
        frames, integers: how many were compared.
        mismatches: how many integers differ.
        first: the first of those.
    """

    model: str
    where: str
    frames: int
    integers: int
    mismatches: int
    first: Difference | None

    def __str__(self) -> str:
        compared = f"{self.frames} frames, {self.integers} integers compared with the package's"
        if self.first is None:
            return f"{self.model} on {self.where}: {compared}, all equal."
        first = self.first
        return (
            f"{self.model} on {self.where}: {compared}, {self.mismatches} differ, the first in frame {first.frame} at "
            f"{list(first.index)}: {first.expected} expected, {first.found} found."
        )

    def raise_for_mismatch(self) -> None:
        """Raise ``Mismatch`` where anything differs."""
        if self.mismatches:
            raise Mismatch(str(self))


def run_samples(accelerator: Accelerator, frames: int | None = None) -> SelfTest:
    """Run the samples, all or the first ``frames``; see ``Accelerator.selftest``."""
    if frames is not None and frames < 1:
        raise InputError(f"A self-test of {frames} frames tests nothing: give at least 1.")
    package = accelerator.package
    samples = Samples.of(package)
    expected = samples.outputs[:frames]
    found = accelerator.infer_integers(package.head.run(samples.inputs[:frames]))
    differ = found != expected
    first = None
    if differ.any():
        frame, *index = (int(i) for i in np.unravel_index(int(np.argmax(differ)), differ.shape))
        at = (frame, *index)
        first = Difference(frame, tuple(index), int(expected[at]), int(found[at]))
    where = accelerator.place.where
    return SelfTest(package.model, where, len(expected), expected.size, int(np.count_nonzero(differ)), first)
