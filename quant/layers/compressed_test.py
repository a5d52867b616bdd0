"""Compressed convolutions: closed forms, equality with the composed dense kernel, bad input."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from codesign.errors import UserError
from quant.layers.compressed import CompressedConv, DenseConv, field_conv
from quant.layers.field_shape import Filters
from quant.layers.quantizers import Quantizers

FLOAT = Quantizers(enabled=False)


@pytest.mark.parametrize(
    ("filters", "weights"),
    [
        (Filters(16, 1, 3, 2), 44),
        (Filters(16, 1, 3), 144),
        (Filters(16, 32, 5, 3), 32 * 3 * (10 + 16)),
        (Filters(1, 1, 3, 1, ways=2), 6),
        (Filters(1, 1, 3, ways=2), 9),
        (Filters(8, 16, 7, 2, ways=2), 16 * 2 * 14),
    ],
)
def test_weights_in_closed_form_are_those_of_the_layers(filters: Filters, weights: int) -> None:
    """3-way R * (2k + C) a filter, 2-way R * 2k, dense k^2 * C."""
    made = sum(p.numel() for p in field_conv(FLOAT, filters).parameters())
    assert made == filters.weights == weights


def composed(layer: CompressedConv) -> np.ndarray:
    """The kernel summed up term by term from the one-way filters, in loops."""
    f = layer.filters
    tall, wide = layer.tall.weight.detach().numpy(), layer.wide.weight.detach().numpy()
    point = layer.point.weight.detach().numpy() if layer.point is not None else None
    each = f.outputs // f.inputs if f.ways == 2 else 0
    kernel = np.zeros((f.outputs, f.inputs if f.ways == 3 else 1, f.kernel, f.kernel))
    for out in range(f.outputs):
        for r in range(f.rank):
            term = r * f.outputs + out if f.ways == 3 else (out // each * f.rank + r) * each + out % each
            plane = np.outer(tall[term, 0, :, 0], wide[out, 0, 0, r :: f.rank])
            seen = point[term, :, 0, 0] if point is not None else np.ones(1)
            kernel[out] += seen[:, None, None] * plane
    return kernel


@pytest.mark.parametrize("ways", [2, 3])
@pytest.mark.parametrize(
    ("inputs", "outputs", "kernel", "rank"), [(3, 6, 3, 2), (4, 4, 5, 3), (1, 2, 3, 1), (2, 6, 1, 2)]
)
def test_it_is_the_dense_convolution_with_the_composed_kernel(
    ways: int, inputs: int, outputs: int, kernel: int, rank: int
) -> None:
    torch.manual_seed(kernel)
    layer = CompressedConv(FLOAT, Filters(inputs, outputs, kernel, rank, ways))
    x = torch.randn(2, inputs, 7, 9)
    weight = torch.from_numpy(composed(layer)).float()
    expected = functional.conv2d(x, weight, padding=kernel // 2, groups=inputs if ways == 2 else 1)
    torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(layer.kernel(), weight, rtol=1e-5, atol=1e-6)


def test_dense_layer_has_its_kernel() -> None:
    layer = DenseConv(FLOAT, Filters(2, 3))
    x = torch.randn(1, 2, 5, 5)
    torch.testing.assert_close(layer(x), functional.conv2d(x, layer.kernel(), padding=1))


def test_sums_between_one_way_filters_are_rounded_to_8_bits() -> None:
    from brevitas.nn import QuantConv2d, QuantIdentity

    layer = CompressedConv(Quantizers(weight_bits=8, act_bits=8, join_bits=8), Filters(3, 4, 3, 2))
    convs = [m for m in layer.modules() if isinstance(m, QuantConv2d)]
    joins = [m for m in layer.modules() if isinstance(m, QuantIdentity)]
    assert [int(m.quant_weight().bit_width) for m in convs] == [8, 8, 8]
    assert [int(m.act_quant.bit_width()) for m in joins] == [8, 8]
    assert isinstance(layer, nn.Module)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"rank": -1}, "rank must be at least 0, not -1"),
        ({"kernel": 4}, "kernel must be odd, not 4"),
        ({"kernel": 0}, "kernel must be at least 1"),
        ({"inputs": 0}, "inputs must be at least 1"),
        ({"ways": 4}, "2 or 3 ways, not 4"),
        ({"outputs": 9, "ways": 2}, "a multiple of inputs=4, not 9"),
    ],
)
def test_impossible_filters_are_refused(sizes: dict[str, int], said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        Filters(**{"inputs": 4, "outputs": 4, **sizes})


def test_a_compressed_layer_needs_a_rank() -> None:
    with pytest.raises(UserError, match="rank must be at least 1, not 0"):
        CompressedConv(FLOAT, Filters(4, 4))


@pytest.mark.parametrize("rank", [0, 1])
def test_a_kernel_larger_than_the_field_is_refused(rank: int) -> None:
    with pytest.raises(UserError, match=re.escape("A kernel of 7 is larger than the field of 5 x 9")):
        field_conv(FLOAT, Filters(2, 2, 7, rank))(torch.zeros(1, 2, 5, 9))
