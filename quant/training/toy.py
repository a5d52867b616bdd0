"""For tests: a task that is quickly learnt, and the small models that learn it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from quant import weights
from quant.data.splits import Split
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import TemporalNet
from quant.layers.temporal_shape import TemporalShape
from quant.training.fit import Recipe
from quant.training.splits import Labelled

RECIPE = Recipe(float_epochs=40, quant_epochs=15, batch=16)
SHORT = RECIPE.with_epochs(4)


@dataclass(frozen=True)
class Toy:
    """Tells rising from falling."""

    name: str = "toy"
    width: int = 8
    bits: int = 4
    outputs: int = 2
    dropout: float = 0.0

    def build(self, quantized: bool = True) -> nn.Module:
        shape = TemporalShape(frames=16, inputs=3, widths=(self.width,), kernel=4, classes=self.outputs)
        return TemporalNet(shape, Quantizers(quantized, self.bits, self.bits))

    def save_weights(self, net: nn.Module, path: Path, about: dict[str, Any]) -> None:
        weights.save(path, {name: value.numpy() for name, value in net.state_dict().items()}, about)

    def load_weights(self, path: Path) -> nn.Module:
        net = self.build()
        expected = {**dict(net.named_parameters()), **net.state_dict()}
        state = weights.load(path, {name: tuple(value.shape) for name, value in expected.items()})
        net.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
        return net.eval()


def rising_or_falling(n: int = 64, splits: int = 1) -> Labelled:
    """`n` noisy ramps; in split 1 the first half trains, in split 2 the second."""
    random = np.random.default_rng(0)
    y = np.arange(n) % 2
    ramp = np.where(y, 1.0, -1.0)[:, None, None] * np.linspace(-1, 1, 16)
    x = torch.tensor(ramp + random.normal(0, 0.2, (n, 3, 16)), dtype=torch.float32)
    halves = np.arange(n // 2), np.arange(n // 2, n)
    return Labelled(x, torch.from_numpy(y), [Split(*halves), Split(*halves[::-1])][:splits], "ramps")


def unchanged(x: Tensor, _: torch.Generator) -> Tensor:
    """An augmentation that does nothing."""
    return x
