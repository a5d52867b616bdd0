import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.global_sum.kernel import GlobalSum

WIDE = GlobalSum(64, 16, 4, False, 8, pe=4)


@pytest.mark.parametrize(
    "kernel",
    [
        GlobalSum(4, 7, 4, False, 7, pe=4),
        GlobalSum(6, 5, 4, True, 7, pe=3),
        GlobalSum(4, 1, 3, True, 3, pe=1),
        GlobalSum(5, 4, 2, False, 4, pe=1),
        GlobalSum(20, 3, 8, True, 10, pe=2),
        GlobalSum(64, 9, 4, False, 8, pe=1),
        GlobalSum(130, 2, 8, True, 9, pe=1),
        GlobalSum(5, 1, 3, True, 3, pe=1),
    ],
)
def test_conforms(kernel: GlobalSum) -> None:
    conform(kernel, guarded=kernel.channels == 6)


@pytest.mark.parametrize(
    ("kernel", "family"),
    [(WIDE, "ecp5"), (WIDE, "xc7"), (WIDE, "xcup"), (GlobalSum(8, 100, 4, False, 11, pe=4), "ecp5")],
)
def test_resources(kernel: GlobalSum, family: str) -> None:
    check_resources(kernel, family)


def test_pe_must_divide_the_channels() -> None:
    with pytest.raises(UserError, match="PE must divide channels=6, not 4"):
        GlobalSum(6, 5, 4, True, 7, pe=4)
