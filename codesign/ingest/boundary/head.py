"""How the model's floats become the graph's first integers: one quantizer, with the float operators before it.

A plain quantizer stays a division and a rounding. Anything else that never turns becomes thresholds: for each level the
smallest float32 number that reaches it. Those numbers are ordered like their bit patterns, so that the search of a
segment's staircase finds them too, with the same proof beside each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from codesign_board.boundary import ROUNDING

from codesign.errors import Reject
from codesign.graph import Head
from codesign.ingest.file.model import Node
from codesign.ingest.functions.function import Function
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.functions.staircase import Search, levels_of
from codesign.ingest.numbers.numbers import Ball
from codesign.ingest.operands import viewed
from codesign.ingest.report import HeadReport
from codesign.ingest.state import TURNS, FloatInput, IntegerTensor

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

LARGEST_FRAME = 2**26
LAST = int(np.float32(np.finfo(np.float32).max).view(np.int32))
"""Place of the largest finite float32 among the positive ones."""


def start(node: Node, x: FloatInput, quantizer: Quantizer, compiler: Compiler) -> IntegerTensor:
    """Begin the graph at the quantizer of the model's input; its output is the first of ``node``'s.

    Raises:
        Reject: the graph has begun elsewhere, or the operators before the quantizer may turn.
    """
    if compiler.head is not None:
        raise Reject("a second quantizer on the model's input", "quantize the input once and use the result twice")
    made = full_range(node.outputs[0], quantizer, x.model_shape, compiler)
    plain = not x.steps and not quantizer.bipolar and quantizer.rounding in ROUNDING
    if plain:
        compiler.head = _plain(x, quantizer)
        compiler.head_report = HeadReport("quantizer", (node.name,))
    else:
        compiler.head, found = _by_thresholds(x, quantizer)
        compiler.head_report = replace(found, source=(*(s.node for s in x.steps), node.name))
        tensor = made.tensor
        low, high = _range(compiler.head)
        exact = compiler.add_tensor(tensor.name, tensor.shape, low, high, made.scale)
        made = replace(made, tensor=exact)
    found = compiler.head_report
    compiler.head_report = replace(found, bipolar=quantizer.bipolar, view=x.view)
    compiler.input = node.outputs[0]
    return made if x.view is None else viewed(made, x.view)


def full_range(name: str, quantizer: Quantizer, shape: tuple[int, ...], compiler: Compiler) -> IntegerTensor:
    """A tensor of all that a quantizer can make; ``shape`` is (C, *spatial).

    Raises:
        Reject: it is larger than any frame of a feasible design.
    """
    if prod(shape) > LARGEST_FRAME:
        raise Reject(f"its frame {shape} has more than {LARGEST_FRAME} values", "use smaller frames")
    scale = tuple(Fraction(float(s)) for s in np.broadcast_to(quantizer.scale, (shape[0],)))
    if quantizer.bipolar:
        scale = tuple(2 * s for s in scale)
        made = compiler.add_tensor(name, (*shape[1:], shape[0]), np.zeros(1), np.ones(1), scale)
        return IntegerTensor(made, shape, scale, shift=(Fraction(-1, 2),) * shape[0])
    low, high = (np.full(shape[0], v - quantizer.zero) for v in (quantizer.low, quantizer.high))
    return IntegerTensor(compiler.add_tensor(name, (*shape[1:], shape[0]), low, high, scale), shape, scale)


def axes_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that puts the channels of ``shape`` = (C, *spatial) last."""
    return (*range(1, len(shape)), 0)


def _plain(x: FloatInput, quantizer: Quantizer) -> Head:
    return Head(
        model_shape=x.model_shape,
        axes=axes_of(x.model_shape),
        scale=quantizer.scale,
        zero_point=np.array([float(quantizer.zero)]),
        low=quantizer.low,
        high=quantizer.high,
        rounding=quantizer.rounding,
    )


