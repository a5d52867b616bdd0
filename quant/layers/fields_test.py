"""The encoder-decoder over fields: sizes in closed form, its window, shared scales, bad input."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor, nn

from codesign.errors import UserError
from quant.layers.field_shape import FieldShape
from quant.layers.fields import FieldNet
from quant.layers.quantizers import Quantizers

WHOLE = FieldShape((16, 12), 3, 2, (4, 6), rank=2)
WINDOW = FieldShape((32, 32), 6, 4, (3, 4, 5), kernel=5, window=((8, 24), (4, 28)))
FLOAT = Quantizers(enabled=False)


def counted(shape: FieldShape) -> tuple[int, int]:
    """Weights of the convolutions, and products: outputs times the weights behind each."""
    net = FieldNet(shape, FLOAT).eval()
    convs = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    products = 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal products
        products += output.numel() * layer.get_parameter("weight")[0].numel()

    for layer in convs:
        layer.register_forward_hook(count)
    net(torch.zeros(1, shape.inputs, *shape.field))
    return sum(layer.weight.numel() for layer in convs), products


@pytest.mark.parametrize("shape", [WHOLE, WINDOW, FieldShape((32, 32), 6, 4, (8, 16, 32), 3, 5)])
def test_weights_and_macs_in_closed_form_are_those_of_the_layers(shape: FieldShape) -> None:
    assert (shape.weights(), shape.macs()) == counted(shape)


@pytest.mark.parametrize("quantized", [False, True])
@pytest.mark.parametrize(("shape", "field"), [(WHOLE, (2, 16, 12)), (WINDOW, (4, 16, 24))])
def test_it_makes_the_window(shape: FieldShape, field: tuple[int, ...], quantized: bool) -> None:
    net = FieldNet(shape, Quantizers(quantized)).eval()
    assert net(torch.randn(2, shape.inputs, *shape.field)).shape == (2, *field)


def test_a_window_is_a_part_of_the_whole_away_from_its_edge() -> None:
    """Zeros around the window reach 3 values inwards: 1 a convolution, a coarse one twice as far."""
    torch.manual_seed(0)
    whole = FieldNet(FieldShape((32, 32), 2, 1, (3, 4)), FLOAT).eval()
    part = FieldNet(FieldShape((32, 32), 2, 1, (3, 4), window=((8, 24), (8, 24))), FLOAT).eval()
    part.load_state_dict(whole.state_dict())
    x = torch.randn(1, 2, 32, 32)
    torch.testing.assert_close(part(x)[:, :, 3:-3, 3:-3], whole(x)[:, :, 11:21, 11:21])


def test_what_is_laid_side_by_side_has_one_scale() -> None:
    from brevitas.nn import QuantReLU

    net = FieldNet(WINDOW, Quantizers(act_bits=8))
    acts = [layer for layer in net.modules() if isinstance(layer, QuantReLU)]
    assert len(acts) == 3  # a seam between each two levels, and the last
    assert net(torch.randn(2, 6, 32, 32)).isfinite().all()


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"field": (30, 32)}, "30 x 32 cannot be halved 2 times: its sides must be multiples of 4"),
        ({"widths": (4,)}, "2 levels at least, not 1"),
        ({"field": (8, 8)}, "A kernel of 3 is larger than the field of 2 x 2"),
        ({"window": ((8, 30), (8, 24))}, "from 8 to 30 must lie within 0 to 32 and begin and end at multiples of 4"),
        ({"window": ((8, 36), (8, 24))}, "from 8 to 36 must lie within 0 to 32"),
        ({"kernel": 4}, "kernel must be odd, not 4"),
        ({"rank": -2}, "rank must be at least 0, not -2"),
    ],
)
def test_impossible_sizes_are_refused(sizes: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        shape = FieldShape(**{"field": (32, 32), "inputs": 2, "outputs": 1, "widths": (4, 4, 4), **sizes})  # type: ignore[arg-type]
        shape.down()


def test_another_field_is_refused() -> None:
    with pytest.raises(UserError, match=re.escape("takes fields of 3 x 16 x 12, not 3 x 16 x 16")):
        FieldNet(WHOLE, FLOAT)(torch.zeros(1, 3, 16, 16))
