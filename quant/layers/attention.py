"""The attention subnet: a gate for every coordinate of every frame, in front of a tower of pre-activation blocks.

Source: Ensem-NN (arXiv 1801.02475): Dense(2C), tanh, Dense(C), softmax over the channels, times the input; blocks as in
"Identity mappings in deep residual networks" (arXiv 1603.05027). What differs here: the gate is a logistic function of
each channel and no softmax over them, because a softmax has no exact form in integers, and a logistic function of an
integer is a table.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from quant.layers.pose_net import PoseNet, coarse
from quant.layers.quantizers import Quantizers
from quant.layers.temporal import PaddedConv
from quant.layers.temporal_shape import TemporalShape

CURVE_BITS, CURVE_LIMIT = 6, 4.0
GATE_BITS = 4
GATED_BITS = 8
STREAM_BITS = 8


class Curve(nn.Module):
    """tanh or the logistic function of `CURVE_BITS` bits, up to `CURVE_LIMIT`: one table of 64 entries."""

    def __init__(self, quant: Quantizers, function: nn.Module) -> None:
        super().__init__()
        self.argument = quant.fixed(CURVE_BITS, CURVE_LIMIT)
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.argument(x))


class Gate(nn.Module):
    """[N, C, T] -> [N, C, T], quantized: the input times a number from 0 to 1 that the whole frame gives."""

    def __init__(self, quant: Quantizers, frames: int, channels: int) -> None:
        super().__init__()
        self.hidden = PaddedConv(quant, frames, (channels, 2 * channels), 1)
        self.tanh = Curve(quant, quant.tanh(quant.act_bits))
        self.gate = PaddedConv(quant, frames, (2 * channels, channels), 1)
        self.sigmoid = Curve(quant, quant.sigmoid(GATE_BITS))
        self.gated = quant.signed(GATED_BITS)

    def forward(self, x: Tensor) -> Tensor:
        return self.gated(x * self.sigmoid(self.gate(self.tanh(self.hidden(x)))))


class PreActivationStage(nn.Module):
    """BatchNorm and ReLU before each convolution; what is skipped stays linear, in `STREAM_BITS` bits."""

    def __init__(self, quant: Quantizers, shape: TemporalShape, frames: int, width: int, out: int) -> None:
        super().__init__()
        stride = 1 if out == width else 2
        after = -(-frames // stride)
        self.norm = nn.BatchNorm1d(width)
        self.body = nn.ModuleList([PaddedConv(quant, frames, (width, out), shape.kernel, stride)])
        self.body.extend(PaddedConv(quant, after, (out, out), shape.kernel) for _ in range(shape.convolutions - 1))
        self.acts = nn.ModuleList(quant.relu() for _ in range(shape.convolutions))
        self.project = None if out == width else PaddedConv(quant, frames, (width, out), 1, stride)
        self.join = quant.signed(STREAM_BITS)
        self.frames = after

    def forward(self, x: Tensor) -> Tensor:
        first = y = self.acts[0](self.norm(x))
        for conv, act in zip(self.body[:-1], self.acts[1:], strict=True):
            y = act(conv(y))
        y = self.body[-1](y)
        skip = x if self.project is None else self.project(first)
        return self.join(skip) + self.join(y)


class PreActivationTower(nn.Module):
    """[N, inputs, frames], quantized -> its features [N, widths[-1]], means over time."""

    def __init__(self, shape: TemporalShape, quant: Quantizers) -> None:
        super().__init__()
        self.stem = PaddedConv(quant, shape.frames, (shape.inputs, shape.widths[0]), shape.kernel)
        self.start = quant.signed(STREAM_BITS)
        self.stages = nn.ModuleList()
        frames, width = shape.frames, shape.widths[0]
        for out in shape.widths:
            stage = PreActivationStage(quant, shape, frames, width, out)
            self.stages.append(stage)
            frames, width = stage.frames, out
        self.norm = nn.BatchNorm1d(width)
        self.act = quant.relu()

    def forward(self, x: Tensor) -> Tensor:
        x = self.start(self.stem(x))
        for stage in self.stages:
            x = stage(x)
        return torch.mean(self.act(self.norm(x)), dim=2)


class AttentionNet(PoseNet):
    """float32 [N, inputs, frames] -> float32 logits [N, classes]."""

    def __init__(self, shape: TemporalShape, quant: Quantizers) -> None:
        super().__init__(quant)
        self.coarse = coarse(quant)
        self.gate = Gate(quant, shape.frames, shape.inputs)
        self.tower = PreActivationTower(shape, quant)
        self.classify = quant.linear(shape.widths[-1], shape.classes)

    @property
    def last_activation(self) -> nn.Module:
        return self.tower.act

    def scores(self, x: Tensor) -> Tensor:
        return self.classify(self.tower(self.gate(self.coarse(x))))
