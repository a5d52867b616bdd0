"""Decomposition of trained filters: the nearest of low rank, and what already has a low rank is found again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from codesign.errors import UserError
from quant.layers.compressed import CompressedConv, DenseConv
from quant.layers.decompose import compose, cp, into, svd
from quant.layers.field_shape import Filters
from quant.layers.quantizers import Quantizers

FLOAT = Quantizers(enabled=False)
RANDOM = np.random.default_rng(2)


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_svd_leaves_the_singular_values_behind_the_rank(rank: int) -> None:
    """Eckart and Young: the distance is the norm of the values cut off, from the eigenvalues of K^T K."""
    kernel = RANDOM.standard_normal((5, 3, 3))
    tall, wide = svd(kernel, rank)
    left = np.square(kernel - np.einsum("rfi,rfj->fij", tall, wide)).sum((1, 2))
    eigen = np.linalg.eigvalsh(kernel.transpose(0, 2, 1) @ kernel)[:, ::-1]
    np.testing.assert_allclose(left, eigen[:, rank:].sum(1), atol=1e-12)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_cp_finds_a_filter_of_that_rank_again(rank: int) -> None:
    made = compose(*(RANDOM.standard_normal((6, rank, size)) for size in (8, 3, 3)))
    point, tall, wide = cp(made, rank)
    found = np.einsum("rfc,rfi,rfj->fcij", point, tall, wide)
    assert np.linalg.norm(found - made) < 1e-2 * np.linalg.norm(made)
    np.testing.assert_allclose(np.linalg.norm(point, axis=2), np.linalg.norm(wide, axis=2), rtol=1e-6)


def test_cp_is_no_farther_than_the_higher_order_svd_of_rank_1() -> None:
    """The product of the leading singular vectors of the unfoldings (De Lathauwer 2000) is a feasible term."""
    kernel = RANDOM.standard_normal((4, 6, 3, 3))
    found = np.einsum("rfc,rfi,rfj->fcij", *cp(kernel, 1))
    for one, near in zip(kernel, found, strict=True):
        vectors = [np.linalg.svd(np.moveaxis(one, a, 0).reshape(one.shape[a], -1))[0][:, 0] for a in range(3)]
        weight = np.einsum("cij,c,i,j->", one, *vectors)
        assert np.square(one - near).sum() <= np.square(one).sum() - weight**2 + 1e-9


@pytest.mark.parametrize(("ways", "outputs"), [(3, 5), (2, 6)])
def test_a_layer_takes_the_filters_of_a_trained_one(ways: int, outputs: int) -> None:
    torch.manual_seed(1)
    dense = DenseConv(FLOAT, Filters(3, outputs, ways=ways))
    layer = CompressedConv(FLOAT, Filters(3, outputs, rank=3, ways=ways))
    into(layer, dense)
    x = torch.randn(2, 3, 6, 6)
    if ways == 2:  # a 3 x 3 filter has rank 3 at most
        torch.testing.assert_close(layer(x), dense(x), rtol=1e-4, atol=1e-5)
    else:
        near = (layer.kernel() - dense.kernel()).norm() / dense.kernel().norm()
        rough = CompressedConv(FLOAT, Filters(3, outputs, rank=1))
        into(rough, dense)
        assert near < 0.5 * (rough.kernel() - dense.kernel()).norm() / dense.kernel().norm()


def test_layers_of_other_sizes_are_refused() -> None:
    with pytest.raises(UserError, match="cannot be decomposed"):
        into(CompressedConv(FLOAT, Filters(3, 4, rank=1)), DenseConv(FLOAT, Filters(3, 5)))
