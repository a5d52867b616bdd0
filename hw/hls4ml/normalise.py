"""All passes over a graph, until none applies; after each, the graph must compute what it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.errors import VerificationFailed
from codesign.graph import IntegerGraph
from hw.hls4ml.rewriting import Pass, Scope, passes

ROUNDS = 20
FRAMES = 3
"""Random frames over the whole range that every pass is checked with."""


@dataclass(frozen=True)
class Rewrite:
    """One operator that a pass replaced.

    Attributes:
        operator: its kind and name.
        rewriting: the pass's name.
        why: what hls4ml lacks.
        into: kinds of the operators that stand for it.
    """

    operator: str
    rewriting: str
    why: str
    into: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Normalised:
    """A graph that hls4ml has layers for, as far as exact rewriting goes, and what was rewritten."""

    graph: IntegerGraph
    rewrites: tuple[Rewrite, ...]


def normalise(graph: IntegerGraph, seed: int = 0) -> Normalised:
    """Return ``graph`` with every pass applied until none finds anything.

    Raises:
        VerificationFailed: a pass changed an integer or a range; it is named. Or it has no end.
    """
    t = graph.tensors[graph.input]
    x = np.random.default_rng(seed).integers(t.low, t.high + 1, (FRAMES, *t.shape))
    expected = graph.trace(x)
    rewrites: list[Rewrite] = []
    for _ in range(ROUNDS):
        before = len(rewrites)
        for each in passes():
            fresh, done = _apply(each, graph)
            if done:
                _check(each, fresh, x, expected)
                graph = fresh
                rewrites += done
        if len(rewrites) == before:
            return Normalised(graph, tuple(rewrites))
    last = rewrites[-1]
    raise VerificationFailed(f"The rewriting {last.rewriting} of {last.operator} has no end after {ROUNDS} rounds.")


def _apply(each: Pass, graph: IntegerGraph) -> tuple[IntegerGraph, list[Rewrite]]:
    scope = Scope(graph, {graph.input: graph.tensors[graph.input]})
    done = []
    for op in graph.operators:
        before = len(scope.operators)
        if isinstance(op, each.kinds) and each.rule(op, scope):
            into = tuple(type(o).__name__ for o in scope.operators[before:])
            done.append(Rewrite(f"{type(op).__name__} {op.output}", each.name, each.why, into))
        else:
            scope.keep(op)
    ends = graph.head, graph.tail
    return IntegerGraph(graph.name, graph.input, graph.output, scope.tensors, scope.operators, *ends), done


def _check(each: Pass, graph: IntegerGraph, x: np.ndarray, expected: dict[str, np.ndarray]) -> None:
    """Raise VerificationFailed where a tensor of the graph before has other integers, or a range does not hold."""
    try:
        graph.check()
    except ValueError as error:
        raise VerificationFailed(
            f"The rewriting {each.name} made a graph that does not hold together: {error}."
        ) from error
    for name, values in graph.trace(x).items():
        if name in expected and not np.array_equal(values, expected[name]):
            raise VerificationFailed(f"The rewriting {each.name} changed the integers of {name}.")
        t = graph.tensors[name]
        if (values < t.low).any() or (values > t.high).any():
            raise VerificationFailed(f"The rewriting {each.name} gave {name} a range that its integers leave.")
