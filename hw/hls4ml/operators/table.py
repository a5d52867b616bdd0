"""Table: a layer of our own, a ROM that is read by the integer; hls4ml's tables are of floating-point functions."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from codesign.graph import bits_for
from codesign.graph.operators.table import Table
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

LAYER = Extension(
    "ExactTable",
    "exact_table",
    Path(__file__).with_suffix(".h"),
    integers=("frame", "channels", "rows", "size"),
    types=("index_t",),
    weights=("values", "first"),
)


@emits(Table)
def emit_table(op: Table, canvas: Canvas) -> str:
    """One layer; its ROM holds what the input's proven range reaches, and no more."""
    t = canvas.graph.tensors[op.inputs[0]]
    begin, end = int((t.low - op.first).min()), int((t.high - op.first).max()) + 1
    values = op.values[:, begin:end]
    return canvas.extend(
        LAYER,
        op,
        constants={"values": values, "first": np.asarray(op.first + begin)},
        frame=prod(t.shape),
        channels=t.channels,
        rows=values.shape[0],
        size=values.shape[1],
        index_t=f"ap_uint<{bits_for(0, values.shape[1] - 1)[0]}>",
    )
