"""Training of a small classifier: first in float, then quantized with the float net as its teacher."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from quant.training.quick import quick

Augment = Callable[[Tensor, torch.Generator], Tensor]
Tick = Callable[[], None]


@dataclass(frozen=True)
class Phases:
    """How long a training lasts: passes over the training part in float, then quantized."""

    float_epochs: int
    quant_epochs: int

    def with_epochs(self, total: int) -> Self:
        """The same recipe over `total` epochs in all, shared out as here (at least one a phase)."""
        quant = max(1, round(total * self.quant_epochs / (self.float_epochs + self.quant_epochs)))
        return replace(self, float_epochs=max(1, total - quant), quant_epochs=quant)


@dataclass(frozen=True)
class Recipe(Phases):
    """Hyper-parameters of both phases.

    The defaults were chosen on the skeleton net (quant/models/results/README.md says how).

    Attributes:
        float_epochs, quant_epochs: passes over the training half in each phase.
        float_rate, quant_rate: peak learning rates (AdamW, one cycle).
        weight_decay: on weights only, not on scales, biases and BatchNorm.
        dropout: on the pooled features, while training.
        smoothing: label smoothing.
        distill: share of the teacher's loss in the quantized phase, at `temperature`.
        averaging: decay of the moving average of the weights, which is what is kept.
    """

    float_epochs: int = 200
    quant_epochs: int = 100
    float_rate: float = 3e-3
    quant_rate: float = 3e-3
    weight_decay: float = 0.1
    batch: int = 32
    dropout: float = 0.2
    smoothing: float = 0.1
    distill: float = 0.8
    temperature: float = 2.0
    averaging: float = 0.99
    clip: float = 2.0


@contextmanager
def deterministic(seed: int) -> Iterator[torch.Generator]:
    """One thread and fixed random numbers inside, the caller's state again after it."""
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        try:
            yield torch.Generator().manual_seed(seed)
        finally:
            torch.set_num_threads(threads)


def optimizer_of(net: nn.Module, rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW that decays weights, and neither scales, biases nor BatchNorm."""
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, foreach=True)


class MovingAverage:
    """Exponential average of a net's whole state, with a shorter memory in the first steps."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay, self.steps = decay, 0
        current = net.state_dict()  # its tensors are the net's own, so it stays current
        self.state = {name: value.clone() for name, value in current.items()}
        floating = [name for name, value in current.items() if value.dtype.is_floating_point]
        self._averages, self._values = [self.state[n] for n in floating], [current[n] for n in floating]
        self._counts = [(self.state[n], current[n]) for n in current.keys() - set(floating)]

    def update(self) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_mul_(self._averages, decay)
        torch._foreach_add_(self._averages, self._values, alpha=1 - decay)
        for count, value in self._counts:
            count.copy_(value)


def _loss(logits: Tensor, labels: Tensor, taught: Tensor | None, recipe: Recipe) -> Tensor:
    loss = functional.cross_entropy(logits, labels, label_smoothing=recipe.smoothing)
    if taught is None:
        return loss
    t = recipe.temperature
    soft = (
        functional.kl_div(
            functional.log_softmax(logits / t, 1), functional.softmax(taught / t, 1), reduction="batchmean"
        )
        * t
        * t
    )
    return (1 - recipe.distill) * loss + recipe.distill * soft


@contextmanager
def _dropout(net: nn.Module, share: float) -> Iterator[None]:
    hook = net.classify.register_forward_pre_hook(lambda _, given: (functional.dropout(given[0], share),))
    try:
        yield
    finally:
        hook.remove()


def fit(
    net: nn.Module,
    x: Tensor,
    y: Tensor,
    recipe: Recipe,
    augment: Augment,
    random: torch.Generator,
    *,
    epochs: int,
    rate: float,
    teacher: nn.Module | None = None,
    tick: Tick | None = None,
) -> nn.Module:
    """Train `net` in place on `x` float32 [n, ...] and `y` int64 [n]; return it averaged and in evaluation mode.

    `net.classify` must be its last layer (dropout goes before it). `tick` is called after every epoch.
    """
    batches = max(1, len(x) // recipe.batch)
    optimizer = optimizer_of(net, rate, recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=max(2, epochs * batches), pct_start=0.15
    )
    average = MovingAverage(net, recipe.averaging)
    parameters = list(net.parameters())
    net.train()
    with quick(net), _dropout(net, recipe.dropout):
        for _ in range(epochs):
            order = torch.randperm(len(x), generator=random)
            for start in range(0, batches * recipe.batch, recipe.batch):
                chosen = order[start : start + recipe.batch]
                batch = augment(x[chosen], random)
                with torch.no_grad():
                    taught = teacher(batch) if teacher is not None else None
                optimizer.zero_grad()
                _loss(net(batch), y[chosen], taught, recipe).backward()
                nn.utils.clip_grad_norm_(parameters, recipe.clip)
                optimizer.step()
                schedule.step()
                average.update()
            if tick is not None:
                tick()
    net.load_state_dict(average.state)
    return net.eval()


def observe(net: nn.Module, batches: Iterator[Tensor]) -> None:
    """Let activation quantizers and BatchNorm see `batches`, so that scales start where the data is."""
    net.train()
    with torch.no_grad():
        for batch in batches:
            net(batch)
    net.eval()


def accuracy(net: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of `x` that `net` puts in class `y`."""
    with torch.no_grad():
        return int((net(x).argmax(1) == y).sum()) / len(y)
