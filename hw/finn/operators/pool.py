"""MaxPool and SumPool: FMPadding, ConvolutionInputGenerator, then Pool."""

from __future__ import annotations

from math import prod

from codesign.graph import bits_for
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from hw.finn.canvas import Canvas, datatype
from hw.finn.registry import emits
from hw.finn.windows import shift, two, windows, zero_pad


@emits(MaxPool)
def emit_max_pool(op: MaxPool, canvas: Canvas) -> str:
    """Emit the largest of every window; FINN pads with zeros, so negative inputs are lifted above zero and back."""
    x = canvas.read(op.inputs[0])
    low, high = canvas.bounds(op.inputs[0])
    least, most = int(low.min()), int(high.max())
    lift = max(0, -least) if any(p for pair in op.pads for p in pair) else 0
    x = shift(canvas, op.output, x, lift, least + lift, most + lift)
    x = zero_pad(canvas, op.output, x, op.pads)
    if not lift:
        return _pool(op, canvas, x, "MaxPool", op.output, canvas.types[x])
    pooled = _pool(op, canvas, x, "MaxPool", f"{op.output}_lifted", canvas.types[x])
    return shift(canvas, op.output, pooled, -lift, least, most, op.output)


@emits(SumPool)
def emit_sum_pool(op: SumPool, canvas: Canvas) -> str:
    """Emit the sum of every window."""
    x = zero_pad(canvas, op.output, canvas.read(op.inputs[0]), op.pads)
    low, high = canvas.bounds(op.output)
    return _pool(op, canvas, x, "AccPool", op.output, datatype(int(low.min()), int(high.max())))


def _pool(op: MaxPool | SumPool, canvas: Canvas, x: str, function: str, output: str, output_type: str) -> str:
    channels, source = canvas.shapes[x][-1], canvas.types[x]
    x = windows(canvas, op.output, x, op.kernel, op.stride, op.dilation, depthwise=True)
    if prod(op.kernel) == 1:
        return x
    shape = (*canvas.shapes[x][:-1], channels)
    t = canvas.graph.tensors[op.output]
    return canvas.node(
        "Pool",
        op.output,
        [x],
        [canvas.declare(output, shape, output_type)],
        {"PE": channels},
        Channels=channels,
        KernelSize=two(op.kernel, 1),
        Function=function,
        OutImgDims=shape[1:3],
        InputDataType=source,
        OutputDataType=output_type,
        AccumBits=bits_for(int(t.low.min()), int(t.high.max()))[0] if function == "AccPool" else 0,
        Size=0,
    )
