"""Waves in two dimensions: encoder-decoders that foretell the edge of a zone of interest, or the next field.

After the a-priori compressed CNN for wave simulators (arXiv 2304.04964), on this project's own finite-element data set
(quant/data/wave). Three nets for each size that differ in their convolutions alone: classical; compressed before
training; classical, trained, and decomposed after it. Weights and activations of the presets have 8 bits, the network
input 10.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from codesign.errors import UserError
from quant.layers.field_shape import FieldShape
from quant.model import WEIGHTS, Model, Variation
from quant.quiet import quiet

if TYPE_CHECKING:
    from torch import nn

    from quant.data.wave.tasks import WaveTask
    from quant.training.field_steps import Regressed
    from quant.training.fit import Tick
    from quant.training.regress import Pairs, Recipe
    from quant.training.rungs import Learner, Plan

DATA = "medium"
"""Size of the data set that the nets are trained on and fed from."""
EVEN = ("speed", "reflection")
"""Channels that stay as they are where a wave changes its sign."""


def _sized(model: WaveModel, **fields: Any) -> WaveModel:
    """`model` with other sizes; refuses those that no net has."""
    sizes = replace(model.sizes, **fields)
    sizes.weights()
    return replace(model, sizes=sizes)


VARIATIONS: dict[str, Variation] = {
    "rank": Variation("one-way products a filter; 0: classical", 0, 4, lambda m, n: _sized(m, rank=n)),
    "width": Variation(
        "channels of the finest level, which coarser ones double", 2, 64,
        lambda m, n: _sized(m, widths=tuple(n << level for level in range(len(m.sizes.widths)))),
    ),
    "kernel": Variation("taps along each axis", 1, 7, lambda m, n: _sized(m, kernel=n)),
    "bits": Variation("bits of weights and activations", 2, 8, lambda m, n: replace(m, bits=n)),
}  # fmt: skip


@dataclass(frozen=True)
class WaveModel(Model):
    """A preset, or a variant of one.

    Attributes:
        task: of quant.data.wave.tasks.
        sizes: of the net.
        origin: name of the classical preset whose trained filters this one decomposes; empty where it starts afresh.
        bits: of weights and activations.
        preset: name of the one that this is a variant of.
    """

    variations: ClassVar[Mapping[str, Variation]] = VARIATIONS

    name: str
    description: str
    task: str
    sizes: FieldShape
    origin: str = ""
    bits: int = 8
    preset: str = ""

    @property
    def input_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        """(channels, rows, columns)"""
        return (self.sizes.inputs, *self.sizes.field)

    def macs(self) -> int:
        """Multiply-accumulates of one field; products with padding zeros are counted."""
        return self.sizes.macs()

    def build(self, quantized: bool = True) -> nn.Module:
        with quiet():
            from quant.layers.fields import FieldNet
            from quant.layers.quantizers import Quantizers
        bits = {"weight_bits": self.bits, "act_bits": self.bits, "join_bits": self.bits, "input_bits": 10}
        return FieldNet(self.sizes, Quantizers(enabled=quantized, percentile=100.0, **bits))

    @cached_property
    def note(self) -> dict[str, Any]:
        """What lies beside the preset's shipped weights: command, errors, normalisation."""
        path = WEIGHTS / f"{self.preset or self.name}.json"
        if not path.is_file():
            raise UserError(f"{path} does not exist: train {path.stem} first, or copy it from where it was trained.")
        return dict(json.loads(path.read_text()))

    def sample_inputs(self, n: int, data_dir: Path | None = None, seed: int = 0) -> np.ndarray:
        return self.samples(n, data_dir, seed)[0]

    def samples(self, n: int, data_dir: Path | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray, str]:
        """Fields of test simulations, which no net was trained on; as few as are needed are simulated here."""
        random = np.random.default_rng(seed)
        if data_dir is not None:
            task = self.fields(data_dir)
            x = task.x[random.choice(task.test, n, replace=n > len(task.test))]
        else:
            x, _ = self.simulated(-(-n // 10), random)
            x = x[random.permutation(len(x))[:n]]
        return x, np.full(n, -1, np.int64), "Finite-element fields of problems that the network was not trained on."

    def simulated(self, problems: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of `problems` of the test part, normalised, as `fields` has them; 0.5 s a problem."""
        from quant.data.wave import sizes
        from quant.data.wave.problems import random_problem
        from quant.data.wave.simulate import Simulation
        from quant.data.wave.tasks import TASKS

        size, norm = sizes.get(DATA), self.note["normalisation"]
        low, high = self.note["test_simulations"]
        make = TASKS[self.task][1]
        pairs = []
        for number in random.permutation(np.arange(low, high))[:problems]:
            problem = random_problem(size, int(number))
            field = Simulation(size, problem).fields().astype(np.float32)
            pairs += [make(size, problem, field, now) for now in range(size.first, size.first + size.samples)]
        x, y = (np.stack(part) for part in zip(*pairs, strict=True))
        offset, scale = (np.array(norm[name])[:, None, None] for name in ("x_offset", "x_scale"))
        return ((x - offset) / scale).astype(np.float32), (y / norm["y_scale"]).astype(np.float32)

    def fields(self, data_dir: Path | None = None) -> WaveTask:
        """The data set in `data_dir` (None: the project's cache), simulated where it is not there yet."""
        from quant.data.wave import tasks

        return tasks.load(self.task, DATA, data_dir)

    def pairs(self, task: WaveTask) -> Pairs:
        """What the net is trained and judged on: targets as images of its window."""
        import torch

        from quant.training.regress import Pairs

        parts = [torch.from_numpy(part) for part in (task.train, task.validation, task.test)]
        odd = tuple(i for i, name in enumerate(task.channels) if name not in EVEN)
        images, counted = self.images(task.y)
        x, y, counts = (torch.from_numpy(array) for array in (task.x, images, counted))
        return Pairs(x, y, counts, odd, parts[0], parts[1], parts[2], task.source)

    def images(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Targets as the data set has them to images [n, outputs, h, w], and which places of those count."""
        (top, bottom), (left, right) = self.sizes.window_at(0)
        shape = (bottom - top, right - left)
        if self.task != "boundary":
            return y, np.ones(shape, bool)
        rows, columns = self.ring
        images, counted = np.zeros((*y.shape[:2], *shape), np.float32), np.zeros(shape, bool)
        images[:, :, rows, columns], counted[rows, columns] = y, True
        return images, counted

    @property
    def ring(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the zone's edge in the net's window."""
        from quant.data.wave import sizes
        from quant.data.wave.tasks import ring

        (top, _), (left, _) = self.sizes.window_at(0)
        rows, columns = (ring(sizes.get(DATA)) - [top, left]).T
        return rows, columns

    def train(
        self,
        data_dir: Path | None = None,
        splits: Sequence[int] | None = None,
        epochs: int | None = None,
        seed: int = 0,
        **others: object,
    ) -> Regressed:
        from quant.training.field_steps import train_pair

        if others:
            raise UserError(f"The training of {self.name} knows no {' and no '.join(others)}: leave it out.")
        if splits is None or list(splits) != [1]:
            asked = "all" if splits is None else list(splits)
            raise UserError(f"The wave data set has one split, 1: {self.name} cannot be trained on {asked}.")
        task = self.fields(data_dir)
        recipe = self.recipe() if epochs is None else self.recipe().with_epochs(epochs)
        about = self._about(task)
        return train_pair(self.build, self.pairs(task), recipe, seed, about, self.decomposed() if self.origin else None)

    def learner(self, data_dir: Path | None, plan: Plan, tick: Tick) -> Learner:
        from quant.training.field_steps import FieldSteps
        from quant.training.rungs import added
        from quant.training.rungs_fields import FieldLearner

        if plan.split != 1:
            raise UserError(f"The wave data set has one split, 1: {self.name} cannot be trained on {plan.split}.")
        task, (first, *more) = _task(self.task, data_dir), added(plan)
        recipe = replace(self.recipe(), float_epochs=plan.float_epochs, quant_epochs=first)
        start = self.decomposed() if self.origin else None
        steps = FieldSteps(self.build, self.pairs(task), recipe, plan.seed, tuple(more), start)
        return FieldLearner(self, steps, self._about(task), plan, tick)

    def _about(self, task: WaveTask) -> dict[str, Any]:
        return {
            "normalisation": {
                "x_offset": task.x_offset.tolist(), "x_scale": task.x_scale.tolist(), "y_scale": task.y_scale,
            },
            "test_simulations": [int(task.simulation[task.test].min()), int(task.simulation[task.test].max()) + 1],
            "weights": self.sizes.weights(), "macs": self.macs(), "baselines": task.baselines,
        }  # fmt: skip

    def load_weights(self, path: Path | None = None) -> nn.Module:
        if path is None and self.preset:
            return self.calibrated()
        return super().load_weights(path)

    def calibrated(self, seed: int = 0) -> nn.Module:
        """Untrained: random weights, scales fitted to the fields of one problem. Its outputs mean nothing."""
        import torch

        from quant.training.fit import deterministic, observe

        fields = torch.from_numpy(self.simulated(1, np.random.default_rng(seed))[0])
        with deterministic(seed):
            net = self.build()
            observe(net, iter([fields] * 4))
        return net

    def recipe(self) -> Recipe:
        """How it is trained: each kind of net at the peak rate that suits it; a decomposed one for fewer epochs."""
        from quant.training.regress import Recipe

        if self.origin:
            return Recipe(float_epochs=2, float_rate=1e-2)
        return Recipe(float_rate=3e-2 if self.sizes.rank else 1e-2)

    def decomposed(self) -> nn.Module:
        """The float net with the decomposed filters of the trained classical one; not trained further."""
        from quant import models
        from quant.layers.compressed import CompressedConv, DenseConv
        from quant.layers.decompose import into

        trained, net = models.get(self.origin).load_weights(), self.build(quantized=False)
        mine = net.state_dict()
        net.load_state_dict(
            {n: v for n, v in trained.state_dict().items() if n in mine and "conv" not in n}, strict=False
        )
        theirs = dict(trained.named_modules())
        for name, layer in net.named_modules():
            if isinstance(layer, CompressedConv):
                dense = theirs[name]
                assert isinstance(dense, DenseConv)
                into(layer, dense)
        return net.eval()


@lru_cache(maxsize=1)
def _task(name: str, data_dir: Path | None) -> WaveTask:
    """The data set, read once for many nets."""
    from quant.data.wave import tasks

    return tasks.load(name, DATA, data_dir)


CLASSICAL = FieldShape((32, 32), 6, 4, (16, 32, 64), rank=0, kernel=5, window=((8, 24), (8, 24)))
"""Six channels in, the zone's edge at four instants out; the decoder works on a window around the zone."""
COMPRESSED = replace(CLASSICAL, rank=1, widths=(32, 64, 128))
"""The cheapest net of results/wave-sweep.json whose validation error is within 2 % of the classical one's."""
DECOMPOSED = replace(CLASSICAL, rank=3)
EDGE = "edge of a zone in a 32 x 32 wave field, 4 instants ahead; encoder-decoder, W8A8"

MODELS = (
    WaveModel("wave-classical", f"{EDGE}, classical convolutions", "boundary", CLASSICAL),
    WaveModel("wave-compressed", f"{EDGE}, filters of rank {COMPRESSED.rank} before training", "boundary", COMPRESSED),
)
AFTER = WaveModel(
    "wave-svd", f"{EDGE}, filters of rank {DECOMPOSED.rank} after it", "boundary", DECOMPOSED, "wave-classical"
)
"""The classical net's filters decomposed; not among the presets, for no weights of it are shipped."""
