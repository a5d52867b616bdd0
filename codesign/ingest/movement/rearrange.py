"""Data movement as rules state it: what ONNX does to an array, batch axis first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from codesign.errors import Reject
from codesign.ingest.movement.view import channel_axis
from codesign.ingest.operands import integers_of, moved
from codesign.ingest.state import Constant, IntegerTensor, State

Move = Callable[[np.ndarray], np.ndarray]


def rearranged(state: State | None, move: Move) -> State:
    """A tensor or a constant after ``move``, which takes an array as ONNX sees it (batch of 1 first) to another one.

    Raises:
        Reject: it touches the batch axis, or leaves nothing; else as ``operands.moved``.
    """
    if isinstance(state, Constant):
        return _constant(state, move)

    def without_batch(index: np.ndarray) -> np.ndarray:
        result = move(index[None])
        if result.ndim < 2 or len(result) != 1:
            raise Reject(
                f"it makes the shape {result.shape}, whose first axis is not the batch", "keep the batch first"
            )
        if not result.size:
            raise Reject(f"it makes the shape {result.shape}, which is empty", "keep at least one element")
        return result[0]

    return moved(state, without_batch)


def spatial_axis(axis: int, rank: int) -> int:
    """An axis of an array of ``rank`` axes as an index from 0.

    Raises:
        Reject: it is the batch axis, or none.
    """
    if not -rank <= axis < rank or axis % rank == 0:
        raise Reject(f"its axis is {axis} of {rank}", "choose an axis of the frame, not the batch's")
    return axis % rank


def natural_axis(x: IntegerTensor) -> int:
    """The axis of ``x.shape`` along which the graph's channels lie; 0 where no single one has them."""
    return 0 if x.view is None else channel_axis(x.view, x.tensor.channels)


def channels_at_front(x: IntegerTensor, axis: int) -> IntegerTensor:
    """``x`` with ``axis`` moved to the front, where the graph's channels are.

    Raises:
        Reject: channels of different scales come to lie in one.
    """
    return integers_of(moved(x, lambda index: np.moveaxis(index, axis, 0))) if axis else x


def back_in_place(state: State, axis: int) -> State:
    """What ``channels_at_front`` moved, in the model's order again."""
    return moved(state, lambda index: np.moveaxis(index, 0, axis)) if axis else state


def _constant(x: Constant, move: Move) -> Constant:
    if x.integers is None or x.scale is None:
        return Constant(move(x.value))
    value = move(x.value)
    if x.scale.size == 1:
        return Constant(value, move(x.integers), x.scale.reshape((1,) * value.ndim))
    return Constant(value, move(x.integers), move(np.broadcast_to(x.scale, x.value.shape)))
