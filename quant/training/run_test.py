"""Training over splits: learns what can be learnt, measures test halves only, refuses before it trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from codesign.errors import UserError
from quant.data.splits import Split
from quant.training.pairs import Job
from quant.training.run import measure, train_splits
from quant.training.splits import Labelled
from quant.training.toy import RECIPE, SHORT, Toy, rising_or_falling, unchanged


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "cache"))


def test_both_nets_learn_an_easy_task() -> None:
    trained = train_splits([Toy()], rising_or_falling(), None, RECIPE, unchanged, seed=0)
    (result,) = trained.results
    assert result.float_accuracy >= 0.95
    assert result.quantized_accuracy >= 0.95
    assert (result.split, result.train, result.test) == (1, 32, 32)
    assert trained.summary()["split_by"] == "sequence"


class Fixed(nn.Module):
    """Gives each of four sequences the logits of a table; a sequence is its own index."""

    def __init__(self, table: list[list[float]]) -> None:
        super().__init__()
        self.table = torch.tensor(table)

    def forward(self, x: Tensor) -> Tensor:
        return self.table[x[:, 0].long()]


class Sum(nn.Module):
    """Late fusion: adds logits, in steps of 2 where it is quantized."""

    def __init__(self, nets: Sequence[nn.Module], quantized: bool) -> None:
        super().__init__()
        self.nets, self.step = nn.ModuleList(nets), 2.0 if quantized else 0.01

    def forward(self, x: Tensor) -> Tensor:
        return sum((torch.round(net(x) / self.step) for net in self.nets), torch.zeros(1))


def test_accuracies_are_those_counted_by_hand() -> None:
    """Sequences 1 to 3 are tested and have classes 0, 1, 1. Net a is right about 1 and 2, in float about all; b about
    2, in float about 3. Their float sums are right about 2 and 3; in steps of 2, about 1 and 2 (in 3 both are 0)."""
    a = Fixed([[9, 0], [3, 0], [0, 3], [0.9, 0]]), Fixed([[0, 9], [1, 0], [0, 1], [0, 1]])
    b = Fixed([[9, 0], [0, 0.9], [0, 1], [0, 0]]), Fixed([[9, 0], [0, 2], [0.9, 0], [0, 1]])
    pairs = [(floating, quantized) for quantized, floating in (a, b)]
    data = Labelled(
        torch.arange(4.0)[:, None], torch.tensor([0, 0, 1, 1]), [Split(np.array([0]), np.array([1, 2, 3]))], "a table"
    )
    net, result = measure([Toy("a"), Toy("b")], pairs, data, 1, 0, Sum)
    assert isinstance(net, Sum)
    assert net.step == 2.0
    assert (result.train, result.test) == (1, 3)
    counted = {name: (3 * m.quantized_accuracy, 3 * m.float_accuracy) for name, m in result.members.items()}
    assert counted == {"a": pytest.approx((2, 3)), "b": pytest.approx((1, 1))}
    assert 3 * result.float_accuracy == pytest.approx(2)
    assert 3 * result.quantized_accuracy == pytest.approx(2)


def test_an_ensembles_splits_come_in_order_with_every_member() -> None:
    models = [Toy("a"), Toy("b", width=4)]
    trained = train_splits(models, rising_or_falling(splits=2), [2, 1], SHORT, unchanged, 0, fuse=Sum)
    assert [result.split for result in trained.results] == [2, 1]
    assert all(set(result.members) == {"a", "b"} for result in trained.results)
    assert len(trained.nets) == 2
    rows = trained.summary()["splits"]
    assert set(rows[0]["members"]["a"]) == {"quantized_accuracy", "float_accuracy"}


def spoilt(data: Labelled, what: str) -> Labelled:
    x, y, half = data.x.clone(), data.y.clone(), data.splits[0]
    if what == "nan":
        x[40, 1, 2] = torch.nan
    elif what == "label":
        y[7] = 2
    elif what == "unseen":
        y[:32] = 0
    elif what == "missing":
        y = y[:-1]
    else:
        half = Split(half.train, np.append(half.test, 5))
    return replace(data, x=x, y=y, splits=[half])


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("nan", r"Sequence 40 of ramps is not finite: repair or drop it\."),
        ("label", r"ramps has labels from 0 to 2; this model tells 0 to 1 apart\."),
        ("unseen", r"No training sequence of split 1 of ramps shows class 1, which is tested"),
        ("missing", r"ramps has 64 sequences but 63 labels"),
        ("both", r"Sequence 5 of ramps is in both halves of split 1: leave it in one\."),
    ],
)
def test_bad_data_is_refused_before_anything_is_trained(
    what: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Job, "train", lambda *_: pytest.fail("trained"))
    with pytest.raises(UserError, match=sentence):
        train_splits([Toy()], spoilt(rising_or_falling(), what), None, SHORT, unchanged, seed=0)


@pytest.mark.parametrize("split", [0, 2])
def test_unknown_split_is_refused_before_anything_is_trained(split: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Job, "train", lambda *_: pytest.fail("trained"))
    with pytest.raises(UserError, match=rf"There is no split {split}: ramps has splits 1 to 1\."):
        train_splits([Toy()], rising_or_falling(), [1, split], SHORT, unchanged, seed=0)
