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


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UserError, match="PE must divide 2, not be 4"):
        CHANNELS.fold(pe=4)
    with pytest.raises(UserError, match="output must hold"):
        dataclasses.replace(CHANNELS, signed=False)
