"""Net pairs (float, quantized) of models on splits, trained by one or more processes and kept: a killed run resumes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from quant.training import kept
from quant.training.fit import Augment, Recipe, Tick, deterministic
from quant.training.splits import Labelled, train_float, train_further, train_quantized

Pair = tuple[nn.Module, nn.Module]
Done = Callable[["Job"], None]


class Trainee(Protocol):
    """What is asked of a model here."""

    def __hash__(self) -> int: ...

    @property
    def name(self) -> str: ...
    @property
    def outputs(self) -> int: ...
    @property
    def dropout(self) -> float: ...

    def build(self, quantized: bool = True) -> nn.Module: ...


@cache
def fingerprint(model: Trainee, quantized: bool, shape: tuple[int, ...]) -> str:
    """That of `model`'s nets."""
    return kept.fingerprint(model.build, quantized, shape)


@dataclass(frozen=True)
class Job(kept.Steps):
    """One model on the training half `x`, `y` of split `split` (from 1); the same job gives the same bytes.

    `recipe` has the epochs of the first two steps, `more` those of the others.
    """

    model: Trainee
    split: int
    x: Tensor
    y: Tensor
    recipe: Recipe
    augment: Augment
    seed: int
    more: tuple[int, ...] = ()

    @cached_property
    def paths(self) -> tuple[Path, ...]:  # type: ignore[override]
        shape = tuple(self.x.shape[1:])
        first = replace(self.recipe, quant_epochs=0, quant_rate=0, distill=0, temperature=0)
        settings = self.augment, self.seed, self.x, self.y, first, fingerprint(self.model, False, shape)
        paths = [kept.place("float", *settings)]
        paths.append(kept.place("quantized", paths[0].stem, self.recipe, fingerprint(self.model, True, shape)))
        for epochs in self.more:
            paths.append(kept.place("quantized", paths[-1].stem, epochs))
        return tuple(paths)

    @property
    def epochs(self) -> tuple[int, ...]:
        return (self.recipe.float_epochs, self.recipe.quant_epochs, *self.more)

    def nets(self) -> Pair:
        """The float net and the last quantized one."""
        return self.net(0), self.net(len(self.paths) - 1)

    def net(self, step: int) -> nn.Module:
        state = self.state(step)
        with deterministic(0):
            net = self.model.build(step > 0)
        net.load_state_dict({name: torch.from_numpy(v) for name, v in state.items() if name not in RANDOM})
        return net.eval()

    def _made(self, step: int, tick: Tick) -> kept.State:
        build, data = self.model.build, (self.x, self.y, self.recipe, self.augment)
        if step == 0:
            net, random = train_float(build, *data, self.seed, tick)
            return {**kept.state_of(net), **{n: v.numpy() for n, v in zip(RANDOM, random, strict=True)}}
        if step == 1:
            own, torchs = (torch.from_numpy(self.state(0)[name]) for name in reversed(RANDOM))
            return kept.state_of(train_quantized(build, self.net(0), (torchs, own), *data, tick))
        before = self.net(step - 1)
        return kept.state_of(train_further(before, self.net(0), *data, self.seed + step, self.more[step - 2], tick))


RANDOM = ("random/torch", "random/own")


def jobs_of(model: Trainee, data: Labelled, split: int, recipe: Recipe, augment: Augment, seed: int) -> Job:
    """The job of `model` on split `split` (from 1): nothing of the test half is in it."""
    half = data.splits[split - 1].train
    recipe = replace(recipe, dropout=model.dropout)
    return Job(model, split, data.x[half], data.y[half], recipe, augment, seed)


def train_all(jobs: Sequence[Job], processes: int, tick: Tick, done: Done) -> None:
    """Train those of `jobs` that aren't kept, `processes` at a time (one thread each); `done` as each one is there."""
    todo = []
    for job in jobs:
        if job.finished():
            done(job)
        else:
            todo.append(job)
    if processes == 1 or len(todo) < 2:
        for job in todo:
            job.train(tick)
            done(job)
        return
    with _workers(processes, tick) as pool:
        running: dict[Future[None], Job] = {pool.submit(_train, job): job for job in todo}
        for future in as_completed(running):
            future.result()
            done(running[future])


_ticks: Any = None


def _start(ticks: Any) -> None:
    global _ticks
    _ticks = ticks
    torch.set_num_threads(1)


def _train(job: Job) -> None:
    job.train(lambda: _ticks.put(None))


@contextmanager
def _workers(processes: int, tick: Tick) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes whose ticks call `tick` here; what is left to do is dropped when the block raises."""
    context = get_context("spawn")
    ticks = context.SimpleQueue()

    def listen() -> None:
        while ticks.get() is None:
            tick()

    listener = Thread(target=listen, daemon=True)
    listener.start()
    pool = ProcessPoolExecutor(processes, context, _start, (ticks,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        ticks.put("end")
        listener.join()
