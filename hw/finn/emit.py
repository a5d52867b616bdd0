"""IntegerGraph to FINN's abstract operators (finn-plus 1.6.1), for its executors, its folding files and its own flow.

Images are channels last, a 1-D net is H x 1, every activation a Thresholding of its own, and every datatype comes from
the graph's proven ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Refused
from codesign.files import replacing
from codesign.graph import Conv, IntegerGraph, MatMul, Operator, Requantize, Threshold
from hw.finn.canvas import Canvas, Reject, datatype, nhwc
from hw.finn.operators import EMITTERS
from hw.finn.operators.activation import falling

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper


@dataclass(frozen=True, eq=False)
class Emission:
    """FINN's model, and how it maps to the graph.

    Attributes:
        model: in FINN's abstract operators; each node's ``doc_string`` names the graph's operator that it serves.
        names: FINN's tensor for each of the graph's tensors.
        signs: tensors whose channels stand negated in FINN's model, int64 [C] of 1 and -1.
    """

    model: ModelWrapper
    names: dict[str, str]
    signs: dict[str, np.ndarray]


def emit(graph: IntegerGraph) -> ModelWrapper:
    """Return ``graph`` as a model in FINN's abstract operators.

    Raises:
        Refused: where FINN has no exact form; the message holds every reason.
    """
    return translate(graph).model


def save(graph: IntegerGraph, path: Path) -> None:
    """Write ``graph`` in FINN's operators to ``path`` (ONNX; Netron opens it)."""
    model = emit(graph)
    with replacing(Path(path)) as temporary:
        model.save(str(temporary))


def translate(graph: IntegerGraph) -> Emission:
    """As ``emit``, with the mapping that a comparison needs."""
    canvas = Canvas(graph, negated_rows(graph))
    reasons = []
    try:
        canvas.finish(graph.input, canvas.output(graph.input))
    except Reject as reject:
        raise Refused(_message(graph, [_reason("input", graph.input, reject)])) from reject
    for op in graph.operators:
        try:
            canvas.finish(op.output, _emitter(op, canvas))
        except Reject as reject:
            reasons.append(_reason(type(op).__name__, op.output, reject))
            _stand_in(op, canvas)
    if reasons:
        raise Refused(_message(graph, reasons))
    return Emission(canvas.model(), canvas.names, canvas.signs)


def negated_rows(graph: IntegerGraph) -> dict[str, np.ndarray]:
    """Signs of the matrix products whose rows are negated, because FINN's thresholds only ever rise."""
    signs = {}
    for op in graph.operators:
        if not isinstance(op, Requantize | Threshold) or not falling(op).any():
            continue
        tensor = op.inputs[0]
        alone = sum(o.inputs.count(tensor) for o in graph.operators) == 1 and tensor != graph.output
        if alone and isinstance(graph.maker(tensor), Conv | MatMul):
            signs[tensor] = np.where(falling(op), -1, 1)
    return signs


def _emitter(op: Operator, canvas: Canvas) -> str:
    if type(op) not in EMITTERS:
        raise Reject(
            "FINN's vocabulary has no rule for it here",
            "use the project's own kernels, or add a rule in hw/finn/operators",
        )
    return EMITTERS[type(op)](op, canvas)


def _stand_in(op: Operator, canvas: Canvas) -> None:
    """Declare the output all the same, so that all later reasons are found too."""
    t = canvas.graph.tensors[op.output]
    try:
        shape = nhwc(t.shape)
    except Reject:
        shape = (1, 1, 1, t.channels)
    canvas.finish(op.output, canvas.declare(op.output, shape, datatype(int(t.low.min()), int(t.high.max()))))


def _reason(kind: str, name: str, reject: Reject) -> str:
    return f"{kind} {name}: {reject.reason}. Remedy: {reject.remedy}."


def _message(graph: IntegerGraph, reasons: list[str]) -> str:
    count = "1 reason" if len(reasons) == 1 else f"{len(reasons)} reasons"
    return "\n".join(
        [f"{graph.name} has no exact form in FINN's operators, for {count}:", *(f"  - {r}" for r in reasons)]
    )
