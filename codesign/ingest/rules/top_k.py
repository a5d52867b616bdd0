"""ArgMax and TopK along any axis of a frame."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import count
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.graph import Requantize
from codesign.graph.operators.top_k import TopK
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import back_in_place, channels_at_front, spatial_axis
from codesign.ingest.operands import constant, integers_of, moved
from codesign.ingest.rules import rule
from codesign.ingest.scales import multiplied, one_scale
from codesign.ingest.state import Broken, IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("ArgMax")
def arg_max(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The place of the largest, the first of equal ones."""
    if node.attribute("select_last_index", 0):
        raise Reject("its select_last_index is 1", "take the first of equal values (select_last_index 0)")
    x = integers_of(inputs[0])
    axis = spatial_axis(int(node.attribute("axis", 0)), len(x.shape) + 1) - 1
    source = _ordered(compiler, compiler.dense(channels_at_front(x, axis)))
    made = back_in_place(_emit(node, source, 1, True, node.outputs[0], compiler), axis)
    if node.attribute("keepdims", 1):
        return made
    kept = tuple(n for a, n in enumerate(x.shape) if a != axis)
    return moved(made, lambda index: index.reshape(kept or (1,)))


@rule("TopK")
def top_k(node: Node, inputs: list[State | None], compiler: Compiler) -> tuple[State, ...]:
    """The largest in falling order: their values, and their places."""
    stored = node.attribute("k") if len(inputs) < 2 else int(constant(inputs[1], "its k").reshape(-1)[0])
    if not node.attribute("largest", 1) or not node.attribute("sorted", 1):
        raise Reject("it takes the smallest, or in no order", "set largest and sorted to 1")
    x = integers_of(inputs[0])
    axis = spatial_axis(int(node.attribute("axis", -1)), len(x.shape) + 1) - 1
    k = int(stored)
    if not 1 <= k <= x.shape[axis]:
        raise Reject(f"its k is {k}, of {x.shape[axis]} values", "take one value or more, and no more than there are")
    source = compiler.dense(channels_at_front(x, axis))
    read = {name for other in compiler.model.nodes for name in other.inputs} | set(compiler.model.outputs)
    results: list[State] = []
    for name, indices in zip(node.outputs, (False, True), strict=False):
        if name not in read:
            results.append(Broken())
            continue
        ordered = _ordered(compiler, source) if indices else _equal(compiler, source)
        results.append(back_in_place(_emit(node, ordered, k, indices, name, compiler), axis))
    return tuple(results)


def _emit(node: Node, x: IntegerTensor, k: int, indices: bool, name: str, compiler: Compiler) -> IntegerTensor:
    operator = TopK(inputs=(x.tensor.name,), output=name, source=(node.name,), k=k, indices=indices)
    shape = (k, *x.shape[1:])
    if indices:
        return compiler.emit(operator, [x], shape, (Fraction(1),) * k)
    return replace(compiler.emit(operator, [x], shape, x.scale[:1] * k), shift=x.shift[:1] * k if x.shift else ())


def _equal(compiler: Compiler, x: IntegerTensor) -> IntegerTensor:
    """Integers in the order of the values, whose scale and offset are the same for all.

    Raises:
        Reject: there is no small ratio of scales, or the offsets differ.
    """
    x = one_scale(compiler, x)
    if x.scale[0] < 0:
        x = multiplied(compiler, x, [-1] * len(x.scale))
    if len(set(x.shifts)) > 1:
        raise Reject("it compares values with a bias each, which is no integer", "put a quantizer before it")
    return x


def _ordered(compiler: Compiler, x: IntegerTensor) -> IntegerTensor:
    """Integers in the order of the values, equal where they are: offsets are told apart by their order alone.

    Of a channel's offset in steps the whole part is added, and the fraction's rank among all is the lowest digit.

    Raises:
        Reject: there is no small ratio of scales.
    """
    x = one_scale(compiler, x)
    if x.scale[0] < 0:
        x = multiplied(compiler, x, [-1] * len(x.scale))
    if len(set(x.shifts)) == 1:
        return x
    whole = [floor(s) for s in x.shifts]
    fractions = [s - w for s, w in zip(x.shifts, whole, strict=True)]
    ranks = {f: i for i, f in enumerate(sorted(set(fractions)))}
    least = min(whole)
    offset = np.array([(w - least) * len(ranks) + ranks[f] for w, f in zip(whole, fractions, strict=True)], np.int64)
    ends = x.tensor.low * len(ranks) + offset, x.tensor.high * len(ranks) + offset
    names = (f"{x.tensor.name}_ordered" + (f"_{i}" if i else "") for i in count())
    operator = Requantize(
        inputs=(x.tensor.name,),
        output=next(n for n in names if n not in compiler.tensors),
        multiplier=np.full(len(offset), len(ranks), np.int64),
        offset=offset,
        shift=0,
        low=int(ends[0].min()),
        high=int(ends[1].max()),
    )
    return compiler.emit(operator, [x], x.shape, x.scale)
