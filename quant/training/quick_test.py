"""The quick quantizers: bit for bit Brevitas' values, gradients and trained nets."""

from __future__ import annotations

import copy
from contextlib import nullcontext

import pytest
import torch
from torch import Tensor, nn

from quant.layers.quantizers import Quantizers
from quant.layers.temporal import TemporalNet
from quant.layers.temporal_shape import TemporalShape
from quant.training import fit
from quant.training.fit import Recipe, deterministic, observe
from quant.training.quick import quick

SHAPE = TemporalShape(frames=16, inputs=6, widths=(4, 8), kernel=4, classes=3)
X = torch.randn(24, 6, 16, generator=torch.Generator().manual_seed(1))
Y = torch.arange(24) % 3


def net_of(bits: int) -> nn.Module:
    with deterministic(0):
        net = TemporalNet(SHAPE, Quantizers(True, weight_bits=bits, act_bits=bits, join_bits=max(4, bits)))
        observe(net, iter([X] * 48))
    return net


def step(net: nn.Module, x: Tensor, within: bool) -> tuple[Tensor, list[Tensor]]:
    net.train()
    with quick(net) if within else nullcontext():
        logits = net(x)
        nn.functional.cross_entropy(logits, Y).backward()
    return logits.detach(), [p.grad for p in net.parameters() if p.grad is not None]


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_values_and_gradients_are_those_of_brevitas(bits: int) -> None:
    """At scales far too small, too, where most values are clamped and pass no gradient."""
    for shrink in (1.0, 0.2):
        one = net_of(bits)
        with torch.no_grad():
            for name, value in one.named_parameters():
                if name.endswith("scaling_impl.value"):
                    value *= shrink
        two = copy.deepcopy(one)
        (y, expected), (z, got) = step(one, X, within=False), step(two, X, within=True)
        assert torch.equal(y, z)
        assert len(expected) == len(got) > 20
        assert all(torch.equal(a, b) for a, b in zip(expected, got, strict=True))


def test_a_negative_scale_is_left_to_brevitas() -> None:
    one = net_of(4)
    with torch.no_grad():
        for name, value in one.named_parameters():
            if name.endswith("scaling_impl.value"):
                value.neg_()
    two = copy.deepcopy(one)
    (y, expected), (z, got) = step(one, X, within=False), step(two, X, within=True)
    assert torch.equal(y, z)
    assert all(torch.equal(a, b) for a, b in zip(expected, got, strict=True))


def test_a_training_ends_in_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, states = Recipe(batch=8), []
    for within in (quick, lambda _: nullcontext()):
        monkeypatch.setattr(fit, "quick", within)
        net = net_of(4)
        with deterministic(3) as random:
            fit.fit(net, X, Y, recipe, lambda x, _: x, random, epochs=4, rate=1e-2)
        states.append(net.state_dict())
    assert all(torch.equal(states[0][name], value) for name, value in states[1].items())


def test_quantizers_are_as_before_afterwards() -> None:
    net = net_of(4)
    with pytest.raises(RuntimeError), quick(net):
        assert any("forward" in vars(layer) for layer in net.modules())
        raise RuntimeError
    assert not any("forward" in vars(layer) for layer in net.modules())
