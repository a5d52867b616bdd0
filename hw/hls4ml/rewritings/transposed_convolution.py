"""A transposed convolution as a plain one over the frame with zeros between its positions.

V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep learning, section 4 (arXiv:1603.07285).
"""

from __future__ import annotations

import numpy as np

from codesign.graph import Conv
from codesign.graph.operators.conv_transpose import ConvTranspose
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.slice import Slice
from hw.hls4ml.rewriting import Scope, rewrites
from hw.hls4ml.spread import Spread


@rewrites("hls4ml has no transposed convolution", ConvTranspose)
def transposed_convolution(op: ConvTranspose, scope: Scope) -> bool:
    """ConvTranspose: Spread, Slice where its pads cut more than the kernel reaches, Pad, Conv with a turned kernel."""
    rank = len(op.kernel)
    x = op.inputs[0]
    margins = [_margins(op, axis) for axis in range(rank)]
    lengths = [n * s for n, s in zip(scope.tensor(x).shape, op.stride, strict=False)]
    if any(n + min(a, 0) + min(b, 0) < 1 for n, (a, b) in zip(lengths, margins, strict=True)):
        return False  # its pads leave only positions that output_padding has added: refused later
    if set(op.stride) != {1}:
        name = scope.fresh(f"{op.output}_spread")
        x = scope.append(Spread(inputs=(x,), output=name, source=op.source, factors=op.stride))
    x = _cut(op, x, margins, scope)
    pads = tuple((max(before, 0), max(after, 0)) for before, after in margins)
    if any(map(any, pads)):
        x = scope.append(Pad(inputs=(x,), output=scope.fresh(f"{op.output}_padded"), source=op.source, pads=pads))
    scope.append(
        Conv(
            inputs=(x,),
            output=op.output,
            source=op.source,
            weights=np.ascontiguousarray(np.flip(op.weights, tuple(range(1, rank + 1)))),
            stride=(1,) * rank,
            pads=((0, 0),) * rank,
            dilation=op.dilation,
            groups=op.groups,
        )
    )
    return True


def _margins(op: ConvTranspose, axis: int) -> tuple[int, int]:
    """Zeros before and after the spread frame along an axis; negative where positions of it are cut off."""
    reach = op.dilation[axis] * (op.kernel[axis] - 1)
    before, after = op.pads[axis]
    return reach - before, reach + op.output_padding[axis] - after - (op.stride[axis] - 1)


def _cut(op: ConvTranspose, x: str, margins: list[tuple[int, int]], scope: Scope) -> str:
    if min(map(min, margins)) >= 0:
        return x
    shape = scope.tensor(x).shape
    starts = (*(max(-before, 0) for before, _ in margins), 0)
    stops = tuple(n + min(after, 0) for n, (_, after) in zip(shape, [*margins, (0, 0)], strict=True))
    name = scope.fresh(f"{op.output}_cut")
    return scope.append(
        Slice(inputs=(x,), output=name, source=op.source, starts=starts, stops=stops, steps=(1,) * len(shape))
    )
