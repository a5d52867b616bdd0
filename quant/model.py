"""What a model offers to the toolchain. Its file in quant/models/ imports torch inside functions only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np

from codesign.errors import UserError
from quant import weights
from quant.requirements import require_torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from quant.training.fit import Tick
    from quant.training.rungs import Learner, Plan

WEIGHTS = Path(__file__).parent / "models" / "weights"


class Training(Protocol):
    """What a training gave: the quantized nets, in the order of the splits trained, and their results."""

    @property
    def nets(self) -> list[nn.Module]: ...

    def summary(self) -> dict[str, Any]:
        """Settings, and under `splits` a row of results for each net; ready for JSON."""


@dataclass(frozen=True)
class Variation:
    """A choice in training that a sweep may vary.

    Attributes:
        meaning: for people.
        low, high: of its values, both included; a whole number is one of them.
        make: (model, value) -> the model with it.
    """

    meaning: str
    low: int
    high: int
    make: Callable[[Any, int], Model]

    def check(self, name: str, value: object) -> int:
        """Return `value` as an int; refuses what the variation `name` cannot be."""
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not (number and self.low <= value <= self.high and value == int(value)):  # type: ignore[operator,call-overload]
            wanted = f"a whole number from {self.low} to {self.high}"
            raise UserError(f"{name} ({self.meaning}) must be {wanted}, not {value!r}.")
        return int(value)  # type: ignore[call-overload,no-any-return]


class Model(ABC):
    """A named network: how it is built, fed, trained and exported.

    Attributes:
        name: as typed on the command line.
        description: one line for `codesign models`.
        input_shape: of one frame, without the batch axis, as the model takes it (channels first).
        classes: labels of the outputs, in order; empty where unknown.
        bones: pairs of joints that are connected, where an input is a skeleton; input channel 3 * joint + axis is a
            coordinate of a joint.
        joints: of that skeleton.
        preset: name of the model that this one is a variant of; empty for a preset.
        variations: what a sweep may vary, by name, in the order in which it is made.
    """

    name: str
    description: str
    input_shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    bones: tuple[tuple[int, int], ...] = ()
    joints: int = 0
    preset: str = ""
    variations: ClassVar[Mapping[str, Variation]] = {}

    @abstractmethod
    def build(self, quantized: bool = True) -> nn.Module:
        """A fresh torch module (float32 [N, *input_shape] in); with `quantized` False the same net in float."""

    @abstractmethod
    def sample_inputs(self, n: int, data_dir: Path | None = None, seed: int = 0) -> np.ndarray:
        """float32 [n, *input_shape], preprocessed: from the data set in `data_dir`, else synthetic."""

    def samples(self, n: int, data_dir: Path | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray, str]:
        """`sample_inputs`, their labels (int64 [n], index into `classes`, -1 unknown), and a sentence on their source.

        A model that knows the labels overrides this.
        """
        source = "Generated inputs." if data_dir is None else f"Inputs from {data_dir.name}."
        return self.sample_inputs(n, data_dir, seed), np.full(n, -1, np.int64), source

    @abstractmethod
    def train(
        self,
        data_dir: Path | None = None,
        splits: Sequence[int] | None = None,
        epochs: int | None = None,
        seed: int = 0,
    ) -> Training:
        """Train on `splits` (1-based; None: all) of the data set in `data_dir` (None: synthetic data)."""

    def learner(self, data_dir: Path | None, plan: Plan, tick: Tick) -> Learner:
        """This model, trained by rungs; `quant.training.rungs.learner` checks `plan` first."""
        raise UserError(f"{self.name} is not trained by rungs: take a model that is, or train it with codesign train.")

    @abstractmethod
    def macs(self) -> int:
        """Multiply-accumulates of one input."""

    def vary(self, **choices: float) -> Self:
        """The variant of this model with `choices`, by the names of `variations`; itself where they change nothing.

        A variant has no shipped weights: it is `calibrated` until it is trained.

        Raises:
            UserError: there is no such variation, or a value is none of it.
        """
        for name in choices:
            if name not in self.variations:
                known = ", ".join(self.variations) or "nothing"
                raise UserError(f"{self.name} has no variation {name!r}; what may be varied is {known}.")
        values = {n: v.check(n, choices[n]) for n, v in self.variations.items() if n in choices}
        made = self._made(values)
        if made == self:
            return self
        told = {n: v for n, v in values.items() if self._made({m: w for m, w in values.items() if m != n}) != made}
        about = {
            "name": "-".join([self.name, *(f"{n}{v}" for n, v in told.items())]),
            "description": f"{self.description}; varied: {', '.join(f'{n} {v}' for n, v in told.items())}",
            "preset": self.preset or self.name,
        }
        return replace(made, **about)  # type: ignore[type-var]

    def _made(self, values: Mapping[str, int]) -> Self:
        made: Any = self
        for name, value in values.items():
            made = self.variations[name].make(made, value)
        return made  # type: ignore[no-any-return]

    def load_weights(self, path: Path | None = None) -> nn.Module:
        """The quantized net with the weights of `path` (default: the ones that are shipped), ready to run.

        Raises:
            UserError: the file is missing, truncated, corrupt or of another model.
        """
        import torch

        net = self.build()
        # Activation scales are parameters that Brevitas leaves out of the state until they have seen data.
        expected = {**dict(net.named_parameters()), **net.state_dict()}
        state = weights.load(path or self.weight_file, {name: tuple(v.shape) for name, v in expected.items()})
        net.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
        return net.eval()

    @property
    def weight_file(self) -> Path:
        """Where the shipped weights lie."""
        return WEIGHTS / f"{self.name}.npz"

    def save_weights(self, net: nn.Module, path: Path, about: dict[str, Any]) -> None:
        """Write `net`'s state to `path` (.npz) and `about` to the .json beside it."""
        weights.save(path, {name: value.numpy() for name, value in net.state_dict().items()}, about)

    def export(self, path: Path, weights: Path | None = None) -> None:
        """Write the net as QONNX, batch 1, to `path`; the same weights give the same bytes."""
        require_torch()
        from quant.export import export_qonnx

        export_qonnx(self.load_weights(weights), self.input_shape, path, self.name)


def reference_float32(net: nn.Module, x: np.ndarray) -> np.ndarray:
    """What Brevitas computes, in float32, for a batch `x` float32 [N, *input_shape].

    The integer graph equals it except where an activation lies on a near tie (the ingest lists those).
    """
    import torch

    net.eval()
    with torch.no_grad():
        return np.asarray(net(torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))).numpy())
