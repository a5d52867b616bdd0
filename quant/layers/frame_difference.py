"""The frame-difference subnet: a tower over what moves, x[t] - x[t-1].

Source: Ensem-NN (arXiv 1801.02475). The difference is of quantized coordinates, hence exact in integers.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor, nn

from quant.layers.pose_net import PoseNet
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import Tower
from quant.layers.temporal_shape import TemporalShape


def differences(shape: TemporalShape) -> TemporalShape:
    """The tower's sizes: it has a frame less."""
    return replace(shape, frames=shape.frames - 1)


class FrameDifferenceNet(PoseNet):
    """float32 [N, inputs, frames] -> float32 logits [N, classes]."""

    def __init__(self, shape: TemporalShape, quant: Quantizers) -> None:
        super().__init__(quant)
        self.moved = quant.input()
        self.tower = Tower(differences(shape), quant)
        self.classify = quant.linear(shape.widths[-1], shape.classes)

    @property
    def last_activation(self) -> nn.Module:
        return self.tower.last_activation

    def scores(self, x: Tensor) -> Tensor:
        return self.classify(self.tower(self.moved(x[:, :, 1:] - x[:, :, :-1])))
