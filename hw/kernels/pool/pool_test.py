from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.pool.kernel import Pool

WIDE = Pool("sum", 64, 1, 16, 4, False, 8, pe=4)
TILES = Pool("max", 16, 14, 2, 4, True, 4, positions=14, pe=4)


@pytest.mark.parametrize(
    "kernel",
    [
        Pool("sum", 4, 1, 7, 4, False, 7, pe=4),  # a whole frame
        Pool("sum", 6, 1, 5, 4, True, 7, pe=3),
        Pool("sum", 4, 1, 1, 3, True, 3, pe=1),
        Pool("sum", 20, 1, 3, 8, True, 10, pe=2),  # more words a tap than registers
        Pool("sum", 130, 1, 2, 8, True, 9, pe=1),  # as many as block RAM is for
        Pool("max", 4, 6, 3, 5, True, 5, pe=2),  # windows one after the other
        Pool("max", 12, 3, 4, 3, False, 3, pe=2),
        Pool("sum", 3, 5, 1, 4, True, 4, pe=3),  # of one tap
        Pool("max", 2, 4, 2, 4, True, 4, (1, 1), lines=3, pe=1),  # rows with padding
        Pool("sum", 2, 1, 5, 4, True, 7, (2, 1), lines=2, pe=2),  # the first window is the last
        Pool("max", 2, 2, 3, 4, False, 4, (2, 0), rest=2, lines=3, pe=2),
        Pool("sum", 3, 1, 2, 4, True, 5, rest=4, lines=2, pe=1),  # more is dropped than a window has
        Pool("max", 2, 3, 2, 4, True, 4, (0, 1), positions=7, pe=1),  # rows of partial results
        Pool("sum", 2, 2, 3, 4, True, 6, rest=2, lines=2, positions=5, pe=1),
    ],
    ids=lambda k: f"{k.kind}-{k.lines}x{k.windows}x{k.taps}-{k.pads}-{k.rest}-{k.words_per_tap}",
)
def test_conforms(kernel: Pool) -> None:
    conform(kernel, guarded=kernel.channels == 6 or kernel.rest == 4)


def test_windows_in_turn_by_hand() -> None:
    """Two lines of two windows, the first lacking a tap, a tap dropped at the end; two channels."""
    x = np.array([[[3, -1], [-5, 2], [-4, -3], [9, 9], [-7, -8], [1, 0], [0, 1], [8, 8]]])
    (largest,) = Pool("max", 2, 2, 2, 5, True, 5, (1, 0), 1, 2, pe=2).reference(x)
    assert largest.tolist() == [[[3, -1], [-4, 2], [-7, -8], [1, 1]]]
    (sums,) = Pool("sum", 2, 2, 2, 5, True, 6, (1, 0), 1, 2, pe=2).reference(x)
    assert sums.tolist() == [[[3, -1], [-9, -1], [-7, -8], [1, 1]]]


@pytest.mark.parametrize(
    ("kernel", "family"),
    [
        (WIDE, "ecp5"),
        (WIDE, "xc7"),
        (WIDE, "xcup"),
        (TILES, "ecp5"),
        (Pool("max", 8, 49, 9, 8, True, 8, pe=2), "ecp5"),
    ],
)
def test_resources(kernel: Pool, family: str) -> None:
    check_resources(kernel, family)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pe": 4}, "PE must divide channels=6, not 4"),
        ({"kind": "min"}, "kind must be one of max, sum, not 'min'"),
        ({"pads": (3, 0)}, r"pads must leave every window of 3 taps one at least, not \(3, 0\)"),
        ({"windows": 1, "pads": (1, 2)}, "pads must leave"),
        ({"pads": (0, 1), "rest": 1}, "rest must be 0 where a line's last window is padded"),
        ({"out_bits": 6}, "out_bits must be bits=4 for the largest, not 6"),
        ({"taps": 0}, "taps must be at least 1, not 0"),
    ],
)
def test_parameters_are_checked(change: dict, message: str) -> None:
    given = {"kind": "max", "channels": 6, "windows": 4, "taps": 3, "bits": 4, "signed": True, "out_bits": 4}
    with pytest.raises(UserError, match=message):
        Pool(**{**given, **change})