@dataclass(frozen=True, eq=False)
class _FloatSearch(Search):
    """The search over float32 numbers: z counts them from zero, upwards and downwards."""

    def accumulator(self, z: np.ndarray, channel: np.ndarray) -> np.ndarray:
        return np.where(self.descending[channel], -1.0, 1.0) * float32_at(z).astype(np.float64)

    def exactly(self, z: int, channel: int) -> Fraction:
        value = Fraction(float(float32_at(np.array(z))))
        return -value if self.descending[channel] else value


def float32_at(place: np.ndarray) -> np.ndarray:
    """The float32 number at each signed place, 0 being zero, 1 the smallest positive one; past ``LAST`` infinity."""
    size = np.abs(place).astype(np.int32).view(np.float32)
    return np.where(place < 0, -size, size)


def _by_thresholds(x: FloatInput, quantizer: Quantizer) -> tuple[Head, HeadReport]:
    function = Function((Fraction(1),) * x.model_shape[0], x.steps, quantizer)
    if (function.direction() == TURNS).any():
        names = ", ".join(f"'{s.node}'" for s in x.steps if (s.direction == TURNS).any())
        raise Reject(
            f"the model's input passes {names}, which may rise and fall, before its quantizer",
            "quantize the input first",
        )
    whole = function
    if _same_for_all_channels(function):
        function = _first_channel(function)
    descending = function.direction() < 0
    last = np.full(function.channels, LAST, np.int64)
    search = _FloatSearch(function, descending, -last, last)
    ends = float32_at(np.array([[-LAST], [LAST]])).astype(np.float64)
    levels, twice, inclusive, base = levels_of(function, *np.broadcast_to(ends, (2, function.channels)))
    channel = np.broadcast_to(np.arange(function.channels)[:, None], (function.channels, len(levels)))
    boundary, included = np.broadcast_to(twice / 2, channel.shape), np.broadcast_to(inclusive, channel.shape)
    places = search.bisect(channel, boundary, included, search.brackets(boundary, included))
    places, _, _, decided = search.certify(places, channel, boundary, included)
    always, never = (places <= -LAST).all(0), (places > LAST).all(0)
    base = int(levels[always].max(initial=base))
    places = places[:, ~always & ~never]
    low = base - quantizer.zero if not quantizer.bipolar else base
    head = Head(
        model_shape=x.model_shape,
        axes=axes_of(x.model_shape),
        scale=quantizer.scale,
        zero_point=np.zeros(1),
        low=low,
        high=low + places.shape[1],
        rounding=quantizer.rounding,
        thresholds=np.where(places > LAST, np.float32(np.inf), float32_at(np.minimum(places, LAST))),
        descending=descending,
    )
    return head, HeadReport("thresholds", (), places.shape[1], int(descending.sum()), decided, whole)


def _range(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest integer of each channel over all finite inputs."""
    assert head.thresholds is not None
    ends = [(head.thresholds <= np.float32(side * np.finfo(np.float32).max)).sum(1) for side in (-1, 1)]
    low, high = (np.broadcast_to(head.low + e, (head.model_shape[0],)).astype(np.int64) for e in ends)
    return low, high


def _same_for_all_channels(function: Function) -> bool:
    """Whether every parameter that the operators and the quantizer read is one number for all channels."""
    seen = [function.quantizer.scale]

    def lift(parameter: np.ndarray) -> Ball:
        seen.append(np.asarray(parameter))
        return Ball.exactly(np.asarray(parameter, np.float64))

    x = Ball.exactly(np.zeros(function.channels))
    for step in function.steps:
        x = step.formula(x, lift)
        seen.append(step.direction)
    return all((p == p.flat[0]).all() for p in seen)


def _first_channel(function: Function) -> Function:
    steps = tuple(replace(s, direction=s.direction[:1]) for s in function.steps)
    return Function(function.scale[:1], steps, replace(function.quantizer, scale=function.quantizer.scale[:1]))
