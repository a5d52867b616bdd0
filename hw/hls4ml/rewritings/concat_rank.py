"""A concatenation of frames of more axes than hls4ml's, as one along the middle of three axes."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from codesign.graph import Reshape
from codesign.graph.operators.concat import Concat
from hw.hls4ml.limits import MOST_JOINED_AXES
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml takes a tensor of more than three axes for one of fewer when it concatenates", Concat)
def concat_rank(op: Concat, scope: Scope) -> bool:
    """Axes before the one of the concatenation are merged, and so are it and those behind it but for the channels'."""
    shapes = [scope.tensor(name).shape for name in op.inputs]
    if len(shapes[0]) <= MOST_JOINED_AXES:
        return False
    outer = prod(shapes[0][: len(shapes[0]) + op.axis])
    flat = []
    for name, shape in zip(op.inputs, shapes, strict=True):
        to = (outer, prod(shape[:-1]) // outer, shape[-1])
        flat.append(scope.append(Reshape(inputs=(name,), output=scope.fresh(f"{name}_flat"), source=op.source, to=to)))
    joined = replace(op, inputs=tuple(flat), output=scope.fresh(f"{op.output}_flat"), axis=max(op.axis, -2))
    whole = op.shape(*shapes)
    scope.append(Reshape(inputs=(scope.append(joined),), output=op.output, source=op.source, to=whole))
    return True
