"""Operators of two tensors that are functions of one: x * sigmoid(x) is a function of x."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from codesign.ingest.file.model import Node
from codesign.ingest.operands import channels_of, segment_of
from codesign.ingest.state import TURNS, FloatInput, IntegerTensor, Segment, State, Step

Direction = Literal["each", "second falls", "unknown"]
"""How the result follows the operands: like each of them, like the first and against the second, or nobody knows."""


def combine(
    node: Node,
    x: State | None,
    y: State | None,
    formula: Callable[[Any, Any], Any],
    direction: Direction,
    affine: bool = False,
) -> Segment | FloatInput | None:
    """The operands as one function of what both come from; None where they do not, or where neither has a float step.

    Args:
        formula: of two numbers.
        affine: whether it keeps affine what is affine.
    """
    pair = _same(x, y)
    if pair is None or (not pair[0].steps and not pair[1].steps and not affine):
        return None
    left, right = pair
    shared = 0
    for a, b in zip(left.steps, right.steps, strict=False):
        if a is not b:
            break
        shared += 1
    first, second = left.steps[shared:], right.steps[shared:]

    def both(v: Any, lift: Any) -> Any:
        return formula(_run(first, v, lift), _run(second, v, lift))

    channels = channels_of(left)
    step = Step(
        node=node.name,
        formula=both,
        direction=_direction(_of(first, channels), _of(second, channels), direction),
        affine=affine and all(s.affine for s in (*first, *second)),
        jumps=any(s.jumps for s in (*first, *second)),
        inner=tuple(name for s in (*first, *second) for name in (*s.inner, s.node)),
    )
    return replace(left, steps=(*left.steps[:shared], step))


def _same(x: State | None, y: State | None) -> tuple[Segment, Segment] | tuple[FloatInput, FloatInput] | None:
    """Both operands, if they are functions of one tensor, moved alike."""
    if isinstance(x, FloatInput) and isinstance(y, FloatInput):
        return (x, y) if x.name == y.name and x.shape == y.shape and _equal(x.view, y.view) else None
    if not isinstance(x, Segment | IntegerTensor) or not isinstance(y, Segment | IntegerTensor):
        return None
    if any(isinstance(s, IntegerTensor) and s.padded for s in (x, y)):
        return None
    a, b = segment_of(x), segment_of(y)
    p, q = a.source, b.source
    same = p.tensor is q.tensor and p.scale == q.scale and p.shifts == q.shifts and a.other is b.other
    return (a, b) if same and a.shape == b.shape and _equal(a.view, b.view) else None


def _equal(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))


def _run(steps: Sequence[Step], v: Any, lift: Any) -> Any:
    for step in steps:
        v = step.formula(v, lift)
    return v


def _of(steps: Sequence[Step], channels: int) -> np.ndarray:
    """The direction of steps after each other, int [C]."""
    all_of_them = np.array([np.ones(channels, np.int64), *(s.direction for s in steps)])
    turns = (all_of_them == TURNS).any(0) & (all_of_them != 0).all(0)
    return np.where(turns, TURNS, np.sign(all_of_them).prod(0))


def _direction(first: np.ndarray, second: np.ndarray, how: Direction) -> np.ndarray:
    if how == "unknown":
        return np.where((first == 0) & (second == 0), 0, TURNS)
    if how == "second falls":
        second = np.where(second == TURNS, TURNS, -second)
    agree = np.where(first == 0, second, np.where(second == 0, first, np.where(first == second, first, TURNS)))
    return np.asarray(agree)
