"""FINN's Python executors as a witness of the IntegerGraph: the same integers on every edge, or the first that differs.

An operator that FINN has no exact form of is left to the graph: its integers are given to FINN's model, and the result
names it. FINN runs in a process of its own.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import UserError, VerificationFailed
from codesign.graph import Add, IntegerGraph, Operator
from hw.finn import environment
from hw.finn.emit import Emission, save, translate
from hw.finn.process import Worker

EXACT = 2**24
"""FINN's executors compute in float32, which holds every integer up to this."""


@dataclass(frozen=True)
class Difference:
    """The first integer that differs, by the graph's order of operators, then frame, then position.

    Attributes:
        operator: the output's name of the operator.
        frame: index of the frame.
        index: position in the frame, channels last.
        expected: the IntegerGraph's integer.
        found: FINN's number.
        kind: the operator's class in the graph.
        nodes: FINN's nodes that serve it.
    """

    operator: str
    frame: int
    index: tuple[int, ...]
    expected: int
    found: float
    kind: str
    nodes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.operator} (FINN's {', '.join(self.nodes)}), frame {self.frame}, "
            f"index {list(self.index)}: expected {self.expected}, found {self.found:g}"
        )


@dataclass(frozen=True)
class WitnessResult:
    """What FINN said.

    Attributes:
        frames: frames compared.
        mismatches: integers that differ, over all frames and the witnessed operators' outputs.
        first_difference: None where nothing differs.
        seconds: wall-clock time of FINN's executions, without its import.
        operators: FINN's operators that ran, by kind.
        witnessed: the graph's operators that FINN executed.
        missing: the graph's operators that it did not, each with the reason; FINN was given their integers.
    """

    frames: int
    mismatches: int
    first_difference: Difference | None
    seconds: float
    operators: dict[str, int]
    witnessed: tuple[str, ...]
    missing: dict[str, str]

    def require(self) -> None:
        """Raise VerificationFailed where FINN differs."""
        if self.first_difference is not None:
            raise VerificationFailed(
                f"FINN's execution differs in {self.mismatches} integers, first at {self.first_difference}."
            )


def witness(
    graph: IntegerGraph,
    x: np.ndarray,
    *,
    limit_s: float = 600,
    budget_s: float | None = None,
    model: Path | None = None,
    emission: Emission | None = None,
) -> WitnessResult:
    """Run every frame through FINN's executors and compare the outputs of all operators that FINN has an exact form of.

    Args:
        graph: the specification.
        x: int64 [N, *shape], the graph's integer input.
        limit_s: time for all of it; where FINN takes longer its process is killed.
        budget_s: time for FINN's executions; once it is spent no further frame is begun, and the result says how many.
        model: FINN's model as it was saved and others may have changed it; by default it is made here.
        emission: what ``executable`` returned for this graph, where it is there already.

    Raises:
        MissingTool: FINN is not installed.
        UserError: FINN can witness no operator of the graph, or ``x`` has another shape.
        ToolFailed: FINN failed or did not end in time.
    """
    environment.require()
    shape = graph.tensors[graph.input].shape
    if x.shape[1:] != shape or len(x) == 0:
        raise UserError(
            f"the frames for {graph.name} must have the shape (N, {', '.join(map(str, shape))}), not {x.shape}"
        )
    emission = emission or executable(graph)
    if not graph.operators:
        raise UserError(f"{graph.name} has no operator that FINN could execute.")
    if all(op.output in emission.missing for op in graph.operators):
        raise UserError(f"FINN can execute no operator of {graph.name}: {'; '.join(emission.missing.values())}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        graph.save(folder / "graph")
        np.save(folder / "x.npy", x)
        if model is None:
            model = folder / "model.onnx"
            save(emission.model, model)
        job = {
            "task": "execution",
            "graph": str(folder / "graph"),
            "x": str(folder / "x.npy"),
            "model": str(Path(model).resolve()),
            "budget_s": budget_s,
        }
        answer = Worker.shared().ask(job, limit_s, graph.name)
    return _result(graph, emission, answer)


def executable(graph: IntegerGraph) -> Emission:
    """Return FINN's model of all operators that FINN has an exact form of and that its executors compute exactly."""
    return translate(graph, too_wide(graph))


def too_wide(graph: IntegerGraph) -> dict[str, str]:
    """Return the operators whose integers can leave what float32 holds, in whatever order sums are added up."""
    found = {}
    for op in graph.operators:
        bound = max(_bound(graph, op.output), *(_bound(graph, name) for name in op.inputs), _inner_bound(graph, op))
        if bound > EXACT:
            found[op.output] = (
                f"it can reach {bound}, and FINN's executors compute in float32, exact up to {EXACT} only"
            )
    return found


def _bound(graph: IntegerGraph, tensor: str) -> int:
    t = graph.tensors[tensor]
    return max(abs(int(t.low.min())), abs(int(t.high.max())))


def _inner_bound(graph: IntegerGraph, op: Operator) -> int:
    """The largest that a sum within the operator can become."""
    largest = max(_bound(graph, name) for name in op.inputs)
    weights = getattr(op, "weights", None)
    if weights is not None:
        return int(np.abs(weights).reshape(len(weights), -1).sum(1).max()) * largest
    return max(map(abs, op.coefficients)) * largest if isinstance(op, Add) else largest


def _result(graph: IntegerGraph, emission: Emission, answer: dict[str, Any]) -> WitnessResult:
    """The worker's answer in the graph's words."""
    witnessed = tuple(op.output for op in graph.operators if op.output not in emission.missing)
    first = answer.pop("first_difference")
    if first is not None:
        nodes = tuple(node.name for node in emission.model.graph.node if node.doc_string == first["operator"])
        kind = type(graph.maker(first["operator"])).__name__
        first = Difference(**{**first, "index": tuple(first["index"])}, kind=kind, nodes=nodes)
    return WitnessResult(**answer, first_difference=first, witnessed=witnessed, missing=dict(emission.missing))
