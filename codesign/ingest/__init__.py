"""QONNX file to IntegerGraph: exact, or refused with every reason at once.

The network is what exact arithmetic makes of its stored parameters. Integers flow between quantizers; the float
operators from an accumulator to the next quantizer are compiled to an integer function with a proof over its range.
"""

from __future__ import annotations

import time
from pathlib import Path

from codesign.errors import Refused, UserError
from codesign.graph import IntegerGraph
from codesign.ingest.compiler import Compiler
from codesign.ingest.model import load
from codesign.ingest.refusal import message
from codesign.ingest.report import HeadReport, IngestReport, NearTie, SegmentReport

__all__ = ["HeadReport", "IngestReport", "NearTie", "SegmentReport", "ingest"]

TIE_DISTANCE = 1e-3
"""Accumulators within this many steps of a rounding boundary are listed: a float32 run may differ there."""


def ingest(path: Path, name: str, tie_distance: float = TIE_DISTANCE) -> tuple[IntegerGraph, IngestReport]:
    """Read a QONNX model and return its graph, named ``name``, with the report of its segments.

    Raises:
        UserError: the file is missing, is not an ONNX model, holds no quantizer, or its external data are not there.
        Refused: the model cannot be taken exactly; the message holds every reason with node and remedy.
    """
    start = time.perf_counter()
    model = load(Path(path))
    if not model.operators & {"Quant", "IntQuant", "BipolarQuant"}:
        found = "QuantizeLinear but no Quant node" if "QuantizeLinear" in model.operators else "no Quant node"
        raise UserError(f"{path} holds {found}: export the quantized model with Brevitas' export_qonnx.")
    compiler = Compiler(model, tie_distance)
    graph = compiler.compile(name)
    if graph is None:
        raise Refused(message(str(path), compiler.reasons))
    seconds = time.perf_counter() - start
    return graph, IngestReport(Path(path).name, tie_distance, tuple(compiler.segments), seconds, compiler.head_report)
