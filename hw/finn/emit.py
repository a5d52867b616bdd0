"""IntegerGraph to FINN's abstract operators (finn-plus 1.6.1), for its executors, its folding files and its own flow.

Images are channels last, a 1-D net is H x 1, every activation a Thresholding of its own, and every datatype comes from
the graph's proven ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Refused, Reject
from codesign.files import replacing
from codesign.graph import Conv, IntegerGraph, MatMul, Operator
from hw.finn.canvas import Canvas
from hw.finn.operators.activation import Activation, falling
from hw.finn.registry import EMITTERS

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper


@dataclass(frozen=True, eq=False)
class Emission:
    """FINN's model, and how it maps to the graph.

    Attributes:
        graph: what was emitted.
        model: in FINN's abstract operators; each node's ``doc_string`` names the graph's operator that it serves. What
            FINN has no form of is left out, and its output is an input of the model.
        names: FINN's tensor for each of the graph's tensors that it has.
        signs: tensors whose channels stand negated in FINN's model, int64 [C] of 1 and -1.
        folds: of each node, the attributes that set its lanes, with the length that each must divide.
        given: the graph's tensors that the model takes.
        missing: names of the operators that are left out (or of the input), each with the reason and the remedy.
    """

    graph: IntegerGraph
    model: ModelWrapper
    names: dict[str, str]
    signs: dict[str, np.ndarray]
    folds: dict[str, dict[str, int]]
    given: tuple[str, ...]
    missing: dict[str, str]

    def require_whole(self) -> None:
        """Raise Refused where something is left out; the message holds every reason."""
        if self.missing:
            count = "1 reason" if len(self.missing) == 1 else f"{len(self.missing)} reasons"
            first = f"{self.graph.name} has no exact form in FINN's operators, for {count}:"
            raise Refused("\n".join([first, *(f"  - {reason}" for reason in self.missing.values())]))

    def signed(self, tensor: str, integers: np.ndarray) -> np.ndarray:
        """The integers of the graph's ``tensor`` as they stand in FINN's model, and the other way round."""
        return integers * self.signs[tensor] if tensor in self.signs else integers


def emit(graph: IntegerGraph) -> ModelWrapper:
    """Return ``graph`` as a model in FINN's abstract operators.

    Raises:
        Refused: where FINN has no exact form; the message holds every reason.
    """
    emission = translate(graph)
    emission.require_whole()
    return emission.model


def save(model: ModelWrapper, path: Path) -> None:
    """Write FINN's model to ``path`` (ONNX; Netron opens it)."""
    with replacing(Path(path)) as temporary:
        model.save(str(temporary))


def translate(graph: IntegerGraph, leave_out: Mapping[str, str] | None = None) -> Emission:
    """Return all of ``graph`` that FINN has an exact form of, and for the rest why it has none.

    Args:
        leave_out: operators to leave out as well, by name, each with its reason.
    """
    canvas = Canvas(graph, negated_rows(graph))
    missing: dict[str, str] = {}
    given = [graph.input]
    try:
        canvas.give(graph.input)
    except Reject as reject:
        missing[graph.input] = _reason("input", graph.input, reject)
        given = []
    for op in graph.operators:
        try:
            if leave_out and op.output in leave_out:
                raise Reject(leave_out[op.output], "quantize to fewer bits")
            with canvas.attempt():
                canvas.finish(op.output, _emit(op, canvas))
        except Reject as reject:
            missing[op.output] = _reason(type(op).__name__, op.output, reject)
            given += _given(op, canvas)
    return Emission(graph, canvas.model(), canvas.names, canvas.signs, canvas.folds, tuple(given), missing)


def negated_rows(graph: IntegerGraph) -> dict[str, np.ndarray]:
    """Signs of the matrix products whose rows are negated, because FINN's thresholds only ever rise."""
    signs = {}
    for op in graph.operators:
        if not isinstance(op, Activation) or not falling(op).any():
            continue
        tensor = op.inputs[0]
        alone = sum(o.inputs.count(tensor) for o in graph.operators) == 1 and tensor != graph.output
        if alone and isinstance(graph.maker(tensor), Conv | MatMul):
            signs[tensor] = np.where(falling(op), -1, 1)
    return signs


def _emit(op: Operator, canvas: Canvas) -> str:
    emitter = EMITTERS.of(type(op))
    if emitter is None:
        raise Reject(
            "FINN's vocabulary has no rule for it here",
            "use the project's own kernels, or add a rule in hw/finn/operators",
        )
    absent = [name for name in op.inputs if name not in canvas.names]
    if absent:
        raise Reject(f"it reads {absent[0]}, which FINN cannot hold", "see there")
    return emitter(op, canvas)


def _given(op: Operator, canvas: Canvas) -> list[str]:
    """Make what a left-out operator computes an input of the model, if FINN can hold it."""
    try:
        canvas.give(op.output)
    except Reject:
        return []
    return [op.output]


def _reason(kind: str, name: str, reject: Reject) -> str:
    return f"{kind} {name}: {reject.reason}. Remedy: {reject.remedy}."
