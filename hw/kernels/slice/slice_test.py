from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform, simulator
from hw.kernels.slice.kernel import Slice


def box(shape: tuple[int, ...], *bounds: tuple[int, int, int], bits: int = 4, pe: int = 1) -> Slice:
    starts, stops, steps = zip(*bounds, strict=True)
    return Slice(shape, starts, stops, steps, bits, True, pe)


ALL = (0, 99, 1)
CROP = box((5, 6, 4), (1, 4, 1), (0, 5, 1), ALL, pe=2)


@pytest.mark.parametrize(
    "kernel",
    [
        CROP,
        box((4, 3, 8), ALL, ALL, (4, 8, 1), pe=4),
        box((4, 3, 9), ALL, (1, 3, 1), (2, 9, 3)),
        box((7, 6, 3), (1, 7, 2), (0, 6, 4), ALL, pe=3),
        box((9,), (3, 4, 1)),
        box((9,), (0, 9, 8)),
        box((2, 3, 2, 3, 2, 3), *[(1, 2, 1), (0, 3, 2), (1, 2, 1), (1, 3, 1), (0, 1, 1), (0, 2, 1)]),
        box((3, 2), ALL, ALL),
    ],
)
def test_conforms(kernel: Slice) -> None:
    conform(kernel, guarded=kernel is CROP)


CUT = box((28, 28, 16), (2, 26, 1), (2, 26, 1), ALL, pe=4)
STEPS = box((28, 28, 16), (1, 28, 2), (1, 28, 3), (8, 16, 1), pe=2)


@pytest.mark.parametrize(
    ("kernel", "family"),
    [(CUT, "ecp5"), (CUT, "xcup"), (STEPS, "xc7")],
)
def test_resources(kernel: Slice, family: str) -> None:
    check_resources(kernel, family)


def test_a_word_is_kept_as_soon_as_it_comes() -> None:
    kernel = box((6, 4), (2, 6, 3), ALL, pe=4)
    with simulator(kernel) as simulation:
        result = simulation.run([np.arange(24).reshape(1, 6, 4) % 8])
    assert (result.moved[0] - result.first_taken).tolist() == [3, 6]


def test_lanes_stay_within_what_is_kept() -> None:
    with pytest.raises(UserError, match="PE must divide 2, not be 4"):
        Slice((4, 12), (0, 2), (4, 12), (1, 1), 4, True, pe=4)
    with pytest.raises(UserError, match="leaves nothing"):
        Slice((4, 12), (0, 12), (4, 12), (1, 1), 4, True)
