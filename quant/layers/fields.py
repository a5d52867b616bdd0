"""The encoder-decoder over fields, quantized (Brevitas) or in float, with classical or compressed convolutions.

Halving is the largest of 2 x 2 and doubling repeats: neither has weights, so that all that differs between a classical
and a compressed net are its convolutions. A level's features and what comes from below share one quantizer, so that
laying them side by side needs no arithmetic.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from codesign.errors import UserError
from quant.layers.compressed import field_conv
from quant.layers.field_shape import FieldShape, Filters
from quant.layers.quantizers import Quantizers


class Block(nn.Module):
    """Convolution and BatchNorm; the quantizer behind them is the caller's, who may share it."""

    def __init__(self, quant: Quantizers, filters: Filters) -> None:
        super().__init__()
        self.conv = field_conv(quant, filters)
        self.norm = nn.BatchNorm2d(filters.outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class FieldNet(nn.Module):
    """float32 [N, inputs, H, W] -> float32 [N, outputs, h, w], the shape's window.

    The decoder works on the window alone. The last layer is a 1x1 convolution whose accumulators are the
    outputs, unrounded: their scale and bias are the software tail's.
    """

    def __init__(self, shape: FieldShape, quant: Quantizers) -> None:
        super().__init__()
        self.shape = shape
        self.input = quant.input()
        self.down = nn.ModuleList(Block(quant, filters) for filters in shape.down())
        self.up = nn.ModuleList(Block(quant, filters) for filters in shape.up())
        # One for each seam: `seams[level]` rounds the encoder's features and what comes up from the level below.
        self.seams = nn.ModuleList(quant.relu() for _ in shape.up())
        self.last = quant.relu()
        self.head = quant.conv2d(shape.widths[0], shape.outputs, (1, 1), bias=True)

    def forward(self, x: Tensor) -> Tensor:
        expected = (self.shape.inputs, *self.shape.field)
        if x.ndim != 4 or tuple(x.shape[1:]) != expected:
            takes, got = (" x ".join(str(int(n)) for n in sizes) for sizes in (expected, x.shape[1:]))
            raise UserError(f"The net takes fields of {takes}, not {got}: give it others.")
        x = self.input(x)
        kept: list[Tensor] = []
        for level, block in enumerate(self.down):
            if level:
                x = functional.max_pool2d(x, 2)
            x = self.seams[min(level, len(self.seams) - 1)](block(x))
            kept.append(self._window(x, level))
        x = kept.pop()
        for block in self.up:
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = torch.cat([kept.pop(), x], dim=1)
            x = (self.seams[len(kept) - 1] if kept else self.last)(block(x))
        return self.head(x)

    def _window(self, x: Tensor, level: int) -> Tensor:
        (top, bottom), (left, right) = self.shape.window_at(level)
        return x if (bottom, right) == x.shape[2:] and not (top or left) else x[:, :, top:bottom, left:right]
