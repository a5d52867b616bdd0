"""Training of nets that predict fields: first in float, then quantized with the float net as its teacher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import torch
from brevitas.nn import QuantConv2d
from torch import Tensor, nn

from codesign.errors import UserError
from quant.training.fit import MovingAverage, Phases, Tick, deterministic, observe, optimizer_of
from quant.training.quick import quick

BATCH_OF_ERRORS = 256
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Pairs:
    """Fields and what a net is to make of them.

    Attributes:
        x: float32 [n, C, H, W].
        y: float32 [n, D, h, w].
        counted: bool [h, w], the places of y that count.
        odd: channels of x that change their sign with y: the wave equation is linear in its field and its sources.
        train, validation, test: int64 indices of samples.
        source: where they come from.
    """

    x: Tensor
    y: Tensor
    counted: Tensor
    odd: tuple[int, ...]
    train: Tensor
    validation: Tensor
    test: Tensor
    source: str

    def __post_init__(self) -> None:
        for name, values in (("inputs", self.x), ("targets", self.y)):
            if bad := int((~torch.isfinite(values)).sum()):
                raise UserError(f"The {name} hold {bad} values that are not finite: make the data set again.")
        if len(self.x) != len(self.y):
            raise UserError(f"There are {len(self.x)} inputs, but {len(self.y)} targets: make the data set again.")


@dataclass(frozen=True)
class Recipe(Phases):
    """Hyper-parameters of both phases; chosen on validation simulations (docs/wave.md).

    Attributes:
        float_epochs, quant_epochs: passes over the training part in each phase.
        float_rate, quant_rate: peak learning rates (AdamW, one cycle).
        weight_decay: on weights only.
        distill: share of the teacher's outputs in the target of the quantized phase.
        averaging: decay of the moving average of the weights, which is what is kept.
    """

    float_epochs: int = 20
    quant_epochs: int = 6
    float_rate: float = 3e-2
    quant_rate: float = 3e-3
    weight_decay: float = 1e-4
    batch: int = 16
    distill: float = 0.5
    averaging: float = 0.99
    clip: float = 1.0


def relative_error(net: nn.Module, pairs: Pairs, part: Tensor) -> float:
    """|net(x) - y| / |y| in L2 over the samples `part` and the places that count.

    Raises:
        UserError: the net's answers are not finite.
    """
    found = predict(net, pairs.x[part])[..., pairs.counted]
    expected = pairs.y[part][..., pairs.counted]
    error = float((found - expected).double().norm() / expected.double().norm())
    if not isfinite(error):
        raise UserError("The net's answers are not finite: train with a lower rate.")
    return error


def predict(net: nn.Module, x: Tensor) -> Tensor:
    """What `net` makes of `x`, batch by batch."""
    with torch.no_grad():
        return torch.cat([net(x[i : i + BATCH_OF_ERRORS]) for i in range(0, len(x), BATCH_OF_ERRORS)])


def turned(x: Tensor, y: Tensor, odd: tuple[int, ...], random: torch.Generator) -> tuple[Tensor, Tensor]:
    """The batch under one of the square's 8 symmetries and with one of two signs: waves obey the same equation."""
    turns, mirror, sign = torch.randint(0, 4, (3,), generator=random).tolist()
    x, y = (torch.rot90(v, turns, (2, 3)) for v in (x, y))
    if mirror % 2:
        x, y = x.flip(3), y.flip(3)
    if sign % 2:
        signs = torch.ones(x.shape[1])
        signs[list(odd)] = -1
        x, y = x * signs[:, None, None], -y
    return x, y


def fit(
    net: nn.Module,
    pairs: Pairs,
    recipe: Recipe,
    random: torch.Generator,
    *,
    epochs: int,
    rate: float,
    teacher: nn.Module | None = None,
    tick: Tick | None = None,
) -> nn.Module:
    """Train `net` in place on the squared error; return it averaged and in evaluation mode."""
    batches = max(1, len(pairs.train) // recipe.batch)
    optimizer = optimizer_of(net, rate, recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=max(2, epochs * batches), pct_start=0.2)
    average = MovingAverage(net, recipe.averaging)
    power = pairs.y[pairs.train][..., pairs.counted].square().mean()
    net.train()
    for _ in range(epochs):
        for x, y in _batches(pairs, recipe.batch, batches, random):
            if teacher is not None:
                with torch.no_grad():
                    y = recipe.distill * teacher(x) + (1 - recipe.distill) * y
            optimizer.zero_grad()
            loss = (net(x) - y)[..., pairs.counted].square().mean() / power
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
            average.update()
        if tick is not None:
            tick()
    net.load_state_dict(average.state)
    return net.eval()


def _batches(pairs: Pairs, size: int, count: int, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    order = pairs.train[torch.randperm(len(pairs.train), generator=random)]
    for start in range(0, count * size, size):
        chosen = order[start : start + size]
        yield turned(pairs.x[chosen], pairs.y[chosen], pairs.odd, random)


def quantize(
    net: nn.Module, teacher: nn.Module, pairs: Pairs, recipe: Recipe, seed: int, tick: Tick | None = None
) -> nn.Module:
    """`net`, the quantized form of `teacher`, with its weights, scales fitted to the data, trained further."""
    net.to(memory_format=torch.channels_last)
    with deterministic(seed) as random:
        missing = net.load_state_dict(teacher.state_dict(), strict=False)
        if missing.unexpected_keys:
            raise UserError(f"The teacher has {missing.unexpected_keys[0]}, which the quantized net lacks.")
        seen = [pairs.train[torch.randperm(len(pairs.train), generator=random)[: recipe.batch]] for _ in range(40)]
        observe(net, (pairs.x[chosen] for chosen in seen))
        with quick(net):
            fit(
                net,
                pairs,
                recipe,
                random,
                epochs=recipe.quant_epochs,
                rate=recipe.quant_rate,
                teacher=teacher,
                tick=tick,
            )
    return net


def further(
    net: nn.Module, teacher: nn.Module, pairs: Pairs, recipe: Recipe, seed: int, epochs: int, tick: Tick | None = None
) -> nn.Module:
    """More epochs of the quantized phase, a cycle of rates of their own."""
    with deterministic(seed) as random, quick(net):
        return fit(net, pairs, recipe, random, epochs=epochs, rate=recipe.quant_rate, teacher=teacher, tick=tick)


def settle(net: nn.Module) -> nn.Module:
    """Set every weight of `net` to the value that it is rounded to; return it.

    One in 100,000 weights of 8 bits lies so near the middle of two values that float32 rounds it otherwise than exact
    arithmetic does.
    """
    with torch.no_grad():
        for layer in net.modules():
            if isinstance(layer, QuantConv2d):
                layer.weight.copy_(layer.quant_weight().value)
    return net


def pretrain(net: nn.Module, pairs: Pairs, recipe: Recipe, seed: int, tick: Tick | None = None) -> nn.Module:
    """`net` trained in float."""
    net.to(memory_format=torch.channels_last)  # twice as fast on a CPU where filters have one channel
    with deterministic(seed) as random:
        return fit(net, pairs, recipe, random, epochs=recipe.float_epochs, rate=recipe.float_rate, tick=tick)


def errors(net: nn.Module, pairs: Pairs) -> dict[str, float]:
    """Relative errors on the parts that nothing is fitted to."""
    return {name: relative_error(net, pairs, getattr(pairs, name)) for name in PARTS[1:]}
