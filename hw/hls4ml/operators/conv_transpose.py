"""ConvTranspose: only the one that no rewriting takes, whose pads leave nothing of the frame."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph.operators.conv_transpose import ConvTranspose
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.registry import emits


@emits(ConvTranspose)
def emit_conv_transpose(op: ConvTranspose, _: Canvas) -> str:
    """None."""
    raise Reject(f"its pads {op.pads} leave nothing of the frame: it makes only zeros", "leave the layer out")
