"""Trunc, in both versions of QONNX: the low bits of integers are dropped, often behind an average pool's sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.functions.rounding import BOUNDARIES, SYNONYMS
from codesign.ingest.operands import constant, extend, parameter, segment_of
from codesign.ingest.rules import rule
from codesign.ingest.state import Segment, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

UNBOUNDED = 2**40


@rule("Trunc")
def trunc(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """round(round(x / scale + zero) / step), less the zero point in the output's steps.

    Version 1 (five inputs): step = 2**(input bits - output bits), no clamp, the output's scale and zero point are the
    input's. Version 2 (six): step = 2**round(log2(output scale / scale)), a clamp, zero / step.
    """
    if len(inputs) not in (5, 6) or None in inputs:
        raise Reject(f"it has {len(inputs)} inputs, not 5 or 6", "export the model again")
    x, second = segment_of(inputs[0]), len(inputs) == 6
    names = ("scale", "zero point", "input bit width", *(("output scale",) if second else ()), "output bit width")
    stored = [constant(p, f"its {n}").astype(np.float64) for n, p in zip(names, inputs[1:], strict=True)]
    scale, zero = parameter(x, stored[0], "its scale"), _integer(stored[1], "zero point")
    made = parameter(x, stored[3], "its output scale") if second else scale
    if (scale <= 0).any() or (made <= 0).any():
        raise Reject("it has a scale that is not positive", "use positive scales")
    bits = _integer(stored[-1], "output bit width")
    with np.errstate(over="ignore"):
        step = 2.0 ** np.round(np.log2(made / scale)) if second else 2.0 ** (_integer(stored[2], names[2]) - bits)
    step = np.broadcast_to(step, scale.shape)
    point = zero / step if second else np.full(scale.shape, float(zero))
    if not np.isfinite(step).all() or (point != np.round(point[0])).any():
        raise Reject(
            f"its zero point {zero} is {point[0]:g} in steps of its output, not one integer", "use a zero point of 0"
        )
    low, high = _clamp(node, bits) if second else (-UNBOUNDED, UNBOUNDED)
    given, left = np.full(scale.shape, float(zero)), np.full(scale.shape, float(point[0]))

    def formula(v: Any, lift: Any) -> Any:
        whole = v / lift(scale)
        whole = ((whole + lift(given)).round() if zero else whole.round()) / lift(step)
        return whole - lift(left) if zero else whole

    segment = extend(x, node, formula, 1, affine=False, jumps=True)
    assert isinstance(segment, Segment)
    quantizer = Quantizer(np.ones(scale.shape), int(point[0]), low, high, _mode(node))
    return compiler.quantize(segment, quantizer, node, made)


def _integer(value: np.ndarray, what: str) -> int:
    if (value != np.round(value)).any() or (value != value.flat[0]).any():
        raise Reject(f"its {what} is {value.flat[0]:g}{'' if value.size == 1 else ', ...'}", "use one integer")
    return int(value.flat[0])


def _clamp(node: Node, bits: int) -> tuple[int, int]:
    signed, narrow = bool(node.attribute("signed", 1)), int(node.attribute("narrow", 0))
    if not 1 <= bits <= 32:
        raise Reject(f"its output bit width is {bits}", "use 1 to 32 bits")
    return (narrow - 2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1 - narrow)


def _mode(node: Node) -> str:
    mode = str(node.attribute("rounding_mode", "FLOOR")).upper()
    mode = SYNONYMS.get(mode, mode)
    if mode not in BOUNDARIES:
        raise Reject(f"its rounding mode is {mode}", f"use one of {', '.join(sorted([*BOUNDARIES, 'ROUND']))}")
    return mode
