"""A concatenation of more than two tensors as a chain of such of two; of one tensor, a copy."""

from __future__ import annotations

from dataclasses import replace

from codesign.graph import Reshape
from codesign.graph.operators.concat import Concat
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml concatenates two tensors", Concat)
def concat_chain(op: Concat, scope: Scope) -> bool:
    """Concat(a, b, c) is Concat(Concat(a, b), c); Concat(a) is a."""
    joined, *others = op.inputs
    if len(others) == 1:
        return False
    if not others:
        scope.append(Reshape(inputs=op.inputs, output=op.output, source=op.source, to=scope.tensor(joined).shape))
    for position, other in enumerate(others):
        last = position == len(others) - 1
        output = op.output if last else scope.fresh(f"{op.output}_joined")
        joined = scope.append(replace(op, inputs=(joined, other), output=output))
    return True
