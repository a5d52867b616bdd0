"""The two-stream net: its second tower sees the transposed sequence."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from quant.layers.quantizers import Quantizers
from quant.layers.temporal_shape import TemporalShape
from quant.layers.two_stream import TwoStreamNet

SQUARE = TemporalShape(frames=9, inputs=9, widths=(4, 8), kernel=4, classes=3)
LONG = TemporalShape(frames=14, inputs=6, widths=(4, 8), kernel=4, classes=3)


def test_towers_with_the_same_weights_change_places_when_the_input_is_transposed() -> None:
    """With the second half of the classifier the first's negative, logits change sign."""
    torch.manual_seed(0)
    net = TwoStreamNet(SQUARE, Quantizers(False)).eval()
    net.towers[1].load_state_dict(net.towers[0].state_dict())
    with torch.no_grad():
        half = torch.randn(3, 8)
        net.classify.weight.copy_(torch.cat([half, -half], 1))
        net.classify.bias.zero_()
        x = torch.randn(5, 9, 9)
        torch.testing.assert_close(net(x), -net(x.transpose(1, 2)))
        assert net(x).abs().max() > 1e-3


@pytest.mark.parametrize("shape", [SQUARE, LONG])
def test_both_streams_reach_the_classifier_on_one_scale(shape: TemporalShape) -> None:
    from brevitas.nn import QuantLinear

    torch.manual_seed(1)
    net = TwoStreamNet(shape, Quantizers())
    for _ in range(3):
        net(torch.randn(8, shape.inputs, shape.frames))
    seen: list[Tensor] = []
    assert isinstance(net.classify, QuantLinear)
    net.classify.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    net.eval()(torch.randn(4, shape.inputs, shape.frames))
    integers = seen[0] / net.features.act_quant.scale().detach()
    assert integers.shape == (4, 16)
    torch.testing.assert_close(integers, integers.round())
    assert integers.min() >= 0 and 1 < integers.max() <= 255
    assert all(isinstance(tower, nn.Module) for tower in net.towers)
