"""A convolution's padding as an operator of its own.

hls4ml inserts its padding layer itself, and behind a fork that layer reads a stream that another reader drains.
"""

from __future__ import annotations

from dataclasses import replace

from codesign.graph import Conv
from codesign.graph.operators.pad import Pad
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's own padding reads the wrong copy of a stream behind a fork", Conv)
def explicit_padding(op: Conv, scope: Scope) -> bool:
    """Conv with pads: Pad with zeros, Conv without."""
    if not op.padded:
        return False
    padded = scope.append(
        Pad(inputs=op.inputs, output=scope.fresh(f"{op.output}_padded"), source=op.source, pads=op.pads)
    )
    scope.append(replace(op, inputs=(padded,), pads=((0, 0),) * len(op.kernel)))
    return True
