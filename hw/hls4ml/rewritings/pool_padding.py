"""A pool's padding as an operator of its own."""

from __future__ import annotations

from dataclasses import replace

from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.sum_pool import SumPool
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's pools refuse padding in streams", MaxPool, SumPool)
def pool_padding(op: MaxPool | SumPool, scope: Scope) -> bool:
    """Pool with pads: Pad, then the pool without.

    A maximum is padded with the frame's lowest integer: every window sees the frame (MaxPool's shape makes sure), so it
    never wins, and it is in range, so no type grows. A sum is padded with zeros.
    """
    if not op.windows.padded:
        return False
    value = scope.bounds(op.inputs[0])[0] if isinstance(op, MaxPool) else 0
    name = scope.fresh(f"{op.output}_padded")
    padded = scope.append(Pad(inputs=op.inputs, output=name, source=op.source, pads=op.pads, value=value))
    scope.append(replace(op, inputs=(padded,), pads=((0, 0),) * len(op.kernel)))
    return True
