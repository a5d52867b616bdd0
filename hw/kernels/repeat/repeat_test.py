from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.repeat.kernel import Repeat

ROW = Repeat((1, 5, 4), (2, 3, 1), 3, 4, True, pe=2)


@pytest.mark.parametrize(
    "kernel",
    [
        ROW,
        dataclasses.replace(ROW, times=(1, 1, 1)),
        Repeat((1, 16, 12), (2, 2, 1), 2, 7, False, pe=4),  # block RAM
        Repeat((1, 6), (5, 1), 3, 4, True, pe=6),  # a block is a word
        Repeat((1, 6), (5, 1), 2, 4, True, pe=3),
        Repeat((1,), (6,), 5, 3, False, pe=3),  # over channels
        Repeat((1, 4, 1), (3, 1, 6), 2, 3, True, pe=2),  # over rows and channels
        Repeat((2, 2, 3), (2, 3, 2), 2, 4, True),  # all six counters
    ],
)
def test_conforms(kernel: Repeat) -> None:
    conform(kernel, guarded=kernel is ROW)


def test_a_row_is_repeated_by_position_and_as_a_whole() -> None:
    x = np.arange(2 * 3 * 5 * 4).reshape(2, 3, 5, 4)
    (found,) = ROW.reference(x.reshape(2, -1, 2))
    found = found.reshape(2, 6, 15, 4)
    assert all((found[n, i, j] == x[n, i // 2, j // 3]).all() for n in range(2) for i in range(6) for j in range(15))


BLOCK = Repeat((1, 28, 16), (2, 2, 1), 28, 4, False, pe=4)
WORD = Repeat((1, 16), (49, 1), 1, 8, False, pe=16)


@pytest.mark.parametrize(("kernel", "family"), [(BLOCK, "ecp5"), (WORD, "ecp5"), (BLOCK, "xc7"), (BLOCK, "xcup")])
def test_resources(kernel: Repeat, family: str) -> None:
    check_resources(kernel, family)


def test_lanes_stay_within_the_channels() -> None:
    with pytest.raises(UserError, match="PE must divide 4, not be 20"):
        ROW.fold(pe=20)
    assert Repeat((1, 5, 1), (2, 1, 6), 1, 4, False).fold_limits() == {"pe": 6}
