"""A round trip whose registers tell of another build, of lost frames or of an error is refused, by name."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import VerificationFailed
from hw.shell import registers
from hw.shell.trip import READ, Trip

GOOD = {
    "MAGIC": registers.MAGIC,
    "BUILD": 7,
    "VERSION": registers.VERSION,
    "FRAMES_IN": 3,
    "FRAMES_OUT": 3,
    "ERRORS": 0,
}


def trip(**changed: int) -> Trip:
    return Trip(np.zeros((3, 1, 1), np.int64), 100, {**GOOD, **changed})


def test_a_good_trip_passes() -> None:
    assert set(READ) == set(GOOD)
    good = trip()
    assert good.check(build=7, frames=3) is good


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAGIC", 0), ("BUILD", 8), ("VERSION", 99), ("FRAMES_IN", 2), ("FRAMES_OUT", 4), ("ERRORS", 1)],
)
def test_each_register_counts(name: str, value: int) -> None:
    with pytest.raises(VerificationFailed, match=f"register {name} holds {value:#x}, and must hold {GOOD[name]:#x}"):
        trip(**{name: value}).check(build=7, frames=3)
