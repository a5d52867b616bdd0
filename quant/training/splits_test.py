"""Training: repeatable, learns what can be learnt, and measures on the test half only."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from codesign.errors import UserError
from quant.data.splits import Split
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import TemporalNet
from quant.layers.temporal_shape import TemporalShape
from quant.training.fit import MovingAverage, Recipe, accuracy
from quant.training.splits import Labelled, SplitResult, summary, train_split

SHAPE = TemporalShape(frames=16, inputs=3, widths=(8,), kernel=4, classes=2)
RECIPE = Recipe(float_epochs=40, quant_epochs=15, batch=16, dropout=0.0)


def build(quantized: bool) -> nn.Module:
    return TemporalNet(SHAPE, Quantizers(quantized))


def rising_or_falling(n: int = 64) -> Labelled:
    random = np.random.default_rng(0)
    y = np.arange(n) % 2
    ramp = np.where(y, 1.0, -1.0)[:, None, None] * np.linspace(-1, 1, 16)
    x = torch.tensor(ramp + random.normal(0, 0.2, (n, 3, 16)), dtype=torch.float32)
    half = Split(np.arange(n // 2), np.arange(n // 2, n))
    return Labelled(x, torch.from_numpy(y), [half], "ramps")


def unchanged(x: torch.Tensor, _: torch.Generator) -> torch.Tensor:
    return x


def test_both_nets_learn_an_easy_task() -> None:
    _, result = train_split(build, rising_or_falling(), 0, RECIPE, unchanged, seed=0)
    assert result.float_accuracy >= 0.95
    assert result.quantized_accuracy >= 0.95
    assert (result.split, result.train, result.test) == (1, 32, 32)


def test_same_seed_same_net() -> None:
    short = RECIPE.with_epochs(3)
    states = []
    for before, seed in ((5, 1), (6, 1), (5, 2)):
        torch.manual_seed(before)  # what the caller did with random numbers must not matter
        states.append(train_split(build, rising_or_falling(), 0, short, unchanged, seed)[0].state_dict())
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])
    assert not torch.equal(states[0]["stem.conv.weight"], states[2]["stem.conv.weight"])


def test_test_half_has_no_part_in_training() -> None:
    short = RECIPE.with_epochs(3)
    data = rising_or_falling()
    spoilt = Labelled(data.x.clone(), data.y, data.splits, data.source)
    spoilt.x[32:] = 100.0
    nets = [train_split(build, d, 0, short, unchanged, seed=0)[0].state_dict() for d in (data, spoilt)]
    assert all(torch.equal(nets[0][k], nets[1][k]) for k in nets[0])


def test_unknown_split_is_refused() -> None:
    with pytest.raises(UserError, match=r"There is no split 2: ramps has splits 1 to 1\."):
        train_split(build, rising_or_falling(), 1, RECIPE, unchanged, seed=0)


def test_random_state_of_the_caller_is_left_alone() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    train_split(build, rising_or_falling(), 0, RECIPE.with_epochs(2), unchanged, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_epochs_are_shared_out() -> None:
    recipe = Recipe(float_epochs=30, quant_epochs=10).with_epochs(8)
    assert (recipe.float_epochs, recipe.quant_epochs) == (6, 2)


def test_moving_average_of_a_constant_is_the_constant() -> None:
    net = nn.Linear(2, 2)
    average = MovingAverage(net, 0.9)
    for _ in range(5):
        average.update()
    torch.testing.assert_close(average.state["weight"], net.weight.detach())


def test_accuracy_counts_matches() -> None:
    assert accuracy(nn.Identity(), torch.eye(4), torch.tensor([0, 1, 2, 0])) == 0.75


def test_summary_is_the_mean_over_splits() -> None:
    got = summary([SplitResult(1, 9, 9, 0.8, 0.9), SplitResult(2, 9, 9, 1.0, 0.9)])
    assert got["quantized_mean"] == pytest.approx(0.9)
    assert got["quantized_std"] == pytest.approx(0.1)
    assert got["float_std"] == 0.0
