"""The IntegerGraph: a typed list of operators that can be run, checked and saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from codesign_board.boundary import Head, Tail

from codesign.graph import storage
from codesign.graph.operator import Operator
from codesign.graph.tensor import Tensor


@dataclass(eq=False)
class IntegerGraph:
    """A network in integers: exact or not made at all.

    Attributes:
        name: the model's name.
        input, output: names of the tensors at the ends.
        tensors: every tensor by name.
        operators: in an order in which every input is made before it is read.
        head, tail: what stays in software at both ends.
    """

    name: str
    input: str
    output: str
    tensors: dict[str, Tensor]
    operators: list[Operator]
    head: Head
    tail: Tail

    def run(self, x: np.ndarray) -> np.ndarray:
        """Return the output (int64 [N, *shape]) for the integer input (int64 [N, *shape], channels last)."""
        return self.trace(x)[self.output]

    def trace(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Return every tensor's integers for the integer input ``x``."""
        values = {self.input: np.asarray(x, np.int64)}
        for op in self.operators:
            values[op.output] = op.run(*(values[name] for name in op.inputs))
        return values

    def infer(self, x: np.ndarray) -> np.ndarray:
        """Run head, integers and tail: the model's input to the model's output, float64."""
        return self.tail.run(self.run(self.head.run(x)))

    def readers(self, tensor: str) -> list[Operator]:
        """Operators that read ``tensor``, in order."""
        return [op for op in self.operators if tensor in op.inputs]

    def maker(self, tensor: str) -> Operator | None:
        """The operator that makes ``tensor``, or None for the input."""
        return next((op for op in self.operators if op.output == tensor), None)

    def check(self) -> None:
        """Raise ValueError where names, shapes or ranges do not hold together."""
        made = {self.input}
        for op in self.operators:
            missing = [name for name in op.inputs if name not in made]
            if missing:
                raise ValueError(f"{op.output} reads {missing[0]}, which nothing before it makes")
            if op.output in made:
                raise ValueError(f"{op.output} is made twice")
            made.add(op.output)
            ins, out = [self.tensors[name] for name in op.inputs], self.tensors[op.output]
            if (shape := op.shape(*(t.shape for t in ins))) != out.shape:
                raise ValueError(f"{op.output} must have the shape {shape}, not {out.shape}")
            low, high = op.range(*((t.low, t.high) for t in ins))
            # A proof may be tighter than interval arithmetic, never looser.
            if (out.low < low).any() or (out.high > high).any():
                raise ValueError(f"{op.output} claims a range wider than its operator can reach")
        if self.output not in made:
            raise ValueError(f"the output {self.output} is made by no operator")

    def save(self, directory: Path) -> None:
        """Write ``graph.json`` and ``graph.npz`` into ``directory``, whole or not at all."""
        storage.save(self, directory)

    @staticmethod
    def load(directory: Path) -> IntegerGraph:
        """Read what ``save`` wrote."""
        return storage.load(directory)
