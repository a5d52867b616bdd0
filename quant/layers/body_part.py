"""The body-part subnet: a tower for each part of the body, as one tower of grouped convolutions.

Source: Ensem-NN (arXiv 1801.02475): five parts, five base nets, their features into one layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from quant.layers.pose_net import PoseNet, coarse
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import Tower
from quant.layers.temporal_shape import TemporalShape


class BodyPartNet(PoseNet):
    """float32 [N, coordinates, frames] -> float32 logits [N, classes].

    Args:
        shape: of all parts together, `groups` being the parts.
        channels: which coordinate each of `shape.inputs` is, part by part; -1 for zeros, where a part is smaller.
    """

    def __init__(self, shape: TemporalShape, channels: Sequence[int], quant: Quantizers) -> None:
        super().__init__(quant)
        if len(channels) != shape.inputs:
            raise ValueError(f"{len(channels)} channels for {shape.inputs} inputs")
        self.coarse = coarse(quant)
        self.padded = -1 in channels
        self.register_buffer("gather", torch.tensor(channels), persistent=False)
        self.tower = Tower(shape, quant)
        self.classify = quant.linear(shape.widths[-1], shape.classes)

    @property
    def last_activation(self) -> nn.Module:
        return self.tower.last_activation

    def scores(self, x: Tensor) -> Tensor:
        x = self.coarse(x)
        if self.padded:
            x = functional.pad(x, (0, 0, 0, 1))  # the last channel, which index -1 names
        return self.classify(self.tower(x[:, self.gather]))
