"""The residual 1-D net: shapes, padding, multiply-accumulates, number formats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from quant.layers.quantizers import Quantizers
from quant.layers.temporal import TemporalNet, same_padding
from quant.layers.temporal_shape import TemporalShape

SMALL = TemporalShape(frames=17, inputs=6, widths=(4, 8), kernel=8, classes=3)
TINY = TemporalShape(frames=64, inputs=60, widths=(16, 32, 64), kernel=8, classes=10)
PAPER = TemporalShape(frames=300, inputs=150, widths=(64, 128, 256), kernel=8, classes=60)


@pytest.mark.parametrize(
    ("frames", "kernel", "stride", "expected"),
    [(64, 8, 1, (3, 4)), (64, 8, 2, (3, 3)), (17, 8, 2, (3, 4)), (64, 1, 2, (0, 0)), (5, 1, 1, (0, 0))],
)
def test_same_padding(frames: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    assert same_padding(frames, kernel, stride) == expected


@pytest.mark.parametrize("quantized", [False, True])
@pytest.mark.parametrize("shape", [SMALL, TINY])
def test_logits_have_one_value_per_class(shape: TemporalShape, quantized: bool) -> None:
    net = TemporalNet(shape, Quantizers(quantized)).eval()
    assert net(torch.randn(2, shape.inputs, shape.frames)).shape == (2, shape.classes)


def counted_macs(shape: TemporalShape) -> int:
    """Counted from what the layers really do: outputs times the weights behind each."""
    net = TemporalNet(shape, Quantizers(False)).eval()
    total = 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal total
        total += output.numel() * layer.weight[0].numel()

    for layer in net.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            layer.register_forward_hook(count)
    net(torch.zeros(1, shape.inputs, shape.frames))
    return total


@pytest.mark.parametrize("shape", [SMALL, TINY, PAPER])
def test_macs_in_closed_form_are_those_of_the_layers(shape: TemporalShape) -> None:
    assert shape.macs() == counted_macs(shape)


def test_paper_preset_has_the_published_size() -> None:
    """Ensem-NN's base net: 204 M multiply-accumulates, 1.88 M parameters."""
    assert round(PAPER.macs() / 1e6) == 204
    parameters = sum(p.numel() for p in TemporalNet(PAPER, Quantizers(False)).parameters())
    assert parameters == pytest.approx(1.88e6, rel=0.01)


def test_float_and_quantized_nets_share_their_parameters() -> None:
    quantized = TemporalNet(SMALL, Quantizers(True))
    floating = TemporalNet(SMALL, Quantizers(False))
    assert set(floating.state_dict()) <= set(quantized.state_dict())


def quantized_tensors(net: TemporalNet, x: Tensor) -> dict[str, tuple[np.ndarray, float, int]]:
    """Every activation quantizer's (integers, scale, bit width), by the name of its layer."""
    from brevitas.nn import QuantIdentity, QuantReLU

    seen: dict[str, tuple[np.ndarray, float, int]] = {}
    for name, layer in net.named_modules():
        if isinstance(layer, QuantIdentity | QuantReLU):
            layer.return_quant_tensor = True

            def keep(_: nn.Module, __: object, output: Any, name: str = name) -> Tensor:
                integers = (output.value / output.scale).detach().numpy()
                assert np.abs(integers - integers.round()).max() < 1e-3
                seen[name] = (integers.round(), float(output.scale), int(output.bit_width))
                return output.value

            layer.register_forward_hook(keep)
    net(x)
    return seen


def test_activations_have_4_bits_and_the_input_8() -> None:
    torch.manual_seed(0)
    net = TemporalNet(SMALL, Quantizers(True))
    for _ in range(3):
        net(torch.randn(8, 6, 17))
    seen = quantized_tensors(net.eval(), torch.randn(4, 6, 17))
    assert len(seen) == 2 + 2 * 4
    for name, (integers, _, bits) in seen.items():
        assert bits == (8 if name == "input" else 4)
        signed = name == "input" or name.endswith("join")
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        assert low <= integers.min() <= integers.max() <= high, name


def test_weights_have_4_bits_and_a_scale_per_channel() -> None:
    from brevitas.nn import QuantConv1d

    for layer in TemporalNet(SMALL, Quantizers(True)).modules():
        if isinstance(layer, QuantConv1d):
            weight = layer.quant_weight()
            assert int(weight.bit_width) == 4
            assert weight.scale.numel() == layer.out_channels
            integers = (weight.value / weight.scale).detach().numpy()
            assert np.abs(integers - integers.round()).max() < 1e-3
            assert np.abs(integers).max() < 8.001
