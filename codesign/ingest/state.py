"""What is known of a tensor while the model is read. Shapes are one frame's, as ONNX has them: channels first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from codesign.graph import Tensor
from codesign.ingest.file.model import Node
from codesign.ingest.numbers.numbers import Lift

TURNS = 2
"""The direction of a function that may rise and fall."""


@dataclass(frozen=True, eq=False)
class Constant:
    """A stored array, and its integers where a quantizer made it (value = scale * integers).

    Attributes:
        value: float64 (the exact image of what the model holds) or int64, batch axis included.
        integers: int64, zero point subtracted, of ``value``'s shape.
        scale: float64, of ``value``'s rank, broadcastable to it.
        type: its ONNX element type where a node may ask for it, for example 'int8'.
    """

    value: np.ndarray
    integers: np.ndarray | None = None
    scale: np.ndarray | None = None
    type: str = ""


@dataclass(frozen=True, eq=False)
class FloatInput:
    """The model's input before its quantizer: floats, which stay in software.

    Attributes:
        shape: (C, *spatial) as the model sees it by now.
        steps: float operators on it so far, channel by channel of the model's own input.
        view: where each element of ``shape`` lies in the channels-last frame of the model's input; None: unmoved.
    """

    name: str
    model_shape: tuple[int, ...]
    shape: tuple[int, ...]
    steps: tuple[Step, ...] = ()
    view: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class IntegerTensor:
    """Integers on an edge of the graph: value = scale * (integer + shift).

    Attributes:
        tensor: the graph's tensor, channels last.
        shape: (C, *spatial) as the model sees it, after ``view``, before ``pads``.
        scale: real value of one step of each channel of ``shape``, exact, C of them.
        pads: zeros before and after along each spatial axis that the model has added, but the graph not yet.
        shift: of each channel, exact, C of them; -1/2 for bipolar values, which are held as 0 and 1. Empty: all zero.
        view: data movement that the model has done, but the graph not yet: for each element of ``shape`` (int64) its
            place in the flat channels-last frame of ``tensor``; None: the frame itself, but for axes of length 1.
    """

    tensor: Tensor
    shape: tuple[int, ...]
    scale: tuple[Fraction, ...]
    pads: tuple[tuple[int, int], ...] = ()
    shift: tuple[Fraction, ...] = ()
    view: np.ndarray | None = None

    @property
    def shifts(self) -> tuple[Fraction, ...]:
        """``shift`` of every channel."""
        return self.shift or (Fraction(0),) * len(self.scale)

    @property
    def padded(self) -> bool:
        return any(before or after for before, after in self.pads)


@dataclass(frozen=True, eq=False)
class Step:
    """One elementwise float operator of a segment, channel by channel.

    Attributes:
        node: the node's name.
        formula: (x, lift) -> number; reads stored parameters through ``lift``.
        direction: int [C]: 1 where the result never falls as x rises, -1 where it never rises, 0 where it is constant,
            ``TURNS`` where neither is known.
        affine: the formula is a * x + b.
        inner: names of other nodes that the formula stands for, ``node`` being the last.
        clamp: the formula is min(max(x, low), high), float64 [C] each, or None where it has no such bound.
        jumps: the formula is not continuous.
    """

    node: str
    formula: Callable[[Any, Lift], Any]
    direction: np.ndarray
    affine: bool = True
    inner: tuple[str, ...] = ()
    clamp: tuple[np.ndarray | None, np.ndarray | None] | None = None
    jumps: bool = False


@dataclass(frozen=True, eq=False)
class Segment:
    """Float operators on an integer tensor, waiting for the quantizer that ends them.

    Attributes:
        source: has neither pads nor a view.
        shape: (C, *spatial) as the model sees it, after ``view``.
        steps: their parameters are those of the source's channels.
        view: data movement behind the steps, as in ``IntegerTensor``; elementwise operators do not mind it.
        other: added to the source before the steps, where no integer ratio joins the two scales; of its shape and range
            of channels, with neither pads nor a view.
    """

    source: IntegerTensor
    shape: tuple[int, ...]
    steps: tuple[Step, ...] = field(default=())
    view: np.ndarray | None = None
    other: IntegerTensor | None = None


@dataclass(frozen=True, eq=False)
class Quantized:
    """Between a QuantizeLinear and its DequantizeLinear: what was read, and the integers that it becomes.

    Attributes:
        node: the QuantizeLinear.
        source: what it reads.
        scale: float64, as stored: one number, or one along ``axis``.
        axis: of the model's tensor, batch included.
        zero: zero point.
        low, high: the clamp, zero point included.
    """

    node: Node
    source: State
    scale: np.ndarray
    axis: int
    zero: int
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class Broken:
    """The result of a refused node: what follows from it is not reported again."""


State = Constant | FloatInput | IntegerTensor | Segment | Quantized | Broken
