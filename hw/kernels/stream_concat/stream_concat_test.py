from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, check_resources, conform, simulator
from hw.kernels.stream_concat.kernel import StreamConcat

CHANNELS = StreamConcat(4, 6, 5, 4, True, 3, False, 4, True, pe=2)


@pytest.mark.parametrize(
    "kernel",
    [
        CHANNELS,
        StreamConcat(1, 1, 4, 1, False, 1, True, 2, True),
        StreamConcat(20, 35, 1, 4, False, 6, False, 7, False, pe=5),
        StreamConcat(3, 1, 4, 8, True, 4, False, 9, True),
        StreamConcat(4, 4, 3, 5, True, 5, True, 5, True, pe=4),
    ],
)
def test_conforms(kernel: StreamConcat) -> None:
    conform(kernel, guarded=kernel is CHANNELS)


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(StreamConcat(16, 24, 196, 4, False, 4, False, 4, False, pe=8), family)


def test_the_second_stream_waits_for_its_turn() -> None:
    x, y = np.arange(20).reshape(1, 10, 2) % 8, np.arange(30).reshape(1, 15, 2) % 8
    with simulator(CHANNELS) as simulation:
        result = simulation.run([x, y])
    first, second = result.taken
    assert (first - first[0]).tolist() == [5 * r + i for r in range(5) for i in range(2)]
    assert (second - first[0]).tolist() == [5 * r + i for r in range(5) for i in range(2, 5)]


def most_waiting(a: int, b: int, start: int) -> list[int] | None:
    """The most words of each stream in front of it where both come evenly, a + b in a + b cycles, and it reads
    a word a cycle from cycle ``start`` on; None where the one that it needs is not there."""
    n, most = a + b, [0, 0]
    for cycle in range(4 * n):
        rounds, place = divmod(cycle, n)
        gone = [rounds * a + min(place, a), rounds * b + max(place - a, 0)]
        waits = [(start + cycle) * size // n - g for size, g in zip((a, b), gone, strict=True)]
        if not waits[place >= a]:
            return None
        most = [max(m, w) for m, w in zip(most, waits, strict=True)]
    return most


@pytest.mark.parametrize(("a", "b"), [(1, 1), (3, 5), (8, 1), (1, 8), (30, 50)])
def test_skew_is_what_waits_in_front_of_it(a: int, b: int) -> None:
    """The earliest start at which nothing runs dry, by trial; two words more are allowed."""
    most = next(m for start in range(3 * (a + b)) if (m := most_waiting(a, b, start)))
    skew = StreamConcat(a, b, 1, 4, False, 4, False, 4, False).skew()
    assert all(w <= s <= w + 2 for w, s in zip(most, skew, strict=True)), (most, skew)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UserError, match="PE must divide 2, not be 4"):
        CHANNELS.fold(pe=4)
    with pytest.raises(UserError, match="output must hold"):
        dataclasses.replace(CHANNELS, signed=False)
