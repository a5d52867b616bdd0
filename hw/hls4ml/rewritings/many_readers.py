"""A tensor that is read more often than hls4ml clones a stream, through a chain of copies."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from codesign.graph import Operator, Reshape
from hw.hls4ml.limits import MOST_CLONES
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites(f"hls4ml clones a stream to {MOST_CLONES} readers")
def many_readers(op: Operator, scope: Scope) -> bool:
    """The tensor and every copy keep one reader fewer than there are clones; the last clone is the next copy's."""
    inputs = []
    for position, name in enumerate(op.inputs):
        reads = scope.reads[name]
        more = MOST_CLONES - 1  # readers that a copy adds
        copies = max(0, ceil((len(reads) - MOST_CLONES) / more))
        inputs.append(_copy(name, min(copies, reads.index((op.output, position)) // more), scope))
    if tuple(inputs) == op.inputs:
        return False
    scope.append(replace(op, inputs=tuple(inputs)))
    return True


def _copy(name: str, far: int, scope: Scope) -> str:
    """The copy so ``far`` down the chain, a reshape to the shape that the tensor has; the tensor itself at 0."""
    if not far:
        return name
    shape, stem, maker = scope.tensor(name).shape, f"{name}_copy", scope.graph.maker(name)
    source = maker.source if maker else ()
    for _ in range(far):
        copies = (o.output for o in scope.operators if isinstance(o, Reshape) and o.inputs == (name,))
        found = next((copy for copy in copies if copy.startswith(stem) and scope.tensor(copy).shape == shape), None)
        name = found or scope.append(Reshape(inputs=(name,), output=scope.fresh(stem), source=source, to=shape))
    return name
