"""What a pass is: a function from one operator to the operators that stand for it, found by its file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from codesign.graph import IntegerGraph, Operator, Tensor
from hw.hls4ml import rewritings
from hw.hls4ml.precision import Bounds

Rule = Callable[[Any, "Scope"], bool]
"""Appends to the scope what stands for an operator, the last with the operator's output; False where it leaves it.

Nothing stands for an operator that nobody needs.
"""


@dataclass(frozen=True)
class Pass:
    """One exact rewriting.

    Attributes:
        name: of its file.
        why: what hls4ml lacks or gets wrong, in a clause.
        kinds: operators that it looks at.
        rule: does it.
    """

    name: str
    why: str
    kinds: tuple[type[Operator], ...]
    rule: Rule


_PASSES: dict[str, Pass] = {}


def rewrites(why: str, *kinds: type[Operator]) -> Callable[[Rule], Rule]:
    """Say that the decorated function is the pass of its file, for these kinds of operators, or all where none is."""

    def register(rule: Rule) -> Rule:
        name = rule.__module__.rsplit(".", 1)[-1]
        if name in _PASSES:
            raise ValueError(f"{rule.__module__} has two passes")
        _PASSES[name] = Pass(name, why, kinds or (Operator,), rule)
        return rule

    return register


@cache
def passes() -> tuple[Pass, ...]:
    """Every pass, by name."""
    for module in pkgutil.iter_modules(rewritings.__path__):
        if not module.name.endswith("_test"):
            importlib.import_module(f"{rewritings.__name__}.{module.name}")
    return tuple(_PASSES[name] for name in sorted(_PASSES))


@dataclass
class Scope:
    """Where a rule puts what stands for one operator.

    Attributes:
        graph: before the pass.
        tensors: of the graph after it, so far.
        operators: likewise.
    """

    graph: IntegerGraph
    tensors: dict[str, Tensor]
    operators: list[Operator] = field(default_factory=list)

    def tensor(self, name: str) -> Tensor:
        """A tensor that is there already."""
        return self.tensors[name]

    def fresh(self, stem: str) -> str:
        """A name that no tensor has."""
        count, name = 1, stem
        while name in self.tensors or name in self.graph.tensors:
            count += 1
            name = f"{stem}_{count}"
        return name

    def append(self, op: Operator) -> str:
        """Add an operator; what it makes is in the operator's range and in the graph's own proof, where it has one.

        Operators that are tighter than the one that they stand for pass that on to all behind them.
        """
        ins = [self.tensors[name] for name in op.inputs]
        low, high = op.range(*((t.low, t.high) for t in ins))
        shape = op.shape(*(t.shape for t in ins))
        known = self.graph.tensors.get(op.output)
        if known is None:
            made = Tensor(op.output, shape, low, high, 1.0)  # type: ignore[arg-type]
        elif shape != known.shape:
            made = known  # no range is compared with another shape's: the graph will not hold together
        else:
            made = replace(known, low=np.maximum(low, known.low), high=np.minimum(high, known.high))
        self.tensors[op.output] = made
        self.operators.append(op)
        return op.output

    def keep(self, op: Operator) -> None:
        """Add an operator of the graph as it is; its proof is as it was where the tensors that it reads are."""
        if any(self.tensors[name] is not self.graph.tensors[name] for name in op.inputs):
            self.append(op)
            return
        self.tensors[op.output] = self.graph.tensors[op.output]
        self.operators.append(op)

    @cached_property
    def needed(self) -> set[str]:
        """Tensors of the graph before the pass that its output depends on, with itself."""
        needed = {self.graph.output}
        for op in reversed(self.graph.operators):
            if op.output in needed:
                needed.update(op.inputs)
        return needed

    @cached_property
    def reads(self) -> dict[str, list[tuple[str, int]]]:
        """Which operators of the graph before the pass read each tensor, at which of their inputs, in order."""
        reads: dict[str, list[tuple[str, int]]] = {}
        for op in self.graph.operators:
            for position, name in enumerate(op.inputs):
                reads.setdefault(name, []).append((op.output, position))
        return reads

    def bounds(self, name: str) -> Bounds:
        """Proven range of all channels."""
        t = self.tensors[name]
        return int(t.low.min()), int(t.high.max())
