"""MaxPool and SumPool: a layer of our own; hls4ml's refuse overlapping windows in streams and divide inexactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.errors import Reject
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.extension import Extension
from hw.hls4ml.registry import emits

GEOMETRY = ("kernel", "stride", "dilation", "outputs")
LAYER = Extension(
    "ExactPool",
    "pool",
    Path(__file__).with_suffix(".h"),
    integers=(
        *("height", "width", "channels", "largest"),
        *(f"{what}_{axis}" for what in GEOMETRY for axis in ("height", "width")),
    ),
)


@emits(MaxPool, SumPool)
def emit_pool(op: MaxPool | SumPool, canvas: Canvas) -> str:
    """One layer; its result holds what a window's taps have made so far. A frame of one axis is an image of one row."""
    if op.windows.padded:
        raise Reject("its layer here has no padding", "normalise the graph first")
    if len(op.kernel) > 2:
        raise Reject(f"its layer here has no {len(op.kernel)} spatial axes", "use one or two spatial axes")
    t = canvas.graph.tensors[op.inputs[0]]
    low, high = (int(f(bound)) for f, bound in zip((min, max), op.range((t.low, t.high)), strict=True))
    if isinstance(op, SumPool):
        low, high = min(low, 0), max(high, 0)
    shape = canvas.shape(op.output)
    geometry: dict[str, Any] = {}
    for what, given in zip(GEOMETRY, (op.kernel, op.stride, op.dilation, shape[:-1]), strict=True):
        geometry[f"{what}_height"], geometry[f"{what}_width"] = (1, *given)[-2:]
    height, width = (1, *t.shape[:-1])[-2:]
    return canvas.extend(
        LAYER,
        op,
        result=(low, high),
        height=height,
        width=width,
        channels=t.channels,
        largest=int(isinstance(op, MaxPool)),
        **geometry,
    )
