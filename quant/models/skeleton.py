"""Action recognition from skeleton sequences: the plain residual 1-D CNN over time, and what its relatives share.

Layout: the base net of Ensem-NN (arXiv 1801.02475). Weights and activations have 4 bits, or as many as the preset's
name says; the addends of the skips have those of activations, 4 at least; the network input has 8 (signed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from codesign.errors import UserError
from quant.data.layouts import Layout, layout
from quant.layers.temporal_shape import TemporalShape
from quant.model import Model, Variation
from quant.quiet import quiet

if TYPE_CHECKING:
    from torch import nn

    from quant.data.datasets import DataSet
    from quant.layers.quantizers import Quantizers
    from quant.training.augment import Augmentation
    from quant.training.fit import Tick
    from quant.training.run import Fuse, Trained
    from quant.training.rungs import Learner, Plan

UTKINECT = ("walk", "sitDown", "standUp", "pickUp", "carry", "throw", "push", "pull", "waveHands", "clapHands")


def doubling(first: int, stages: int) -> tuple[int, ...]:
    """Channels of `stages` stages: those of the first, then twice those of the one before."""
    return tuple(first << stage for stage in range(stages))


VARIATIONS: dict[str, Variation] = {
    "bits": Variation("bits of weights and activations", 2, 8, lambda m, n: replace(m, weight_bits=n, act_bits=n)),
    "weight_bits": Variation("bits of weights", 2, 8, lambda m, n: replace(m, weight_bits=n)),
    "act_bits": Variation("bits of activations", 2, 8, lambda m, n: replace(m, act_bits=n)),
    "width": Variation(
        "channels of the first stage, which later ones double", 2, 64,
        lambda m, n: replace(m, widths=doubling(n, len(m.widths))),
    ),
    "depth": Variation("stages", 1, 4, lambda m, n: replace(m, widths=doubling(m.widths[0], n))),
    "kernel": Variation("taps over time", 2, 16, lambda m, n: replace(m, kernel=n)),
}  # fmt: skip


@dataclass(frozen=True)
class SkeletonModel(Model):
    """A preset of the plain net; a subclass overrides what differs: `net`, `shape` and `macs`.

    `layout_name` and `bodies` say which coordinates come in. `widths` are the channels of the stages; every stage after
    the first halves the frames. The addends of the skips have `act_bits`, 4 at least. `dropout` is that of the features
    in training.
    """

    variations: ClassVar[Mapping[str, Variation]] = VARIATIONS

    name: str
    description: str
    frames: int
    widths: tuple[int, ...]
    outputs: int
    classes: tuple[str, ...] = ()
    layout_name: str = "kinect1"
    bodies: int = 1
    kernel: int = 8
    weight_bits: int = 4
    act_bits: int = 4
    dropout: float = 0.2
    preset: str = ""

    @property
    def layout(self) -> Layout:
        """The joints of a body."""
        return layout(self.layout_name)

    @property
    def joints(self) -> int:  # type: ignore[override]
        """Of all bodies together: 3 channels each. Joint 0, the hip centre, carries the path of the hip."""
        return self.bodies * len(self.layout.joints)

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:  # type: ignore[override]
        """Of the first body."""
        return self.layout.bones

    @property
    def input_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        """(3 * joints, frames)"""
        return (3 * self.joints, self.frames)

    def shape(self) -> TemporalShape:
        """Sizes of the net, as the layers want them."""
        return TemporalShape(self.frames, 3 * self.joints, self.widths, self.kernel, self.outputs)

    def macs(self) -> int:
        """Multiply-accumulates of one sequence; products with padding zeros are counted."""
        return self.shape().macs()

    def net(self, quant: Quantizers) -> nn.Module:
        """The layers, with the number formats of `quant`."""
        from quant.layers.temporal import TemporalNet

        return TemporalNet(self.shape(), quant)

    def build(self, quantized: bool = True) -> nn.Module:
        with quiet():
            from quant.layers.quantizers import Quantizers
        bits = {"weight_bits": self.weight_bits, "act_bits": self.act_bits, "join_bits": max(4, self.act_bits)}
        return self.net(Quantizers(enabled=quantized, **bits))

    def sample_inputs(self, n: int, data_dir: Path | None = None, seed: int = 0) -> np.ndarray:
        return self.samples(n, data_dir, seed)[0]

    def samples(self, n: int, data_dir: Path | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray, str]:
        from quant.data import datasets, synthetic
        from quant.data.preprocess import preprocess
        from quant.data.sequences import Sequences

        random = np.random.default_rng(seed)
        if data_dir is None:
            chosen = np.arange(n)
            labels = chosen % len(synthetic.CLASSES)
            frames = tuple(synthetic.sequence(int(i), random) for i in labels)
            data = Sequences(frames, labels, np.ones(n, np.int64), synthetic.CLASSES)
            source = "Skeleton sequences made by kinematics: puppets, not people."
        else:
            opened = datasets.open_dataset(data_dir)
            data, unseen = opened.sequences, opened.splits[0].test  # the shipped weights are those of split 1
            chosen = random.choice(unseen, n, replace=n > len(unseen))
            source = f"{opened.source[:-1]}: people whom the network was not trained on."
        x = [preprocess(data.frames[i], self.frames, data.name(int(i)), data.layout, data.bodies) for i in chosen]
        labels = data.labels[chosen] if data.classes == self.classes else np.full(n, -1)
        return np.stack([self._fit(each, data.layout) for each in x]), labels.astype(np.int64), source

    def _fit(self, x: np.ndarray, source: Layout) -> np.ndarray:
        """[3 * joints of `source`, frames] -> the input; what NTU RGB+D has beyond it is made up."""
        if self.layout_name == "kinect2":
            return source.to_kinect2(x, self.bodies)
        if source.name != self.layout_name or len(x) != 3 * self.joints:
            raise UserError(
                f"{self.name} takes {self.joints} joints ({self.layout_name}), but the sequences have {len(x) // 3} "
                f"({source.name}): give it other data."
            )
        return x

    def for_data(self, data: DataSet) -> Self:
        """The same net for the joints and the classes of `data`."""
        sequences = data.sequences
        return replace(
            self,
            layout_name=sequences.layout.name,
            bodies=sequences.bodies,
            outputs=len(sequences.classes),
            classes=sequences.classes,
        )

    def train(
        self,
        data_dir: Path | None = None,
        splits: Sequence[int] | None = None,
        epochs: int | None = None,
        seed: int = 0,
        *,
        protocol: str | None = None,
        mirror: bool = True,
        processes: int = 1,
    ) -> Trained:
        from quant.training.fit import Recipe
        from quant.training.run import train_splits
        from quant.training.sequences import labelled, opened

        if self.layout_name == "kinect2" and data_dir is None:
            raise UserError(f"{self.name} is for NTU RGB+D (2 bodies x 25 joints): give its folder with --data.")
        if data_dir is None and protocol is not None:
            raise UserError(f"The synthetic data has no protocol {protocol!r}: leave --protocol out, or give --data.")
        data = opened(data_dir, protocol, seed)
        self.check(data)
        fitted = self.for_data(data)
        recipe = Recipe() if epochs is None else Recipe().with_epochs(epochs)
        augment = fitted.augmentation()
        augment = augment if mirror else replace(augment, mirror=0.0)
        return train_splits(
            fitted.trainees(), labelled(data, self.frames), splits, recipe, augment, seed,
            fuse=self.fusion(), processes=processes,
        )  # fmt: skip

    def learner(self, data_dir: Path | None, plan: Plan, tick: Tick) -> Learner:
        from quant.training.fit import Recipe
        from quant.training.rungs_sequences import SequenceLearner
        from quant.training.sequences import prepared

        data, samples = prepared(data_dir, plan.seed, self.frames)
        self.check(data)
        fitted = self.for_data(data)
        recipe = Recipe(float_epochs=plan.float_epochs, dropout=self.dropout)
        return SequenceLearner(fitted, samples, data.sequences.subjects, recipe, fitted.augmentation(), plan, tick)

    def augmentation(self) -> Augmentation:
        """Of the sequences in training."""
        from quant.training.augment import Augmentation

        return Augmentation(self.layout, self.bodies)

    def check(self, data: DataSet) -> None:
        """Refuse data for other joints than those of this model."""
        if self.layout_name == "kinect2" != data.sequences.layout.name:
            raise UserError(
                f"{self.name} takes 2 bodies x 25 joints (kinect2), but {data.title} has {data.sequences.layout.name}: "
                "give it NTU RGB+D."
            )

    def trainees(self) -> tuple[SkeletonModel, ...]:
        """The models that are trained for this one."""
        return (self,)

    def fusion(self) -> Fuse | None:
        """How one net is made of those of `trainees`; None where there is one anyway."""
        return None

    def load_weights(self, path: Path | None = None) -> nn.Module:
        if path is None and not self.weight_file.is_file():
            return self.calibrated()
        return super().load_weights(path)

    def calibrated(self, seed: int = 0) -> nn.Module:
        """Untrained: random weights, scales fitted to synthetic sequences. Its outputs mean nothing."""
        import torch

        from quant.training.fit import deterministic, observe

        with deterministic(seed):
            net = self.build()
            batch = torch.from_numpy(self.sample_inputs(10, seed=seed))
            observe(net, iter([batch] * 4))
        return net


TINY: dict[str, Any] = {"frames": 64, "outputs": len(UTKINECT), "classes": UTKINECT}
PAPER: dict[str, Any] = {
    "frames": 300, "widths": (64, 128, 256), "outputs": 60, "layout_name": "kinect2", "bodies": 2,
}  # fmt: skip
"""What the presets of one size have in common: ten actions of one person, or NTU RGB+D's sixty of two."""


def tiny(name: str, bits: int) -> SkeletonModel:
    """The small net with weights and activations of `bits` bits."""
    return SkeletonModel(
        name=name,
        description=f"10 actions from 64 frames x 20 joints; residual 1-D CNN 16/32/64, W{bits}A{bits}, input 8 bits",
        widths=(16, 32, 64),
        weight_bits=bits,
        act_bits=bits,
        **TINY,
    )


MODELS = (
    tiny("skeleton-tiny", 4),
    tiny("skeleton-tiny-w2a2", 2),
    tiny("skeleton-tiny-w8a8", 8),
    SkeletonModel(
        name="skeleton-paper",
        description="60 actions from 300 frames x 2 x 25 joints; the same net at 64/128/256 (untrained), W4A4",
        **PAPER,
    ),
)
