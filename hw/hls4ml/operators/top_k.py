"""TopK and ArgMax: a layer of our own, for hls4ml has none."""

from __future__ import annotations

from math import prod
from pathlib import Path

from codesign.graph import bits_for
from codesign.graph.operators.top_k import TopK
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactTopK",
    "top_k",
    Path(__file__).with_suffix(".h"),
    integers=("positions", "channels", "k", "indices"),
    types=("index_t",),
)


@emits(TopK)
def emit_top_k(op: TopK, canvas: Canvas) -> str:
    """One layer."""
    *spatial, channels = canvas.shape(op.inputs[0])
    return canvas.extend(
        LAYER,
        op,
        positions=prod(spatial),
        channels=channels,
        k=op.k,
        indices=op.indices,
        index_t=f"ap_uint<{bits_for(0, channels - 1)[0]}>",
    )
