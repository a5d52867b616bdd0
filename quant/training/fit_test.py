"""Parts of a training step."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from quant.training.fit import MovingAverage, Recipe, accuracy


def test_epochs_are_shared_out() -> None:
    recipe = Recipe(float_epochs=30, quant_epochs=10).with_epochs(8)
    assert (recipe.float_epochs, recipe.quant_epochs) == (6, 2)


def test_moving_average_of_a_constant_is_the_constant() -> None:
    net = nn.Linear(2, 2)
    average = MovingAverage(net, 0.9)
    for _ in range(5):
        average.update()
    torch.testing.assert_close(average.state["weight"], net.weight.detach())


def test_moving_average_by_hand() -> None:
    """Of a step from 0 to 1: the first updates decay by 2/11 and 3/12, later ones by 0.5 at most; counts are copied."""
    net = nn.BatchNorm1d(1)
    average = MovingAverage(net, 0.5)
    with torch.no_grad():
        net.bias.fill_(1.0)
        net.num_batches_tracked.fill_(7)
    average.update()
    assert float(average.state["bias"]) == pytest.approx(1 - 2 / 11)
    average.update()
    assert float(average.state["bias"]) == pytest.approx(1 - 2 / 11 * 3 / 12)
    for _ in range(7):  # the ninth is the first whose own decay, 10 / 19, is above 0.5
        average.update()
    rest = 2 * 3 * 4 * 5 * 6 * 7 * 8 * 9 / (11 * 12 * 13 * 14 * 15 * 16 * 17 * 18) * 0.5
    assert 1 - float(average.state["bias"]) == pytest.approx(rest, rel=0.01)
    assert int(average.state["num_batches_tracked"]) == 7


def test_accuracy_counts_matches() -> None:
    assert accuracy(nn.Identity(), torch.eye(4), torch.tensor([0, 1, 2, 0])) == 0.75
