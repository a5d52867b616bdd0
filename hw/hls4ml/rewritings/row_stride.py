"""Rows that a kernel of one row strides over: left out before it."""

from __future__ import annotations

from dataclasses import replace

from codesign.graph import Conv
from codesign.graph.operators.slice import Slice
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's streams convolve every row with a kernel of one row, whatever the stride", Conv)
def row_stride(op: Conv, scope: Scope) -> bool:
    """Conv of kernel (1, K) with a stride along the rows: Slice, then Conv without it; a kernel of one tap is right."""
    if len(op.kernel) != 2 or op.kernel[0] != 1 or op.kernel == (1, 1) or op.stride[0] == 1 or op.padded:
        return False
    rows, *others = scope.tensor(op.inputs[0]).shape
    name = scope.fresh(f"{op.output}_rows")
    seen = scope.append(
        Slice(
            inputs=op.inputs,
            output=name,
            source=op.source,
            starts=(0, 0, 0),
            stops=(rows, *others),
            steps=(op.stride[0], 1, 1),
        )
    )
    scope.append(replace(op, inputs=(seen,), stride=(1, op.stride[1])))
    return True
