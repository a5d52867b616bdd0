"""Net pairs (float, quantized) of models on splits, trained by one or more processes and kept: a killed run resumes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from codesign.errors import UserError
from codesign.files import cache_folder, replacing
from quant import npz
from quant.training.fit import Augment, Recipe, Tick, deterministic
from quant.training.splits import Labelled, RandomState, train_float, train_quantized

# Counted up when the code of training changes what it computes: nets that were kept before are trained anew.
VERSION = 1
Pair = tuple[nn.Module, nn.Module]
Done = Callable[["Job"], None]
State = dict[str, np.ndarray]


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
    """What a fresh net of `model` makes of a fixed batch: layers, sizes and number formats all change it."""
    with deterministic(0) as random, torch.no_grad():
        net = model.build(quantized)
        batch = torch.randn((8, *shape), generator=random)
        seen = net.train()(batch), net.eval()(batch)
    return hashlib.sha256(b"".join(y.numpy().tobytes() for y in seen)).hexdigest()


@dataclass(frozen=True)
class Job:
    """One model on the training half `x`, `y` of split `split` (from 1); the same job gives the same bytes."""

    model: Trainee
    split: int
    x: Tensor
    y: Tensor
    recipe: Recipe
    augment: Augment
    seed: int

    @cached_property
    def paths(self) -> tuple[Path, Path]:
        """Where the float net and the quantized one are kept: named by everything that they depend on."""
        shape = tuple(self.x.shape[1:])
        first = replace(self.recipe, quant_epochs=0, quant_rate=0, distill=0, temperature=0)
        key = hashlib.sha256(repr((VERSION, torch.__version__, self.augment, self.seed)).encode())
        for part in (self.x, self.y):
            key.update(part.contiguous().numpy().tobytes())
        paths = []
        for kind, recipe in (("float", first), ("quantized", self.recipe)):
            key.update(repr((recipe, fingerprint(self.model, kind == "quantized", shape))).encode())
            paths.append(cache_folder() / "train" / f"{self.model.name}-{kind}-{key.hexdigest()[:24]}.npz")
        return paths[0], paths[1]

    def finished(self) -> bool:
        """Whether both nets are kept, undamaged."""
        return all(_read(path) is not None for path in self.paths)

    def nets(self) -> Pair:
        """The two nets, which are kept."""
        return self._net(False, _read(self.paths[0]) or {}), self._net(True, _read(self.paths[1]) or {})

    def _net(self, quantized: bool, kept: State) -> nn.Module:
        net = self.model.build(quantized)
        net.load_state_dict({name: torch.from_numpy(v) for name, v in kept.items() if name not in RANDOM})
        return net.eval()

    def train(self, tick: Tick) -> None:
        """Train what isn't kept, and keep it, whole or not at all."""
        net, random = self.train_float(tick)
        if _read(self.paths[1]) is None:
            quantized = train_quantized(self.model.build, net, random, self.x, self.y, self.recipe, self.augment, tick)
            _write(self.paths[1], quantized, {})

    def train_float(self, tick: Tick) -> tuple[nn.Module, RandomState]:
        """The float net, kept or trained now, and the random numbers that the second phase goes on with."""
        kept = _read(self.paths[0])
        if kept is not None:
            for _ in range(self.recipe.float_epochs):
                tick()
            return self._net(False, kept), (torch.from_numpy(kept[RANDOM[0]]), torch.from_numpy(kept[RANDOM[1]]))
        net, random = train_float(self.model.build, self.x, self.y, self.recipe, self.augment, self.seed, tick)
        _write(self.paths[0], net, dict(zip(RANDOM, random, strict=True)))
        return net, random


RANDOM = ("random/torch", "random/own")


def _read(path: Path) -> State | None:
    """What is kept in `path`; None where nothing is, or it is damaged."""
    if not path.is_file():
        return None
    try:
        return npz.read(path, "trained net")
    except UserError:
        return None


def _write(path: Path, net: nn.Module, more: dict[str, Tensor]) -> None:
    with replacing(path) as part:
        np.savez(part, allow_pickle=False, **{k: v.numpy() for k, v in {**net.state_dict(), **more}.items()})


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
