"""An operator with several sets of numbers as an operator for each set."""

from __future__ import annotations

from dataclasses import replace

from codesign.graph import Reshape
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.each_set import EachSet
from codesign.graph.operators.slice import Slice
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's layers have one set of numbers", EachSet)
def each_set_apart(op: EachSet, scope: Scope) -> bool:
    """Slice out every set, compute it by its part, put the results one behind the other."""
    made = []
    for index, part in enumerate(op.parts):
        inputs = tuple(_set(op, scope, name, index) for name in op.inputs)
        output = scope.fresh(f"{op.output}_part{index}")
        computed = scope.append(replace(part, inputs=inputs, output=output, source=op.source))
        to = (1, *scope.tensor(computed).shape)
        made.append(_reshape(op, scope, computed, to))
    if len(made) == 1:
        scope.append(Reshape(inputs=(made[0],), output=op.output, source=op.source, to=scope.tensor(made[0]).shape))
    else:
        axis = -len(scope.tensor(made[0]).shape)
        scope.append(Concat(inputs=tuple(made), output=op.output, source=op.source, axis=axis))
    return True


def _set(op: EachSet, scope: Scope, name: str, index: int) -> str:
    """One set of an input, without the axis of the sets."""
    shape = scope.tensor(name).shape
    starts, stops = (index, *(0 for _ in shape[1:])), (index + 1, *shape[1:])
    whole = Slice(
        inputs=(name,),
        output=scope.fresh(f"{name}_set{index}"),
        source=op.source,
        starts=starts,
        stops=stops,
        steps=(1,) * len(shape),
    )
    return _reshape(op, scope, scope.append(whole), shape[1:])


def _reshape(op: EachSet, scope: Scope, name: str, to: tuple[int, ...]) -> str:
    return scope.append(Reshape(inputs=(name,), output=scope.fresh(f"{name}_as"), source=op.source, to=to))
