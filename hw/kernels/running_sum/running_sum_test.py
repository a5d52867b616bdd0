from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.running_sum.kernel import RunningSum

FEW = RunningSum(16, 1, 64, 4, False, 10, pe=4)
MANY = RunningSum(32, 1, 32, 4, True, 9, positions=4, pe=4)


@pytest.mark.parametrize(
    "kernel",
    [
        RunningSum(3, 1, 7, 4, True, 7, pe=3),  # a word a step: the sum of the cycle before
        RunningSum(1, 3, 5, 3, False, 6, pe=1),  # lines one after the other
        RunningSum(8, 2, 4, 4, True, 6, pe=2),  # as many words a step as registers
        RunningSum(4, 2, 3, 4, True, 6, True, pe=2),
        RunningSum(4, 3, 1, 3, True, 3, pe=1),  # lines of one step: what comes in
        RunningSum(4, 3, 1, 3, True, 1, True, positions=2, pe=1),  # and nothing at all
        RunningSum(5, 2, 4, 4, False, 6, positions=1, pe=1),  # the shortest FIFO
        RunningSum(6, 2, 3, 5, True, 7, True, positions=5, pe=3),
        RunningSum(4, 2, 2, 12, True, 13, positions=12, pe=1),  # a FIFO of block RAM
    ],
    ids=lambda k: f"{k.lines}x{k.steps}x{k.words_per_step}{'-exclusive' * k.exclusive}",
)
def test_conforms(kernel: RunningSum) -> None:
    conform(kernel, guarded=kernel.channels in (3, 6))


def test_block_ram_is_among_the_forms() -> None:
    forms = {RunningSum(c, 2, 2, 12, True, 13, positions=p).line.form for c, p in ((4, 12), (5, 1))}
    assert forms == {"block", "lut"}


def test_sums_by_hand() -> None:
    """Two lines of three steps, two positions of one channel a step."""
    x = np.array([[[1], [10], [2], [-20], [3], [30], [4], [40], [5], [-50], [6], [60]]])
    (sums,) = RunningSum(1, 2, 3, 7, True, 8, positions=2).reference(x)
    assert sums.reshape(-1).tolist() == [1, 10, 3, -10, 6, 20, 4, 40, 9, -10, 15, 50]
    (sums,) = RunningSum(1, 2, 3, 7, True, 8, True, positions=2).reference(x)
    assert sums.reshape(-1).tolist() == [0, 0, 1, 10, 3, -10, 0, 0, 4, 40, 9, -10]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kernel", [FEW, MANY], ids=["registers", "fifo"])
def test_resources(kernel: RunningSum, family: str) -> None:
    check_resources(kernel, family)


def test_parameters_are_checked() -> None:
    with pytest.raises(UserError, match="PE must divide channels=6, not 4"):
        RunningSum(6, 1, 3, 4, True, 6, pe=4)
    with pytest.raises(UserError, match="steps must be at least 1, not 0"):
        RunningSum(6, 1, 0, 4, True, 6)
