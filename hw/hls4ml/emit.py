"""A normalised IntegerGraph to hls4ml's layer list (hls4ml 1.3.0), past its front ends: integers and their types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codesign.errors import Reason, Refused, Reject, refusal
from codesign.graph import IntegerGraph, Operator, Reshape
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.precision import Fixed
from hw.hls4ml.registry import EMITTERS
from hw.hls4ml.settings import Settings


@dataclass(frozen=True, eq=False)
class Emission:
    """A graph in hls4ml's layers.

    Attributes:
        graph: what was emitted.
        settings: of the project.
        layers: hls4ml's layer list, the input's first and the output's last.
        types: of each layer, by what it is the type of.
        derived: the same where no ``--precision`` was asked.
        owners: the graph's tensor that a layer serves.
        tensors: the layer that makes each tensor of the graph.
    """

    graph: IntegerGraph
    settings: Settings
    layers: list[dict[str, Any]]
    types: dict[str, dict[str, Fixed]]
    derived: dict[str, dict[str, Fixed]]
    owners: dict[str, str]
    tensors: dict[str, str]

    @property
    def output(self) -> str:
        """The layer of the graph's output."""
        return self.tensors[self.graph.output]


def emit(graph: IntegerGraph, settings: Settings) -> Emission:
    """Return ``graph``, normalised already, in hls4ml's layers.

    Raises:
        Refused: where hls4ml has no exact form; with every reason.
    """
    canvas = Canvas(graph, settings)
    canvas.give()
    reasons: list[Reason] = []
    operators = graph.operators
    if graph.output == graph.input:  # hls4ml would give the top function one argument of both names
        copy = Reshape(inputs=(graph.input,), output=graph.output, to=canvas.shape(graph.input))
        operators = [*operators, copy]
    for op in operators:
        if any(name not in canvas.names for name in op.inputs):
            continue  # what it reads is refused already
        try:
            canvas.names[op.output] = _emit(op, canvas)
        except Reject as reject:
            reasons.append(Reason(f"{type(op).__name__} {op.output}", reject.reason, reject.remedy))
    if reasons:
        raise Refused(refusal(f"{graph.name} has no exact form in hls4ml", reasons), reasons)
    kept = canvas.layers, canvas.types, canvas.derived, canvas.owners, canvas.names
    return Emission(graph, settings, *kept)


def _emit(op: Operator, canvas: Canvas) -> str:
    emitter = EMITTERS.of(type(op))
    if emitter is None:
        raise Reject(
            "hls4ml has no layer for it, and no extension here has",
            "use the project's own kernels (--backend own), or add an extension in hw/hls4ml/operators",
        )
    return emitter(op, canvas)
