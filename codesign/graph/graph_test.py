"""The graph checks itself, and survives a trip through its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Add, Head, IntegerGraph, MatMul, Requantize, Tail, Tensor, bits_for


def graph() -> IntegerGraph:
    rng = np.random.default_rng(3)
    w = rng.integers(-8, 8, (4, 3))
    matmul = MatMul(inputs=("x",), output="acc", weights=w, source=("fc",))
    requantize = Requantize(
        inputs=("acc",),
        output="q",
        multiplier=np.array([3, -2, 1, 5]),
        offset=np.array([0, 7, -3, 1]),
        shift=4,
        low=0,
        high=15,
    )
    add = Add(inputs=("q", "q"), output="y")
    ranges = {"x": (np.full(3, -8), np.full(3, 7))}
    tensors = {"x": Tensor("x", (3,), *ranges["x"], np.array(0.5))}
    for op in (matmul, requantize, add):
        low, high = op.range(*(ranges[i] for i in op.inputs))
        ranges[op.output] = low, high
        tensors[op.output] = Tensor(op.output, (4,), low, high, np.array(0.25))
    head = Head((3,), (0,), np.array(0.5), np.array(0), -8, 7)
    tail = Tail(np.full(4, 0.25), np.arange(4.0), (0,), (4,))
    return IntegerGraph("net", "x", "y", tensors, [matmul, requantize, add], head, tail)


def test_a_saved_graph_is_the_same(tmp_path: Path) -> None:
    first = graph()
    first.check()
    first.save(tmp_path)
    second = IntegerGraph.load(tmp_path)
    second.check()
    x = np.random.default_rng(0).normal(0, 3, (50, 3)).astype(np.float32)
    np.testing.assert_array_equal(first.infer(x), second.infer(x))
    assert [op.source for op in second.operators] == [("fc",), (), ()]
    assert second.tensors["q"].bits == first.tensors["q"].bits
    assert sorted(p.name for p in tmp_path.iterdir()) == ["graph.json", "graph.npz"]


def test_the_head_rounds_half_to_even_and_clamps() -> None:
    head = Head((2,), (0,), np.array(0.5), np.array(0), -4, 3)
    assert head.run(np.array([[0.25, 0.75], [-9.0, 9.0]], np.float32)).tolist() == [[0, 2], [-4, 3]]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda g: g.operators.reverse(), "reads q, which nothing before it makes"),
        (lambda g: g.operators.append(g.operators[-1]), "y is made twice"),
        (lambda g: g.tensors.update(q=replace(g.tensors["q"], shape=(4, 4))), "q must have the shape"),
        (lambda g: g.tensors.update(acc=replace(g.tensors["acc"], high=np.full(4, 10**6))), "acc claims a range wider"),
        (lambda g: setattr(g, "output", "nowhere"), "the output nowhere is made by no operator"),
    ],
)
def test_a_damaged_graph_is_found(damage, message: str) -> None:  # type: ignore[no-untyped-def]
    damaged = graph()
    damage(damaged)
    with pytest.raises(ValueError, match=message):
        damaged.check()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 15, (4, False)),
        (0, 16, (5, False)),
        (-8, 7, (4, True)),
        (-8, 8, (5, True)),
        (-9, 0, (5, True)),
        (-1, 0, (1, True)),
        (0, 0, (1, False)),
    ],
)
def test_bits(low: int, high: int, expected: tuple[int, bool]) -> None:
    assert bits_for(low, high) == expected
