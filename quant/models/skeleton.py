"""Action recognition from skeleton sequences: the plain residual 1-D CNN over time, and what its relatives share.

Layout: the base net of Ensem-NN (arXiv 1801.02475). Weights and activations have 4 bits, or as many as the preset's
name says; the addends of the skips have 4 at least; the network input has 8 (signed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import UserError
from quant.data.layouts import Layout, layout
from quant.layers.temporal_shape import TemporalShape
from quant.model import Model
from quant.quiet import quiet

if TYPE_CHECKING:
    from torch import nn

    from quant.layers.quantizers import Quantizers
    from quant.training.run import Trained
    from quant.training.splits import Labelled

UTKINECT = ("walk", "sitDown", "standUp", "pickUp", "carry", "throw", "push", "pull", "waveHands", "clapHands")


@dataclass(frozen=True)
class SkeletonModel(Model):
    """A preset of the plain net; a subclass overrides what differs: `net`, `shape` and `macs`.

    `layout_name` and `bodies` say which coordinates come in. `widths` are the channels of the stages; every stage after
    the first halves the frames. `bits` are those of weights and activations; the addends of the skips have 4 at least.
    `dropout` is that of the features in training.
    """

    name: str
    description: str
    frames: int
    widths: tuple[int, ...]
    outputs: int
    classes: tuple[str, ...] = ()
    layout_name: str = "kinect1"
    bodies: int = 1
    kernel: int = 8
    bits: int = 4
    dropout: float = 0.2

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
        bits = {"weight_bits": self.bits, "act_bits": self.bits, "join_bits": max(4, self.bits)}
        return self.net(Quantizers(enabled=quantized, **bits))

    def sample_inputs(self, n: int, data_dir: Path | None = None, seed: int = 0) -> np.ndarray:
        return self.samples(n, data_dir, seed)[0]

    def samples(self, n: int, data_dir: Path | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray, str]:
        from quant.data import synthetic, utkinect
        from quant.data.preprocess import preprocess

        random = np.random.default_rng(seed)
        if data_dir is None:
            kinds = np.arange(n) % len(synthetic.CLASSES)
            sequences = [synthetic.sequence(int(i), random) for i in kinds]
            labels = kinds if self.classes else np.full(n, -1)
            source = "Skeleton sequences made by kinematics: puppets, not people."
        else:
            data = utkinect.read(data_dir)
            unseen = utkinect.splits(data_dir, data)[0].test  # the shipped weights are those of split 1
            chosen = random.choice(unseen, n, replace=n > len(unseen))
            sequences, labels = [data.frames[i] for i in chosen], data.labels[chosen]
            source = "UTKinect-Action3D (Xia and others, CVPRW 2012): people whom the network was not trained on."
        return np.stack([self._fit(preprocess(s, self.frames)) for s in sequences]), labels.astype(np.int64), source

    def _fit(self, x: np.ndarray) -> np.ndarray:
        """[60, frames] -> the input: 20 joints as 25, and a second body of zeros, where the preset has them."""
        return x if self.layout_name == "kinect1" else layout("kinect1").to_kinect2(x, self.bodies)

    def _needs_tiny(self) -> None:
        if self.layout_name == "kinect2":
            raise UserError(f"{self.name} has no data set (2 bodies x 25 joints): export it, but don't train it.")

    def data(self, data_dir: Path | None, seed: int = 0) -> Labelled:
        """The preprocessed data set with its splits: UTKinect in `data_dir`, else generated."""
        import torch

        from quant.data import synthetic, utkinect
        from quant.data.preprocess import preprocess
        from quant.training.splits import Labelled

        self._needs_tiny()
        if data_dir is None:
            sequences = synthetic.generate(seed=seed)
            splits, source = synthetic.splits(sequences, seed=seed), "the synthetic data set"
        else:
            sequences = utkinect.read(data_dir)
            splits, source = utkinect.splits(data_dir, sequences), "UTKinect-Action3D"
        if len(sequences.classes) != self.outputs:
            raise UserError(
                f"{self.name} tells {self.outputs} classes apart, but the data has {len(sequences.classes)}."
            )
        x = np.stack([preprocess(s, self.frames, f"Sequence {i}") for i, s in enumerate(sequences.frames)])
        return Labelled(torch.from_numpy(x), torch.from_numpy(sequences.labels), splits, source)

    def train(
        self,
        data_dir: Path | None = None,
        splits: Sequence[int] | None = None,
        epochs: int | None = None,
        seed: int = 0,
    ) -> Trained:
        from quant.training.augment import Augmentation
        from quant.training.fit import Recipe
        from quant.training.run import train_splits

        recipe = Recipe() if epochs is None else Recipe().with_epochs(epochs)
        return train_splits(self.build, self.data(data_dir, seed), splits, recipe, Augmentation(), seed)

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
        bits=bits,
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
