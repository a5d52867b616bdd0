"""What is known of a tensor while the model is read. Shapes are one frame's, as ONNX has them: channels first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from codesign.graph import Tensor
from codesign.ingest.numbers import Lift


@dataclass(frozen=True, eq=False)
class Constant:
    """A stored array, and its integers where a quantizer made it (value = scale * integers).

    Attributes:
        value: float64 (the exact image of what the model holds) or int64, batch axis included.
        integers: int64, zero point subtracted, of ``value``'s shape.
        scale: float64, of ``value``'s rank, broadcastable to it.
    """

    value: np.ndarray
    integers: np.ndarray | None = None
    scale: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class FloatInput:
    """The model's input before its quantizer: floats, which stay in software."""

    name: str
    model_shape: tuple[int, ...]
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class IntegerTensor:
    """Integers on an edge of the graph.

    Attributes:
        tensor: the graph's tensor; its shape may lack axes of length 1 that ``shape`` has.
        shape: (C, *spatial) as the model sees it.
        scale: real value of one step of each channel, exact, C of them.
        pads: zeros before and after along each spatial axis that the model has added, but the graph not yet.
    """

    tensor: Tensor
    shape: tuple[int, ...]
    scale: tuple[Fraction, ...]
    pads: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Step:
    """One elementwise float operator of a segment, channel by channel.

    Attributes:
        node: the node's name.
        formula: (x, lift) -> number; reads stored parameters through ``lift``.
        direction: int [C]: 1 where the result never falls as x rises, -1 where it never rises, 0 where it is constant.
        affine: the formula is a * x + b.
    """

    node: str
    formula: Callable[[Any, Lift], Any]
    direction: np.ndarray
    affine: bool = True


@dataclass(frozen=True, eq=False)
class Segment:
    """Float operators on an integer tensor, waiting for the quantizer that ends them."""

    source: IntegerTensor
    shape: tuple[int, ...]
    steps: tuple[Step, ...] = field(default=())


@dataclass(frozen=True, eq=False)
class Broken:
    """The result of a refused node: what follows from it is not reported again."""


State = Constant | FloatInput | IntegerTensor | Segment | Broken
