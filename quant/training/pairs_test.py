"""Trained pairs: repeatable, kept whole or not at all, taken up where a run was killed, told apart by settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from quant.training.pairs import Job, jobs_of, train_all
from quant.training.splits import Labelled
from quant.training.toy import SHORT, Toy, rising_or_falling, unchanged


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "train"


def job(model: Toy = Toy(), data: Labelled | None = None, seed: int = 0, split: int = 1) -> Job:  # noqa: B008
    return jobs_of(model, data or rising_or_falling(splits=2), split, SHORT, unchanged, seed)


def nothing() -> None:
    pass


def mirrored(x: Tensor, _: torch.Generator) -> Tensor:
    return -x


def killed_after(ticks: int) -> Callable[[], None]:
    left = iter(range(ticks))

    def tick() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return tick


def test_same_job_same_bytes_whatever_random_numbers_the_caller_used(cache: Path) -> None:
    files = []
    for before, seed in ((5, 1), (6, 1), (5, 2)):
        torch.manual_seed(before)
        state = torch.get_rng_state()
        one = job(seed=seed)
        one.train(nothing)
        assert torch.equal(torch.get_rng_state(), state)
        files.append([path.read_bytes() for path in one.paths])
        for path in one.paths:
            path.unlink()
    assert files[0] == files[1]
    assert files[0][0] != files[2][0]


@pytest.mark.parametrize("ticks", [1, 2, 3])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(cache: Path, ticks: int) -> None:
    """SHORT has 3 epochs in float and 1 quantized; killed in the first phase, nothing is kept, in the second the float
    net."""
    one = job(Toy(dropout=0.1))
    one.train(nothing)
    expected = [path.read_bytes() for path in one.paths]
    for path in one.paths:
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        one.train(killed_after(ticks))
    assert {path.name for path in cache.iterdir()} == ({one.paths[0].name} if ticks == 3 else set())
    assert not one.finished()
    one.train(nothing)
    assert [path.read_bytes() for path in one.paths] == expected


def test_what_is_kept_is_not_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen = job(), list[Job]()
    one.train(nothing)
    monkeypatch.setattr(Job, "train", lambda *_: pytest.fail("trained again"))
    train_all([one], 1, nothing, seen.append)
    assert seen == [one]


@pytest.mark.parametrize("which", [0, 1])
def test_a_damaged_file_is_trained_anew(which: int) -> None:
    one = job()
    one.train(nothing)
    whole = one.paths[which].read_bytes()
    one.paths[which].write_bytes(whole[:-100])
    assert not one.finished()
    one.train(nothing)
    assert one.paths[which].read_bytes() == whole


def test_a_kept_pair_is_the_trained_one() -> None:
    one = job()
    one.train(nothing)
    x = rising_or_falling().x
    floating, quantized = one.nets()
    again, same = one.nets()
    with torch.no_grad():
        assert torch.equal(floating(x), again(x))
        assert torch.equal(quantized(x), same(x))
        assert not torch.equal(quantized(x), floating(x))
    assert not any(net.training for net in (floating, quantized))


def test_other_bits_share_the_float_net_and_nothing_else() -> None:
    four, eight = job(), job(Toy(bits=8))
    assert four.paths[0] == eight.paths[0]
    assert four.paths[1] != eight.paths[1]


def test_whatever_a_pair_depends_on_has_a_file_of_its_own() -> None:
    data = rising_or_falling(splits=2)
    moved = replace(data, x=data.x.index_add(0, torch.tensor([3]), torch.full((1, 3, 16), 1e-3)))
    other = replace(data, y=torch.where(torch.arange(64) == 5, 1 - data.y, data.y))
    jobs = [
        job(), job(Toy(width=4)), job(Toy(dropout=0.1)), job(seed=1), job(split=2), job(data=moved), job(data=other),
        replace(job(), recipe=replace(SHORT, clip=3.0)), replace(job(), augment=mirrored),
    ]  # fmt: skip
    assert len({one.paths[0] for one in jobs}) == len(jobs)
    assert len({one.paths[1] for one in jobs}) == len(jobs)


def test_test_half_has_no_part_in_a_job() -> None:
    data = rising_or_falling()
    spoilt = replace(data, x=data.x.clone(), y=data.y.clone())
    spoilt.x[32:], spoilt.y[32:] = 100.0, 0
    one, two = job(data=data), job(data=spoilt)
    assert one.paths == two.paths
    assert torch.equal(one.x, two.x)
    assert torch.equal(one.y, two.y)


def test_two_processes_train_what_one_does() -> None:
    jobs = [job(split=1), job(split=2)]
    ticks: list[int] = []
    train_all(jobs, 2, lambda: ticks.append(1), lambda _: None)
    files = [[path.read_bytes() for path in one.paths] for one in jobs]
    for path in (path for one in jobs for path in one.paths):
        path.unlink()
    train_all(jobs, 1, nothing, lambda _: None)
    assert [[path.read_bytes() for path in one.paths] for one in jobs] == files
    assert len(ticks) == 8
