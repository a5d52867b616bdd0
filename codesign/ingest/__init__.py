"""QONNX file to IntegerGraph: exact, or refused with every reason at once.

The network is what exact arithmetic makes of its stored parameters. Integers flow between quantizers; the float
operators from an accumulator to the next quantizer are compiled to an integer function with a proof over its range.

``file`` reads, ``compiler`` walks the nodes by the ``rules``, ``movement`` and ``functions`` make operators of what was
gathered, ``boundary`` is what stays in software, and ``verify`` holds the graph against the float runs.
"""

from __future__ import annotations

import time
from pathlib import Path

from codesign.errors import Refused, UserError, refusal
from codesign.graph import IntegerGraph
from codesign.ingest.boundary import integer_input
from codesign.ingest.compiler import Compiler
from codesign.ingest.file.model import Model, load
from codesign.ingest.report import HeadReport, IngestReport, NearTie, SegmentReport

__all__ = ["HeadReport", "IngestReport", "NearTie", "SegmentReport", "ingest", "ingest_model"]

QUANTIZERS = {"Quant", "IntQuant", "BipolarQuant", "QuantizeLinear", "DequantizeLinear"}
TIE_DISTANCE = 1e-3
"""Accumulators within this many steps of a rounding boundary are listed: a float32 run may differ there."""


def ingest(
    path: Path, name: str, tie_distance: float = TIE_DISTANCE, input_type: str | None = None
) -> tuple[IntegerGraph, IngestReport]:
    """Read a QONNX model and return its graph, named ``name``, with the report of its segments.

    Args:
        input_type: integers that the model's input holds, such as 'uint8' (with the scale 1), in place of floats.

    Raises:
        UserError: the file is missing, is not an ONNX model, holds no quantizer, or its external data are not there.
        Refused: the model cannot be taken exactly; the message holds every reason with node and remedy.
    """
    return ingest_model(load(Path(path)), name, tie_distance, input_type)


def ingest_model(
    model: Model, name: str, tie_distance: float = TIE_DISTANCE, input_type: str | None = None
) -> tuple[IntegerGraph, IngestReport]:
    """As ``ingest``, of a model that is read already."""
    start = time.perf_counter()
    if input_type is not None:
        integer_input.check(input_type)
    integers = {input_type, *(model.types.get(name) for name in model.inputs), *model.annotations.values()} - {None}
    floats = all(str(kind).lower() in integer_input.FLOATS for kind in integers)
    if not model.faults and not model.operators & QUANTIZERS and floats:
        raise UserError(f"{model.path} holds no quantizer: export the quantized model with Brevitas' export_qonnx.")
    compiler = Compiler(model, tie_distance, input_type)
    graph = compiler.compile(name)
    if graph is None:
        raise Refused(refusal(f"{model.path} cannot be taken exactly", compiler.reasons), compiler.reasons)
    seconds = time.perf_counter() - start
    segments = tuple(compiler.segments)
    return graph, IngestReport(model.path.name, tie_distance, segments, seconds, compiler.head_report)
