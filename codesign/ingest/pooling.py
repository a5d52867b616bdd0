"""What pools and reductions do with values that no quantizer has ended yet."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.graph import Requantize
from codesign.ingest.movement.view import per_channel_of_view
from codesign.ingest.operands import SAME_QUANTIZER, FloatRead, different_scales, integers_of, segment_of
from codesign.ingest.state import TURNS, IntegerTensor, Segment, State, Step

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


def settled(compiler: Compiler, state: State | None) -> Segment:
    """A segment without a view: the integers move in the graph, and the steps' parameters with them.

    Raises:
        Reject: as ``segment_of``, or the movement mixes channels.
    """
    if isinstance(state, IntegerTensor):
        dense = compiler.dense(state)
        return Segment(dense, dense.shape)
    segment = segment_of(state)
    if segment.other is not None:
        raise Reject(f"works on {different_scales(segment.source, segment.other)}", SAME_QUANTIZER)
    source = segment.source
    if segment.view is None:
        return replace(segment, source=compiler.dense(source))
    channels: tuple[int, ...] = tuple(range(len(source.scale)))
    if not segment.steps:  # channels of one scale are the same then
        first = {pair: c for c, pair in reversed([*enumerate(zip(source.scale, source.shifts, strict=True))])}
        channels = tuple(first[pair] for pair in zip(source.scale, source.shifts, strict=True))
    origin = np.array(per_channel_of_view(channels, segment.view, "what was computed on them in floats"))
    moved = IntegerTensor(
        source.tensor,
        segment.shape,
        tuple(source.scale[c] for c in origin),
        shift=tuple(source.shift[c] for c in origin) if source.shift else (),
        view=segment.view,
    )
    return Segment(compiler.dense(moved), segment.shape, tuple(_picked(s, origin) for s in segment.steps))


def rising(compiler: Compiler, segment: Segment) -> Segment:
    """The segment, without a view, as a function of integers that never falls in any channel.

    Falling channels are negated in the graph.

    Raises:
        Reject: a step may rise and fall.
    """
    turning = [s.node for s in segment.steps if (s.direction == TURNS).any()]
    if turning:
        raise FloatRead(
            f"it takes the largest of floats that '{turning[0]}' makes, which may rise and fall", "quantize before it"
        )
    source = segment.source
    signs = np.array([1 if s > 0 else -1 for s in source.scale])
    falls = np.prod([signs, *(s.direction for s in segment.steps)], axis=0) < 0
    if not falls.any():
        return segment
    factors = np.where(falls, -1, 1).astype(np.int64)
    low, high = source.tensor.low * factors, source.tensor.high * factors
    names = (f"{source.tensor.name}_negated" + (f"_{i}" if i else "") for i in count())
    operator = Requantize(
        inputs=(source.tensor.name,),
        output=next(n for n in names if n not in compiler.tensors),
        multiplier=factors,
        offset=np.zeros(len(factors), np.int64),
        shift=0,
        low=int(min(low.min(), high.min())),
        high=int(max(low.max(), high.max())),
    )
    signed = [int(f) for f in factors]
    made = compiler.emit(
        operator, [source], source.shape, tuple(s * f for s, f in zip(source.scale, signed, strict=True))
    )
    shift = tuple(s * f for s, f in zip(source.shift, signed, strict=True)) if source.shift else ()
    return replace(segment, source=replace(made, shift=shift))


def summable(compiler: Compiler, state: State | None, padded: bool) -> Segment:
    """The operand of a sum: an affine segment without a view; where zeros are added around it, without an offset.

    Raises:
        Reject: a step is not affine, or there is an offset that is no small fraction of a step.
    """
    if isinstance(state, Segment):
        bent = [s.node for s in state.steps if not s.affine]
        if bent:
            raise FloatRead(f"it averages floats that '{bent[0]}' makes", "put a quantizer before it")
    if not padded:
        return settled(compiler, state)
    x = integers_of(state)
    centred = compiler.centred(replace(x, pads=()))
    return settled(compiler, centred)


def divided(x: IntegerTensor, made: IntegerTensor, sums: int, count: int) -> IntegerTensor:
    """``made``, sums of ``sums`` integers of ``x`` each, as that divided by ``count``."""
    scale = tuple(s / count for s in x.scale)
    return replace(made, scale=scale, shift=tuple(s * sums for s in x.shift))


def ended(segment: Segment, source: IntegerTensor) -> State:
    """The segment's steps on another source; an integer tensor where there are none."""
    return replace(segment, source=source, shape=source.shape) if segment.steps else source


def _picked(step: Step, origin: np.ndarray) -> Step:
    def formula(x: Any, lift: Any) -> Any:
        return step.formula(x, lambda parameter: lift(parameter[origin]))

    return replace(step, formula=formula, direction=step.direction[origin])
