"""Cast: nothing changes where the other type holds every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.boundary.integer_input import range_of
from codesign.ingest.file.model import Node
from codesign.ingest.file.structure import type_name
from codesign.ingest.operands import integers_of
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, FloatInput, IntegerTensor, Segment, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

MANTISSA = {"float": 24, "double": 53, "float16": 11, "bfloat16": 8}
"""Bits of the integers that each float type holds without a gap."""


@rule("Cast")
def cast(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The operand itself.

    A float32 in exact arithmetic is a real number, so that only a cast to integers or to a narrow float can change it.
    """
    x, to = inputs[0], type_name(int(node.attribute("to", 0)))
    if isinstance(x, Constant):
        return _constant(x, to)
    if to not in MANTISSA and "int" not in to:
        raise Reject(f"it casts to {to}", "cast to float32")
    if to in ("float", "double"):
        return _as_it_is(x)
    if isinstance(x, FloatInput):
        raise Reject(f"it casts the model's float input to {to}", "quantize the input, or declare its integer type")
    source = integers_of(x) if isinstance(x, IntegerTensor | Segment) else None
    if source is None:
        raise Reject(f"it casts to {to} what is no number", "cast to float32")
    steps = zip(source.scale, source.shifts, strict=True)
    if any(s.denominator != 1 or (s * t).denominator != 1 for s, t in steps):
        raise Reject(f"it rounds real numbers to {to}", "use a quantizer (Quant or QuantizeLinear) instead")
    ends = [
        (int(v) + t) * s
        for v in (source.tensor.low.min(), source.tensor.high.max())
        for s, t in zip(source.scale, source.shifts, strict=True)
    ]
    bounds = range_of(to) if to not in MANTISSA else (-(2 ** MANTISSA[to]), 2 ** MANTISSA[to])
    assert bounds is not None
    if min(ends) < bounds[0] or max(ends) > bounds[1]:
        raise Reject(f"its values from {min(ends)} to {max(ends)} do not fit {to}", "cast to a wider type, or not")
    return _as_it_is(x)


def _as_it_is(x: State | None) -> State:
    assert x is not None
    return x


def _constant(x: Constant, to: str) -> Constant:
    if to in MANTISSA:
        narrow = {"float": np.float32, "float16": np.float16}.get(to, np.float64)
        if to == "bfloat16":
            raise Reject("it rounds a constant to bfloat16", "store it as it is")
        return Constant(x.value.astype(narrow).astype(np.float64), x.integers, x.scale)
    if "int" not in to or not np.isfinite(x.value).all():
        raise Reject(f"it casts a constant to {to}", "store it as it is")
    return Constant(np.trunc(x.value).astype(np.int64), type=to)
