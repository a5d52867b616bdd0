"""ChannelShuffle: a layer of our own, for hls4ml has none."""

from __future__ import annotations

from math import prod
from pathlib import Path

from codesign.graph.operators.channel_shuffle import ChannelShuffle
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactChannelShuffle",
    "channel_shuffle",
    Path(__file__).with_suffix(".h"),
    integers=("frame", "channels"),
    weights=("order",),
)


@emits(ChannelShuffle)
def emit_channel_shuffle(op: ChannelShuffle, canvas: Canvas) -> str:
    """One layer."""
    shape = canvas.shape(op.output)
    return canvas.extend(
        LAYER,
        op,
        constants={"order": op.order},
        frame=prod(shape),
        channels=shape[-1],
    )
