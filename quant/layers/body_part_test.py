"""The body-part net: five nets that never meet before the last layer."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from quant.layers.body_part import BodyPartNet
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import Tower
from quant.layers.temporal_shape import TemporalShape

PARTS = ((0, 1, 2), (3, 4, -1), (7, 5, 6))
CHANNELS = [c for part in PARTS for c in part]
ALL = TemporalShape(frames=11, inputs=9, widths=(6, 12), kernel=4, classes=4, groups=3)
ONE = TemporalShape(frames=11, inputs=3, widths=(2, 4), kernel=4, classes=4)


def of_part(state: dict[str, Tensor], part: int, parts: int) -> dict[str, Tensor]:
    """Every parameter's rows that belong to one part: a convolution's weights have the others' inputs left out."""
    return {n: v.chunk(parts)[part] if v.ndim else v for n, v in state.items()}


def test_it_computes_what_a_net_for_each_part_computes() -> None:
    torch.manual_seed(0)
    net = BodyPartNet(ALL, CHANNELS, Quantizers(False))
    x = torch.randn(6, 8, 11)
    net(x), net.eval()  # BatchNorm has seen something
    features = []
    for number, part in enumerate(PARTS):
        tower = Tower(ONE, Quantizers(False)).eval()
        tower.load_state_dict(of_part(net.tower.state_dict(), number, len(PARTS)))
        own = torch.stack([x[:, c] if c >= 0 else torch.zeros(6, 11) for c in part], 1)
        features.append(tower(own))
    expected = nn.functional.linear(torch.cat(features, 1), net.classify.weight, net.classify.bias)
    torch.testing.assert_close(net(x), expected)


@pytest.mark.parametrize("part", range(3))
def test_a_part_changes_its_own_features_only(part: int) -> None:
    torch.manual_seed(1)
    net = BodyPartNet(ALL, CHANNELS, Quantizers())
    x = torch.randn(8, 8, 11)
    for _ in range(3):
        net(x)
    features: list[Tensor] = []
    net.tower.register_forward_hook(lambda _, __, output: features.append(output.reshape(8, 3, 4)))
    moved = x.clone()
    moved[:, [c for c in PARTS[part] if c >= 0]] = 0.0
    net.eval()(x), net(moved)
    changed = (features[0] != features[1]).any(2).any(0)
    assert changed.tolist() == [number == part for number in range(3)]


def test_channels_must_fit_the_shape() -> None:
    with pytest.raises(ValueError, match="8 channels for 9 inputs"):
        BodyPartNet(ALL, CHANNELS[:-1], Quantizers(False))
