from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.reorder.kernel import Reorder


def transpose(shape: tuple[int, ...], axes: tuple[int, ...], blocks: int = 1, bits: int = 5, pe: int = 1) -> Reorder:
    """A block of that shape with its axes in another order."""
    strides = [int(np.prod(shape[a + 1 :])) for a in range(len(shape))]
    sizes = tuple(shape[a] for a in axes)
    return Reorder(int(np.prod(shape)), sizes, tuple(strides[a] for a in axes), blocks, bits, True, pe)


SHUFFLE = transpose((3, 4), (1, 0), blocks=5)


@pytest.mark.parametrize(
    "kernel",
    [
        SHUFFLE,
        transpose((4, 6, 4), (1, 0, 2), blocks=3, pe=2),
        transpose((12, 2, 3, 8), (1, 2, 0, 3), pe=4, bits=9),  # block RAM
        transpose((2, 3, 2, 2, 3, 2), (3, 0, 4, 1, 5, 2)),  # all six counters
        transpose((3, 4), (1, 0), blocks=4, pe=6),  # registers and wires
        transpose((2, 3, 2), (1, 0, 2), blocks=4, pe=3),
        transpose((4, 3), (1, 0), blocks=6, pe=12),  # a word is a block
        Reorder(2, (2,), (1,), 1, 3, False),
        Reorder(1, (1,), (1,), 3, 3, False),
    ],
)
def test_conforms(kernel: Reorder) -> None:
    conform(kernel, guarded=kernel is SHUFFLE)


def test_every_shuffle_of_a_small_block_is_a_transpose() -> None:
    """The reference against numpy, for all orders of three axes and all lanes that are legal."""
    shape = (2, 3, 4)
    x = np.arange(2 * 24 * 2).reshape(2, 2, *shape)
    for axes in ((0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0), (2, 0, 1)):
        expected = x.transpose(0, 1, *(a + 2 for a in axes))
        for pe in (1, 2, 3, 4, 6, 8, 12, 24):
            kernel = transpose(shape, axes, blocks=2, pe=pe)
            (found,) = kernel.reference(x.reshape(2, -1, pe))
            np.testing.assert_array_equal(found, expected.reshape(2, -1, pe))


LUT = transpose((4, 4, 4), (1, 0, 2), blocks=7, bits=4, pe=4)
BLOCK = transpose((28, 2, 2, 16), (1, 0, 2, 3), blocks=14, bits=4, pe=4)
LANES = transpose((2, 16), (1, 0), blocks=49, bits=4, pe=4)


@pytest.mark.parametrize(("kernel", "family"), [(BLOCK, "ecp5"), (BLOCK, "xc7"), (LUT, "xcup"), (LANES, "ecp5")])
def test_resources(kernel: Reorder, family: str) -> None:
    assert kernel.block_ram == (kernel is BLOCK)
    check_resources(kernel, family)


def test_a_large_block_keeps_its_words_whole() -> None:
    kernel = transpose((64, 64, 6), (1, 0, 2))
    assert kernel.fold_limits() == {"pe": 6}
    with pytest.raises(UserError, match="PE must divide 6, not be 4"):
        kernel.fold(pe=4)


def test_an_order_is_a_permutation() -> None:
    with pytest.raises(UserError, match="must reach each of 6 integers once"):
        Reorder(6, (3, 2), (1, 2), 1, 4, False)
