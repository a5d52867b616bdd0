"""Tensors moved in the graph before an operator whose parameters belong to other channels than the graph's.

Data movement is put off as long as it can, so that an axis that is not the model's channels may hold the graph's. Where
a parameter differs along the model's channels, the movement must be done first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.ingest.operands import as_seen
from codesign.ingest.state import IntegerTensor, Segment, State, Step

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


def in_place(compiler: Compiler, inputs: Sequence[State | None]) -> list[State | None]:
    """The same, with the model's channels where the graph has them, as far as that can be."""
    return [_tensor(compiler, x) if isinstance(x, IntegerTensor) else _segment(compiler, x) for x in inputs]


def _tensor(compiler: Compiler, x: IntegerTensor) -> IntegerTensor:
    return x if x.view is None else compiler.dense(x)


def _segment(compiler: Compiler, x: State | None) -> State | None:
    """A segment's sources, where its steps so far are the same for all channels."""
    if not isinstance(x, Segment) or x.view is None or not all(_uniform(s) for s in x.steps):
        return x
    moved = [as_seen(s, x.view) for s in (x.source, x.other) if s is not None]
    placed = [compiler.dense(s) for s in moved if isinstance(s, IntegerTensor)]
    if len(placed) < len(moved):
        return x
    steps = tuple(_for_channels(s, x.shape[0]) for s in x.steps)
    return Segment(placed[0], x.shape, steps, None, placed[1] if x.other is not None else None)


class _Seen:
    """Stands for any number; what a formula computes with it is it again."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self

    def _same(self, *_: object) -> _Seen:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _same


def _uniform(step: Step) -> bool:
    """Whether the step does the same in every channel."""
    seen = [step.direction, *(c for c in step.clamp or () if c is not None)]

    def lift(parameter: np.ndarray) -> Any:
        seen.append(np.asarray(parameter))
        return _Seen()

    step.formula(_Seen(), lift)
    return all((p == p.flat[0]).all() for p in seen)


def _for_channels(step: Step, channels: int) -> Step:
    """The same step, uniform, for another number of channels."""

    def full(parameter: np.ndarray) -> np.ndarray:
        return np.full(channels, np.asarray(parameter).flat[0])

    def formula(x: Any, lift: Any) -> Any:
        return step.formula(x, lambda parameter: lift(full(parameter)))

    low, high = step.clamp or (None, None)
    clamp = None if step.clamp is None else (None if low is None else full(low), None if high is None else full(high))
    return replace(step, formula=formula, direction=full(step.direction), clamp=clamp)
