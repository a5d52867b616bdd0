"""Regression of fields: the symmetries, the error, both phases of training, bad data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from brevitas.nn import QuantConv2d
from torch import Tensor, nn
from torch.nn import functional

from codesign.errors import UserError
from quant.layers.field_shape import FieldShape
from quant.layers.fields import FieldNet
from quant.layers.quantizers import Quantizers
from quant.training.field_steps import train_pair
from quant.training.regress import Pairs, Recipe, pretrain, quantize, relative_error, settle, turned

RECIPE = Recipe(float_epochs=15, quant_epochs=3, float_rate=1e-2)
SHAPE = FieldShape((8, 8), 2, 1, (8, 8))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "cache"))


def smoothed(x: Tensor) -> Tensor:
    """A law that every symmetry keeps, linear in channel 0: its mean over 3 x 3 values where channel 1 is positive."""
    mean = functional.avg_pool2d(functional.pad(x[:, :1], (1, 1, 1, 1)), 3, 1)
    return mean * (x[:, 1:] > 0)


def pairs(count: int = 160) -> Pairs:
    random = torch.Generator().manual_seed(3)
    x = torch.randn(count, 2, 8, 8, generator=random)
    x[:, 1] = torch.sign(x[:, 1, :1, :1])
    parts = torch.arange(count).split([count - 64, 32, 32])
    counted = torch.ones(8, 8, dtype=torch.bool)
    counted[0] = False
    return Pairs(x, smoothed(x), counted, (0,), parts[0], parts[1], parts[2], "a law")


def build(quantized: bool) -> nn.Module:
    bits = {"weight_bits": 8, "act_bits": 8, "join_bits": 8}
    return FieldNet(SHAPE, Quantizers(enabled=quantized, percentile=99.99, **bits))


def test_turned_pairs_obey_the_same_law() -> None:
    given = pairs()
    random = torch.Generator().manual_seed(0)
    seen = set()
    for _ in range(200):
        x, y = turned(given.x[:4], given.y[:4], given.odd, random)
        torch.testing.assert_close(smoothed(x), y)
        seen.add(tuple(x[0, 0].flatten().tolist()))
    assert len(seen) == 16  # 8 symmetries, 2 signs


def test_the_error_is_relative_and_only_where_it_counts() -> None:
    given = pairs()
    wrong = given.y.clone()
    wrong[:, :, 0] += 100  # row 0 does not count
    found = relative_error(nn.Identity(), replace(given, x=wrong * 1.25), given.test)
    assert found == pytest.approx(0.25)


def test_both_phases_learn_the_law() -> None:
    given = pairs()
    torch.manual_seed(0)
    before = relative_error(build(False), given, given.test)
    trained = train_pair(build, given, RECIPE, 0, {"note": 1})
    row = trained.summary()["splits"][0]
    assert row["note"] == 1
    assert (row["train"], row["validation"], row["test"]) == (96, 32, 32)
    assert row["float"]["test"] < 0.6 < before
    assert row["quantized"]["test"] < 1.1 * row["float"]["test"]
    assert row["quantized"]["test"] == pytest.approx(relative_error(trained.nets[0], given, given.test))
    assert row["float"]["validation"] == pytest.approx(relative_error(trained.teacher, given, given.validation))


def test_settled_weights_are_what_they_are_rounded_to() -> None:
    torch.manual_seed(2)
    net = build(True).eval()
    x = pairs().x[:8]
    before = net(x)
    assert any(not _rounded(layer) for layer in net.modules() if isinstance(layer, QuantConv2d))
    settle(net)
    assert all(_rounded(layer) for layer in net.modules() if isinstance(layer, QuantConv2d))
    torch.testing.assert_close(net(x), before, rtol=1e-4, atol=1e-5)


def _rounded(layer: QuantConv2d) -> bool:
    """Whether no weight is farther from an integer of its scale than float32's rounding takes it."""
    steps = layer.weight / layer.quant_weight().scale
    return bool((steps - steps.round()).abs().max() < 1e-4)


def test_it_repeats_itself_and_sees_the_training_part_only() -> None:
    given = pairs()
    other = replace(given, y=given.y.clone())
    other.y[given.validation], other.y[given.test] = 7.0, -7.0
    short = replace(RECIPE, float_epochs=1, quant_epochs=1)
    made = []
    for each in (given, other):
        torch.manual_seed(1)
        teacher = pretrain(build(False), each, short, 5)
        made.append(quantize(build(True), teacher, each, short, 5))
    states = [{name: value.numpy() for name, value in net.state_dict().items()} for net in made]
    assert all((states[0][name] == states[1][name]).all() for name in states[0])


def test_values_that_are_not_finite_are_refused() -> None:
    given = pairs()
    x = given.x.clone()
    x[3, 1, 2, 2] = np.nan
    with pytest.raises(UserError, match="The inputs hold 1 values that are not finite"):
        replace(given, x=x)
    with pytest.raises(UserError, match="160 inputs, but 8 targets"):
        replace(given, y=given.y[:8])


def test_answers_that_are_not_finite_are_told() -> None:
    class Broken(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, :1] / 0

    with pytest.raises(UserError, match="train with a lower rate"):
        relative_error(Broken(), pairs(), torch.arange(4))
