"""The base of every integer operator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

Range = tuple[np.ndarray, np.ndarray]
"""Smallest and largest value of each channel, int64 [C] each."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Operator(ABC):
    """One operator: its integer semantics, stated once. Subclasses register themselves by class name.

    Attributes:
        inputs: names of the tensors read.
        output: name of the tensor made; unique, so it names the operator too.
        source: names of the model's nodes that this operator stands for.
    """

    inputs: tuple[str, ...]
    output: str
    source: tuple[str, ...] = ()

    kinds: ClassVar[dict[str, type[Operator]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        Operator.kinds[cls.__name__] = cls

    @abstractmethod
    def run(self, *x: np.ndarray) -> np.ndarray:
        """Compute the output (int64 [N, *shape]) from the inputs (int64 [N, *shape] each, channels last)."""

    @abstractmethod
    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of one output frame from those of the inputs."""

    @abstractmethod
    def range(self, *ranges: Range) -> Range:
        """Output range from the inputs' ranges, by interval arithmetic: sound, not always tight."""
