"""An IntegerGraph in da4ml's symbolic arithmetic, fully unrolled: every integer of a frame is a wire of its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from codesign.errors import Reason, Refused, Reject, UserError, refusal
from codesign.graph import IntegerGraph, Operator, Requantize, Threshold
from codesign.graph.operators.mul import Mul
from hw.da4ml import environment
from hw.da4ml.registry import RULES

LIMIT = 10_000
"""Additions of a graph that is unrolled: da4ml's optimiser and the simulator's compiler take minutes beyond."""
PRODUCT = 8
"""Additions that a product counts as where neither factor is a weight."""
STAGE = 5
"""Additions one after the other between two registers."""


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A graph as logic.

    Attributes:
        graph: what was unrolled.
        shown: tensors that the logic gives, in the order of its outputs.
        pipeline: da4ml's logic with its registers.
        cost: LUTs by da4ml's own estimate.
    """

    graph: IntegerGraph
    shown: tuple[str, ...]
    pipeline: Any
    cost: float

    @property
    def latency(self) -> int:
        """Cycles from a frame at the input to its output; a frame goes in each cycle."""
        return len(self.pipeline.solutions) + 1


def unroll(graph: IntegerGraph, shown: tuple[str, ...] = ()) -> Unrolled:
    """Return ``graph`` as pipelined logic.

    Args:
        graph: what to compute.
        shown: tensors to give, by default the graph's output.

    Raises:
        MissingTool: da4ml is not installed.
        UserError: the graph is too large to be unrolled.
        Refused: an operator has no exact form here; with every reason.
    """
    environment.require()
    _check_size(graph)
    from da4ml.trace import FixedVariableArray, HWConfig, comb_trace, to_pipeline

    t = graph.tensors[graph.input]
    low, high = (np.broadcast_to(v, t.shape).astype(np.float64) for v in (t.low, t.high))
    given = FixedVariableArray.from_lhs(low, high, np.ones(t.shape), hwconf=HWConfig(1, -1, -1))
    values = _run(graph, np.asarray(given._vars, object).reshape(t.shape))
    shown = shown or (graph.output,)
    outputs = [value for name in shown for value in values[name].reshape(-1)]
    logic = comb_trace(given, outputs, keep_dead_inputs=True)
    return Unrolled(graph, shown, to_pipeline(logic, STAGE, verbose=False), float(logic.cost))


def size(graph: IntegerGraph) -> int:
    """About how many additions the unrolled graph has, before any sum is shared."""
    return sum(additions(op, graph.tensors[op.output].shape) for op in graph.operators)


def additions(op: Operator, shape: tuple[int, ...]) -> int:
    """About how many additions an operator with an output of ``shape`` unrolls to, before any sum is shared."""
    weights = getattr(op, "weights", None)
    if weights is not None:  # a weight costs its non-zero digits in the signed form that has fewest of them
        return int(np.bitwise_count(np.abs(weights) ^ 3 * np.abs(weights)).sum()) * prod(shape[:-1])
    if isinstance(op, Threshold):
        return op.levels.bit_length() * prod(shape)
    return (PRODUCT if isinstance(op, Mul | Requantize) else 1) * prod(shape)


def _check_size(graph: IntegerGraph) -> None:
    count = size(graph)
    if count > LIMIT:
        raise UserError(
            f"{graph.name} unrolls to about {count:,} additions, and da4ml's back end takes at most {LIMIT:,}: leave "
            "da4ml out of --backends, or take a smaller network."
        )


def _run(graph: IntegerGraph, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every tensor's symbolic integers."""
    values, reasons = {graph.input: x}, []
    for op in graph.operators:
        if any(name not in values for name in op.inputs):
            continue  # what it reads is refused already
        try:
            rule = RULES.of(type(op))
            if rule is None:
                raise Reject("it has no form in da4ml's arithmetic here", "add a rule in hw/da4ml/operators")
            values[op.output] = rule(op, *(values[name] for name in op.inputs))
        except Reject as reject:
            reasons.append(Reason(f"{type(op).__name__} {op.output}", reject.reason, reject.remedy))
    if reasons:
        raise Refused(refusal(f"{graph.name} has no exact form in da4ml", reasons), reasons)
    return values
