"""The residual 1-D CNN over time, quantized (Brevitas) or in float, from one description.

Source of the layout: the base net of Ensem-NN (arXiv 1801.02475): a stem convolution, then stages of three
convolutions with a skip add around each stage, a 1x1 stride-2 projection where the width changes, global average
pool, fully connected layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from quant.layers.quantizers import Quantizers
from quant.layers.temporal_shape import TemporalShape


def same_padding(frames: int, kernel: int, stride: int) -> tuple[int, int]:
    """(left, right) zeros such that the output has ceil(frames / stride) frames; the odd one goes to the right."""
    total = max((-(-frames // stride) - 1) * stride + kernel - frames, 0)
    return total // 2, total - total // 2


class PaddedConv(nn.Module):
    """[N, C, T] -> [N, D, ceil(T/stride)]: an explicit Pad, an unpadded convolution, an optional BatchNorm.

    The padding is a node of its own because 'same' with an even kernel is asymmetric, and zero is exactly
    representable in every quantizer used here.
    """

    def __init__(
        self,
        quant: Quantizers,
        frames: int,
        channels: tuple[int, int],
        kernel: int,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.padding = same_padding(frames, kernel, stride)
        self.conv = quant.conv(channels[0], channels[1], kernel, stride, groups)
        self.norm = nn.BatchNorm1d(channels[1])

    def forward(self, x: Tensor) -> Tensor:
        if any(self.padding):
            x = functional.pad(x, self.padding)
        return self.norm(self.conv(x))


class Stage(nn.Module):
    """`convolutions` convolutions and a skip around them; both addends pass through one shared quantizer."""

    def __init__(self, quant: Quantizers, shape: TemporalShape, frames: int, width: int, out: int) -> None:
        super().__init__()
        stride = 1 if out == width else 2
        after, groups = -(-frames // stride), shape.groups
        self.body = nn.ModuleList([PaddedConv(quant, frames, (width, out), shape.kernel, stride, groups)])
        self.body.extend(
            PaddedConv(quant, after, (out, out), shape.kernel, 1, groups) for _ in range(shape.convolutions - 1)
        )
        self.acts = nn.ModuleList(quant.relu() for _ in range(shape.convolutions - 1))
        self.project = None if out == width else PaddedConv(quant, frames, (width, out), 1, stride, groups)
        self.join = quant.signed()
        self.act = quant.relu()
        self.frames = after

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for conv, act in zip(self.body[:-1], self.acts, strict=True):
            y = act(conv(y))
        y = self.body[-1](y)
        skip = x if self.project is None else self.project(x)
        return self.act(self.join(skip) + self.join(y))


class Tower(nn.Module):
    """The net without its ends: [N, inputs, frames], quantized -> its features [N, widths[-1]], means over time.

    With `shape.groups` every layer keeps the groups apart: group g has the inputs, channels and features that are g-th
    in order, and no layer sees two groups.
    """

    def __init__(self, shape: TemporalShape, quant: Quantizers) -> None:
        super().__init__()
        self.shape = shape
        self.stem = PaddedConv(quant, shape.frames, (shape.inputs, shape.widths[0]), shape.kernel, 1, shape.groups)
        self.act = quant.relu()
        self.stages = nn.ModuleList()
        frames, width = shape.frames, shape.widths[0]
        for out in shape.widths:
            stage = Stage(quant, shape, frames, width, out)
            self.stages.append(stage)
            frames, width = stage.frames, out

    @property
    def last_activation(self) -> nn.Module:
        """The quantizer of what is averaged."""
        return self.stages[-1].act

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.stem(x))
        for stage in self.stages:
            x = stage(x)
        return torch.mean(x, dim=2)


class TemporalNet(Tower):
    """float32 [N, inputs, frames] -> float32 logits [N, classes]."""

    def __init__(self, shape: TemporalShape, quant: Quantizers) -> None:
        super().__init__(shape, quant)
        self.input = quant.input()
        self.classify = quant.linear(shape.widths[-1], shape.classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(super().forward(self.input(x)))
