import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.top_k.kernel import TopK

PLAIN = TopK(6, 4, 5, True, 3, indices=True)


@pytest.mark.parametrize(
    "kernel",
    [
        PLAIN,
        TopK(10, 1, 12, True, 1, indices=True),  # ArgMax of scores
        TopK(5, 3, 2, False, 5, indices=True),  # a whole order, mostly of ties
        TopK(7, 2, 2, True, 4, indices=False),
        TopK(9, 3, 8, False, 2, indices=False),
        TopK(1, 5, 3, True, 1, indices=True),
        TopK(1, 1, 1, False, 1, indices=False),
        TopK(2, 1, 1, True, 2, indices=False),
    ],
    ids=lambda k: f"{k.k}of{k.channels}-{k.bits}{'us'[k.signed]}-{'indices' if k.indices else 'values'}",
)
def test_conforms(kernel: TopK) -> None:
    conform(kernel, guarded=kernel is PLAIN, frames=12)


def test_the_order_is_that_of_a_sort() -> None:
    """What the kernel's reference is held to, once more by Python's own sort."""
    x = np.random.default_rng(0).integers(-4, 4, (20, 24, 1))
    (found,) = PLAIN.reference(x)
    for frame, largest in zip(x.reshape(20, 4, 6).tolist(), found.reshape(20, 4, 3).tolist(), strict=True):
        for channels, three in zip(frame, largest, strict=True):
            assert three == [c for _, c in sorted((-v, c) for c, v in enumerate(channels))][:3]


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(TopK(100, 16, 16, True, 5, indices=True), family)


def test_resources_of_values() -> None:
    check_resources(TopK(10, 1, 20, True, 4, indices=False), "ecp5")


@pytest.mark.parametrize("k", [0, 7])
def test_k_must_lie_within_the_channels(k: int) -> None:
    with pytest.raises(UserError, match=f"k must lie between 1 and channels=6, not be {k}"):
        TopK(6, 4, 5, True, k, indices=True)
