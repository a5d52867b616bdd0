"""The attention net: what its gate computes, in float and on integers, and what stays linear around its blocks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from quant.layers.attention import AttentionNet, Gate, PreActivationStage
from quant.layers.quantizers import Quantizers
from quant.layers.temporal_shape import TemporalShape

SMALL = TemporalShape(frames=10, inputs=6, widths=(4, 8), kernel=4, classes=3)


def normalized(norm: nn.Module, x: np.ndarray) -> np.ndarray:
    """BatchNorm's formula on [..., C], by the averages that it has kept."""
    gamma, beta, mean, variance = (
        v.detach().double().numpy() for v in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    )
    return np.asarray((x - mean) / np.sqrt(variance + norm.eps) * gamma + beta)


def test_gate_in_float_is_two_dense_layers_of_a_frame() -> None:
    torch.manual_seed(0)
    gate = Gate(Quantizers(False), 10, 6)
    x = torch.randn(5, 6, 10)
    gate(x), gate.eval()
    frames = x.double().numpy().transpose(0, 2, 1)
    first, second = (m.conv.weight[:, :, 0].detach().double().numpy() for m in (gate.hidden, gate.gate))
    hidden = np.tanh(normalized(gate.hidden.norm, frames @ first.T))
    expected = frames / (1 + np.exp(-normalized(gate.gate.norm, hidden @ second.T)))
    np.testing.assert_allclose(gate(x).detach().numpy().transpose(0, 2, 1), expected, rtol=1e-4, atol=1e-5)


def test_gate_on_integers_is_a_table_of_a_table() -> None:
    torch.manual_seed(1)
    net = AttentionNet(SMALL, Quantizers())
    for _ in range(3):
        net(torch.randn(8, 6, 10))
    seen: dict[str, Tensor] = {}
    for name in ("tanh", "sigmoid"):
        layer = getattr(net.gate, name)
        layer.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output.detach()}))
        layer.argument.register_forward_hook(lambda _, __, output, name=name: seen.update({f"of {name}": output}))
    net.eval()(2 * torch.randn(16, 6, 10))
    for name, steps, low, high in (("tanh", 8, -8, 7), ("sigmoid", 15, 0, 15)):
        step = torch.tensor(1 / steps)  # a float32, and 1/15 is none: sigmoid(0) is below 7.5 steps
        integers = seen[name] / step
        torch.testing.assert_close(integers, integers.round())
        assert low <= integers.min() < integers.max() <= high
        argument = seen[f"of {name}"] * 8  # 6 bits up to 4
        torch.testing.assert_close(argument, argument.round())
        assert -32 <= argument.min() < argument.max() <= 31
        function = torch.tanh if name == "tanh" else torch.sigmoid
        expected = (function(seen[f"of {name}"]) / step).round().clamp(low, high)
        torch.testing.assert_close(integers, expected, atol=1e-3, rtol=0)


def test_skip_stays_linear_where_the_width_does() -> None:
    """With its last normalization at zero a stage of one width gives its input, negative values too."""
    torch.manual_seed(2)
    stage = PreActivationStage(Quantizers(False), SMALL, 10, 4, 4).eval()
    nn.init.zeros_(stage.body[-1].norm.weight)
    x = torch.randn(3, 4, 10)
    torch.testing.assert_close(stage(x), x)
    wider = PreActivationStage(Quantizers(False), SMALL, 10, 4, 8).eval()
    assert wider(x).shape == (3, 8, 5)
