from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.pad.kernel import Pad


@pytest.mark.parametrize(
    "kernel",
    [
        Pad((7,), 4, 4, True, ((2, 3),), -8, pe=2),
        Pad((5,), 3, 3, False, ((0, 9),), 7, pe=3),
        Pad((1,), 2, 3, False, ((4, 0),), -3, pe=1),  # wider and signed by the constant
        Pad((6,), 2, 4, True, ((0, 0),), 5, pe=2),  # nothing to add
        Pad((3, 4), 2, 4, True, ((1, 2), (2, 1)), 0, pe=1),
        Pad((3, 4), 3, 4, False, ((5, 0), (0, 6)), 100, pe=3),
        Pad((4, 1), 1, 8, True, ((0, 1), (1, 0)), -1, pe=1),
        Pad((2, 3), 2, 4, True, ((0, 0), (0, 1)), 3, pe=2),
    ],
    ids=lambda k: f"{k.shape}-{k.pads}-{k.value}",
)
def test_conforms(kernel: Pad) -> None:
    conform(kernel, guarded=kernel.value in (0, 7))


def test_a_frame_by_hand() -> None:
    kernel = Pad((2, 1), 2, 3, False, ((1, 0), (0, 1)), -2, pe=2)
    (y,) = kernel.reference(np.array([[[1, 2], [3, 4]]]))
    assert y.tolist() == [[[-2, -2], [-2, -2], [1, 2], [-2, -2], [3, 4], [-2, -2]]]
    assert (kernel.outputs[0].stream.bits, kernel.outputs[0].stream.signed) == (4, True)


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(Pad((28, 28), 16, 4, True, ((1, 1), (1, 1)), -8, pe=4), family)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pe": 4}, "PE must divide channels=6, not 4"),
        ({"shape": (2, 3, 4)}, "shape must have 1 or 2 axes"),
        ({"pads": ((0, -1),)}, r"pads must be \(before, after\), not negative"),
        ({"value": 2**31}, "value must fit 32 bits, not 2147483648"),
    ],
)
def test_parameters_are_checked(change: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Pad(**{"shape": (8,), "channels": 6, "bits": 4, "signed": True, "pads": ((1, 1),), **change})
