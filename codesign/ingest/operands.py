"""What rules ask of their operands."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from codesign.ingest.model import Node
from codesign.ingest.refusal import Reject
from codesign.ingest.state import Constant, FloatInput, IntegerTensor, Segment, State, Step
from codesign.ingest.tail import affine

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
        if any(before or after for before, after in state.pads):
            raise Reject("reads a padded tensor, which only a convolution can", "pad inside the convolution")
        return Segment(state, state.shape)
    if isinstance(state, FloatInput):
        raise Reject("works on the model's input before any quantizer", f"{QUANTIZE_INPUT}, and scale inputs outside")
    raise Reject("works on constants alone", "fold constants first (qonnx.util.cleanup)")


def extend(state: State | None, node: Node, formula: Any, direction: Any, affine: bool = True) -> Segment:
    """The operand's segment with one more step; ``direction`` broadcasts to [C]."""
    segment = segment_of(state)
    signs = np.broadcast_to(np.sign(direction).astype(np.int64), (segment.shape[0],))
    return Segment(segment.source, segment.shape, (*segment.steps, Step(node.name, formula, signs, affine)))


def integers_of(state: State | None) -> IntegerTensor:
    """The operand of an integer operator; plain rescalings of an integer tensor are one too.

    Raises:
        Reject: it is float.
    """
    if isinstance(state, IntegerTensor):
        return state
    if isinstance(state, Segment) and all(s.affine for s in state.steps):
        scale, offset = affine(state)
        if all(o.exact and not o.low for o in offset) and all(s.exact and s.low for s in scale):
            return IntegerTensor(state.source.tensor, state.shape, tuple(s.low for s in scale))
    if isinstance(state, Segment):
        names = ", ".join(f"'{s.node}'" for s in state.steps)
        raise Reject(f"reads floats: no quantizer between {names} and it", "put a quantizer before it")
    if isinstance(state, FloatInput):
        raise Reject("reads the model's input as floats", QUANTIZE_INPUT)
    raise Reject("reads constants alone", "fold constants first (qonnx.util.cleanup)")


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
