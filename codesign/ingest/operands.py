"""What rules ask of their operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.functions.affine import affine
from codesign.ingest.movement.view import kinds, mixes, per_channel_of_view, per_source_channel, still, uniform
from codesign.ingest.state import TURNS, Constant, FloatInput, IntegerTensor, Segment, State, Step

SAME_QUANTIZER = "give both branches of the sum the same quantizer, or put one behind the sum"
QUANTIZE_INPUT = "put a quantizer (QuantIdentity) first in the model"


def per_channel(value: np.ndarray, shape: Sequence[int], what: str) -> np.ndarray:
    """A parameter that broadcasts to (1, *shape) as one number a channel, float64 [C].

    Raises:
        Reject: it has more axes, does not fit, or differs along another axis than the channels'.
    """
    rank = len(shape) + 1
    full = value.reshape((1,) * (rank - value.ndim) + value.shape) if value.ndim <= rank else value
    fits = full.ndim == rank and all(a in (1, b) for a, b in zip(full.shape, (1, *shape), strict=True))
    if not fits:
        raise Reject(f"{what} has the shape {value.shape}, which does not fit (1, {_join(shape)})", "broadcast it")
    moved = np.moveaxis(full, 1, 0).reshape(full.shape[1], -1)
    if (moved != moved[:, :1]).any():
        raise Reject(f"{what} differs along another axis than the channels'", "use one number, or one a channel")
    return np.broadcast_to(moved[:, 0].astype(np.float64), (shape[0],)).copy()


def constant(state: State | None, what: str, finite: bool = True) -> np.ndarray:
    """The array of a stored operand.

    Raises:
        Reject: it is computed, missing, empty, or (where ``finite``) holds a value that is not finite.
    """
    if not isinstance(state, Constant):
        raise Reject(
            f"{what} is {'missing' if state is None else 'not stored in the model'}", "export it as a constant"
        )
    if not state.value.size or (finite and not np.isfinite(state.value).all()):
        raise Reject(f"{what} holds no number, or one that is not finite", "train or export the model again")
    return state.value


def segment_of(state: State | None) -> Segment:
    """The operand of an elementwise float operator.

    Raises:
        Reject: it is no function of integers.
    """
    if isinstance(state, Segment):
        return state
    if isinstance(state, IntegerTensor):
        if state.padded:
            raise Reject("reads a padded tensor, which only a convolution or a pool can", "pad inside the convolution")
        if state.view is None:
            return Segment(state, state.shape)
        whole = whole_source(state)
        return Segment(whole, state.shape, (), state.view)
    if isinstance(state, FloatInput):
        raise Reject("works on the model's input before any quantizer", f"{QUANTIZE_INPUT}, and scale inputs outside")
    raise Reject("works on constants alone", "fold constants first (qonnx.util.cleanup)")


def parameter(state: State | None, value: np.ndarray, what: str) -> np.ndarray:
    """A stored operand of an elementwise operator on ``state``: one number for each channel of the segment's source.

    Raises:
        Reject: as ``per_channel``, or data movement has mixed channels for which it differs.
    """
    held = state if isinstance(state, FloatInput) else segment_of(state)
    if held.view is None:
        return per_channel(value, held.shape, what)
    shape = (1, *held.shape)
    if np.broadcast_shapes(value.shape, shape) != shape:
        raise Reject(f"{what} has the shape {value.shape}, which does not fit {shape}", "broadcast it")
    return per_source_channel(np.broadcast_to(value, shape)[0], held.view, channels_of(held), what)


def channels_of(state: State | None) -> int:
    """How many numbers a parameter of an elementwise operator on ``state`` has."""
    return state.model_shape[0] if isinstance(state, FloatInput) else len(segment_of(state).source.scale)


class FloatRead(Reject):
    """An integer operator reads float operators, which may still be functions from integers to integers."""


def extend(
    state: State | None, node: Node, formula: Any, direction: Any, affine: bool = True, **known: Any
) -> Segment | FloatInput:
    """The operand with one more step; ``direction`` is 1, -1, 0 or ``TURNS``, or any numbers whose signs it is.

    Args:
        known: further attributes of the ``Step``.
    """
    turning = np.asarray(direction) == TURNS if np.asarray(direction).dtype.kind == "i" else np.zeros(1, bool)
    signs = np.where(turning, TURNS, np.sign(direction)).astype(np.int64)
    step = Step(node.name, formula, np.broadcast_to(signs, (channels_of(state),)), affine, **known)
    if isinstance(state, FloatInput):
        return replace(state, steps=(*state.steps, step))
    segment = segment_of(state)
    return replace(segment, steps=(*segment.steps, step))


def integers_of(state: State | None) -> IntegerTensor:
    """The operand of an integer operator; affine functions of an integer tensor are one too.

    Raises:
        Reject: it is float.
    """
    if isinstance(state, IntegerTensor):
        return state
    if isinstance(state, Segment) and state.other is None and all(s.affine for s in state.steps):
        scale, offset = affine(state)
        if all(o.exact for o in offset) and all(s.exact and s.low for s in scale):
            scales = tuple(s.low for s in scale)
            shifts = tuple(o.low / s for o, s in zip(offset, scales, strict=True))
            made = replace(state.source, scale=scales, shift=shifts if any(shifts) else (), shape=state.source.shape)
            return made if state.view is None else viewed(made, state.view)
    if isinstance(state, Segment):
        names = ", ".join(f"'{s.node}'" for s in state.steps)
        if state.other is not None:
            raise Reject(f"reads floats: {different_scales(state.source, state.other)}", SAME_QUANTIZER)
        raise FloatRead(f"reads floats: no quantizer between {names} and it", "put a quantizer before it")
    if isinstance(state, FloatInput):
        raise Reject("reads the model's input as floats", QUANTIZE_INPUT)
    raise Reject("reads constants alone", "fold constants first (qonnx.util.cleanup)")


def different_scales(x: IntegerTensor, y: IntegerTensor) -> str:
    """Why two tensors cannot be added as integers."""
    shown = f"{abs(float(x.scale[0])):.9g} and {abs(float(y.scale[0])):.9g}"
    return f"a sum of two tensors of different scales ({shown}), which no small integer ratio joins"


def moved(state: State | None, move: Callable[[np.ndarray], np.ndarray]) -> State:
    """A tensor after data movement: ``move`` takes an index [C, *spatial] to the moved one, batch axis left out.

    Raises:
        Reject: as ``segment_of``.
    """
    if isinstance(state, FloatInput):
        view = move(still(state.shape) if state.view is None else state.view)
        return replace(state, shape=view.shape, view=view)
    segment = segment_of(state)
    view = np.ascontiguousarray(move(still(segment.shape) if segment.view is None else segment.view))
    if isinstance(state, IntegerTensor):
        return as_seen(segment.source, view)
    return replace(segment, shape=view.shape, view=view)


def as_seen(x: IntegerTensor, view: np.ndarray) -> IntegerTensor | Segment:
    """``x``, without a view, moved; a segment where that mixes channels of different scales, perhaps not for long."""
    if not (uniform(x.scale) and uniform(x.shift)) and mixes(tuple(zip(x.scale, x.shifts, strict=True)), view):
        return Segment(x, view.shape, (), view)
    return viewed(x, view)


def whole_source(x: IntegerTensor) -> IntegerTensor:
    """The tensor behind a view, as it lies in the graph.

    Raises:
        Reject: the view mixes channels of different scales.
    """
    shape = (x.tensor.channels, *x.tensor.shape[:-1])
    if x.view is None:
        return replace(x, shape=shape)
    channels = x.tensor.channels
    if uniform(x.scale) and uniform(x.shift):
        return IntegerTensor(x.tensor, shape, x.scale[:1] * channels, (), x.shift[:1] * channels)
    numbers = kinds(tuple(zip(x.scale, x.shifts, strict=True))).reshape(-1, *[1] * (x.view.ndim - 1))
    index = per_source_channel(numbers, x.view, channels, "its scale").astype(int)
    return IntegerTensor(
        x.tensor, shape, tuple(x.scale[i] for i in index), (), tuple(x.shifts[i] for i in index) if x.shift else ()
    )


def viewed(x: IntegerTensor, view: np.ndarray) -> IntegerTensor:
    """``x``, which has no view, moved.

    Raises:
        Reject: the view mixes channels of different scales.
    """
    scale = per_channel_of_view(x.scale, view, "scale")
    shift = per_channel_of_view(x.shift, view, "offset") if x.shift else ()
    return IntegerTensor(x.tensor, view.shape, scale, (), shift, view)


def weights_of(state: State | None) -> tuple[np.ndarray, np.ndarray]:
    """Integers and scale (float64, of their rank) of a layer's weights.

    Raises:
        Reject: they are not quantized, or not stored.
    """
    if isinstance(state, Constant) and state.integers is not None and state.scale is not None:
        return state.integers, state.scale
    if isinstance(state, Constant):
        raise Reject("its weights are not quantized", "give the layer a weight quantizer")
    raise Reject("its weights are computed from the input", "use stored, quantized weights")


def weighted_sum(weights: np.ndarray, values: Sequence[Fraction]) -> Fraction:
    """The exact sum of integer weights times values; a value that many share is multiplied once."""
    if len(set(map(id, values))) == 1:
        return int(weights.sum()) * values[0]
    objects = {id(v): v for v in values}
    own, place = np.unique(np.fromiter(map(id, values), np.int64, len(values)), return_inverse=True)
    sums = np.zeros(len(own), np.int64)
    np.add.at(sums, place, weights.astype(np.int64))
    return sum((int(w) * objects[int(i)] for w, i in zip(sums, own, strict=True)), Fraction(0))


def output_scales(scale: np.ndarray, axis: int, inputs: Fraction, outputs: int) -> tuple[Fraction, ...]:
    """Scale of each output of a layer: the inputs' times that of its weights.

    Raises:
        Reject: the weights' scale differs within one output.
    """
    moved = np.moveaxis(scale, axis, 0).reshape(scale.shape[axis], -1)
    if (moved != moved[:, :1]).any():
        raise Reject("its weight scale differs within an output", "use one weight scale, or one an output channel")
    return tuple(inputs * Fraction(float(s)) for s in np.broadcast_to(moved[:, 0], (outputs,)))


def _join(shape: Sequence[int]) -> str:
    return ", ".join(map(str, shape))
