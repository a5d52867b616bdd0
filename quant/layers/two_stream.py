"""The two-stream subnet: one tower over time, one over the coordinates.

Source: Ensem-NN (arXiv 1801.02475): the second tower takes the transposed sequence, whose channels are the frames.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from quant.layers.pose_net import PoseNet, coarse
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import Tower
from quant.layers.temporal_shape import TemporalShape

FEATURE_BITS = 8


def transposed(shape: TemporalShape) -> TemporalShape:
    """The second tower's sizes: it convolves along the coordinates."""
    return replace(shape, frames=shape.inputs, inputs=shape.frames)


class TwoStreamNet(PoseNet):
    """float32 [N, inputs, frames] -> float32 logits [N, classes]: both towers' features into one layer.

    The towers average over different numbers of positions, so that one quantizer brings them to one scale.
    """

    def __init__(self, shape: TemporalShape, quant: Quantizers) -> None:
        super().__init__(quant)
        self.coarse = coarse(quant)
        self.towers = nn.ModuleList([Tower(shape, quant), Tower(transposed(shape), quant)])
        self.features = quant.unsigned(FEATURE_BITS)
        self.classify = quant.linear(2 * shape.widths[-1], shape.classes)

    @property
    def last_activation(self) -> nn.Module:
        return self.features

    def scores(self, x: Tensor) -> Tensor:
        x = self.coarse(x)
        along_time, along_joints = self.towers
        streams = along_time(x), along_joints(x.transpose(1, 2))
        return self.classify(torch.cat([self.features(y) for y in streams], 1))
