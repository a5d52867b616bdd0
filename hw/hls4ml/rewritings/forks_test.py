"""Tensors that are read often or never: what is left has the integers that it had, and few enough readers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest

from codesign.graph import IntegerGraph, Operator, Reshape
from codesign.graph.examples import Builder, awkward
from codesign.graph.operator import Range
from codesign.graph.operators.mul import Mul
from hw.hls4ml.limits import MOST_CLONES
from hw.hls4ml.normalise import ROUNDS, normalise


def crowded(readers: int, seed: int = 0) -> IntegerGraph:
    """``x`` and a product of it, each read by as many operators, the product twice by each of its own."""
    b = Builder((3, 2), -8, 7, seed)
    product = last = b.append(Mul(inputs=("x", "x"), output="product"))
    for index in range(readers):
        square = b.append(Mul(inputs=(product, product), output=f"square{index}"))
        last = b.requantize(b.add(b.requantize(b.add(square, "x")), last))
    return b.graph(last)


def reads(graph: IntegerGraph) -> Counter[str]:
    return Counter([graph.output, *(name for op in graph.operators for name in op.inputs)])


@pytest.mark.parametrize("readers", [3, 5, 6, 7, 12, 13, 14, 40])
def test_no_tensor_has_more_readers_than_clones(readers: int) -> None:
    graph = crowded(readers)
    done = normalise(graph)
    rewritten = done.graph
    x = np.random.default_rng(1).integers(-8, 8, (20, 3, 2))
    np.testing.assert_array_equal(rewritten.run(x), graph.run(x))
    assert max(reads(graph).values()) == 2 * readers + 1
    assert max(reads(rewritten).values()) <= MOST_CLONES
    copies = sum(isinstance(op, Reshape) for op in rewritten.operators)
    most = [sum(1 for _ in range(MOST_CLONES, reads(graph)[name], MOST_CLONES - 1)) for name in ("x", "product")]
    assert copies == sum(most)  # no more of them than there must be
    assert max(Counter(r.operator for r in done.rewrites if r.rewriting == "many_readers").values(), default=1) == 1


def test_copies_stand_for_the_node_that_makes_what_they_copy() -> None:
    graph = crowded(20)
    graph.operators = [replace(op, source=(f"node of {op.output}",)) for op in graph.operators]
    copies = [op for op in normalise(graph).graph.operators if isinstance(op, Reshape)]
    sources = Counter((op.inputs[0].startswith("x"), op.source) for op in copies)
    assert set(sources) == {(True, ()), (False, ("node of product",))}


def test_the_outputs_readers_go_with_all_that_they_lead_to() -> None:
    b = Builder((3, 2), -8, 7)
    output = b.requantize("x")
    last = output
    for _ in range(2 * ROUNDS):
        last = b.threshold(b.add(output, last))
    rewritten = normalise(b.graph(output)).graph
    assert [op.output for op in rewritten.operators] == [output]


def test_what_leads_nowhere_goes_and_what_is_needed_stays() -> None:
    graph, x = awkward()
    done = normalise(graph)
    assert {op.output for op in graph.operators} - {op.output for op in done.graph.operators} == {
        graph.operators[-1].output
    }
    assert [(r.rewriting, r.into) for r in done.rewrites if r.rewriting == "dead_end"] == [("dead_end", ())]
    np.testing.assert_array_equal(done.graph.run(x), graph.run(x))


def test_a_graph_whose_output_is_its_input_needs_no_operator() -> None:
    b = Builder((3, 2), -8, 7)
    b.threshold(b.requantize("x"))
    assert normalise(b.graph("x")).graph.operators == []


def test_an_operator_of_a_later_file_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its class is there after the passes."""
    b = Builder((3, 2), -8, 7)
    output = b.requantize("x")
    monkeypatch.setattr(Operator, "kinds", dict(Operator.kinds))

    @dataclass(frozen=True, eq=False, kw_only=True)
    class Late(Operator):
        def run(self, *x: np.ndarray) -> np.ndarray:
            return x[0]

        def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
            return shapes[0]

        def range(self, *ranges: Range) -> Range:
            return ranges[0]

    b.append(Late(inputs=("x",), output="late"))
    assert [op.output for op in normalise(b.graph(output)).graph.operators] == [output]
