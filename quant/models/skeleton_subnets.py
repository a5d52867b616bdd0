"""The four subnets of Ensem-NN (arXiv 1801.02475), each at two sizes: tiny, and as published.

Adding one: its layers in quant/layers/, a class here, and its presets in `MODELS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from quant.layers.temporal_shape import TemporalShape
from quant.models.skeleton import PAPER, TINY, SkeletonModel

if TYPE_CHECKING:
    from torch import nn

    from quant.layers.quantizers import Quantizers


class TwoStream(SkeletonModel):
    """A tower over time and one over the coordinates."""

    def net(self, quant: Quantizers) -> nn.Module:
        from quant.layers.two_stream import TwoStreamNet

        return TwoStreamNet(self.shape(), quant)

    def macs(self) -> int:
        shape = self.shape()
        return shape.macs() + replace(shape, frames=shape.inputs, inputs=shape.frames).macs()


class BodyPart(SkeletonModel):
    """A tower for each part of the body; `widths` are those of one part."""

    @property
    def channels(self) -> tuple[int, ...]:
        """The coordinate that each of the towers' inputs is, part by part; -1 is zero."""
        return tuple(chain(*self.layout.part_channels(self.bodies)))

    def shape(self) -> TemporalShape:
        """Of all parts together."""
        parts = len(self.layout.parts)
        widths = tuple(parts * width for width in self.widths)
        return TemporalShape(self.frames, len(self.channels), widths, self.kernel, self.outputs, groups=parts)

    def net(self, quant: Quantizers) -> nn.Module:
        from quant.layers.body_part import BodyPartNet

        return BodyPartNet(self.shape(), self.channels, quant)


class Attention(SkeletonModel):
    """A gate on key frames and channels, and pre-activation blocks."""

    def net(self, quant: Quantizers) -> nn.Module:
        from quant.layers.attention import AttentionNet

        return AttentionNet(self.shape(), quant)

    def macs(self) -> int:
        channels, frames = self.input_shape
        return self.shape().macs() + 2 * frames * channels * 2 * channels


@dataclass(frozen=True)
class FrameDifference(SkeletonModel):
    """A tower over what moves from frame to frame."""

    dropout: float = 0.3

    def net(self, quant: Quantizers) -> nn.Module:
        from quant.layers.frame_difference import FrameDifferenceNet

        return FrameDifferenceNet(self.shape(), quant)

    def macs(self) -> int:
        return replace(self.shape(), frames=self.frames - 1).macs()


# kind: its class, the widths of its tiny preset, what it is
SUBNETS: dict[str, tuple[type[SkeletonModel], tuple[int, ...], str]] = {
    "two-stream": (TwoStream, (16, 32, 64), "one tower over time, one over coordinates"),
    "body-part": (BodyPart, (8, 16, 32), "a tower for each of 5 parts of the body"),
    "attention": (Attention, (16, 32, 64), "a gate on frames and channels, pre-activation"),
    "frame-difference": (FrameDifference, (16, 32, 64), "differences of frames"),
}


def tiny(kind: str) -> SkeletonModel:
    """The small preset of a subnet."""
    make, widths, what = SUBNETS[kind]
    sizes = "/".join(map(str, widths))
    text = f"10 actions from 64 frames x 20 joints; {what}; {sizes}, W4A4, input 12 bits"
    return make(name=f"skeleton-{kind}-tiny", description=text, widths=widths, **TINY)


def paper(kind: str) -> SkeletonModel:
    """The published size of a subnet, untrained."""
    make, _, what = SUBNETS[kind]
    text = f"60 actions from 300 frames x 2 x 25 joints; {what}; 64/128/256 (untrained), W4A4"
    return make(name=f"skeleton-{kind}-paper", description=text, **PAPER)


MODELS = (*map(tiny, SUBNETS), *map(paper, SUBNETS))
