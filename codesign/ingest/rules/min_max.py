"""Min and Max in a segment: with constants, and of tensors that come from one tensor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.functions.one_source import combine
from codesign.ingest.operands import extend, parameter
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Min", "Max")
def min_max(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The smallest or largest of all operands: never falls where none of them does."""
    name = "minimum" if node.op == "Min" else "maximum"
    tensors = [x for x in inputs if not isinstance(x, Constant)]
    if not tensors:
        raise Reject("works on constants alone", "fold constants first (qonnx.util.cleanup)")
    made = tensors[0]
    for other in tensors[1:]:
        joined = combine(node, made, other, lambda a, b: getattr(a, name)(b), "each")
        if joined is None:
            raise Reject("its operands come from different tensors", "use a MaxPool, or compare with a constant")
        made = joined
    for stored in inputs:
        if isinstance(stored, Constant):
            bound = parameter(made, stored.value, "its constant")
            clamp = (None, bound) if node.op == "Min" else (bound, None)
            formula = partial(_bounded, name, bound)
            made = extend(made, node, formula, 1, affine=False, clamp=clamp)
    assert made is not None
    return made


def _bounded(name: str, bound: np.ndarray, x: Any, lift: Any) -> Any:
    return getattr(x, name)(lift(bound))
