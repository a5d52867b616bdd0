"""A segment meets the quantizer that ends it: from float operators to operators of the graph."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from codesign.graph import Add, Tensor, bits_for
from codesign.ingest.functions import joint
from codesign.ingest.functions.function import Function
from codesign.ingest.functions.integer_function import Compiled, compile_function
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.operands import as_seen
from codesign.ingest.report import SegmentReport
from codesign.ingest.state import IntegerTensor, Segment

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


def end(
    compiler: Compiler, segment: Segment, quantizer: Quantizer, output: str, node: str, scale: np.ndarray | None = None
) -> IntegerTensor | Segment:
    """Compile a segment with its quantizer, the node called ``node``; ``scale`` [C]: of the result, if not its own.

    Raises:
        Reject: it cannot be decided, or no operators of the graph can hold it.
    """
    source = segment.source
    names = (*(name for s in segment.steps for name in (*s.inner, s.node)), node)
    if segment.other is not None:
        source, compiled = joint.end(compiler, segment, quantizer, output, names)
    else:
        function = Function(source.scale, segment.steps, quantizer, source.shift)
        compiled = compile_function(function, source.tensor, compiler.tie_distance, output, names)
    made = emit(compiler, compiled, source, quantizer, quantizer.scale if scale is None else scale)
    compiler.segments.append(
        replace(report(compiled, source.tensor, made.tensor), bipolar=quantizer.bipolar, view=segment.view)
    )
    return made if segment.view is None else as_seen(made, segment.view)


def emit(
    compiler: Compiler, compiled: Compiled, source: IntegerTensor, quantizer: Quantizer, scale: np.ndarray
) -> IntegerTensor:
    """Append the operators, which read ``source``; ``scale`` (float64 [C]) is that of the last one's output."""
    *before, last = compiled.operators
    made = {source.tensor.name: source}
    bare = (Fraction(1),) * len(source.scale)
    for operator in before:
        made[operator.output] = compiler.emit(operator, [made[n] for n in operator.inputs], source.shape, bare)
    step = 2 if quantizer.bipolar else 1
    scales = tuple(step * Fraction(float(s)) for s in scale)
    result = compiler.emit(last, [made[n] for n in last.inputs], source.shape, scales)
    return replace(result, shift=(Fraction(-1, 2),) * len(scale)) if quantizer.bipolar else result


def report(compiled: Compiled, source: Tensor, made: Tensor) -> SegmentReport:
    """What ``SegmentReport`` says of it."""
    last, line = compiled.operators[-1], compiled.line
    return SegmentReport(
        output=last.output,
        input=source.name,
        form="requantize in pieces" if isinstance(last, Add) else type(last).__name__.lower(),
        source=last.source,
        channels=source.channels,
        input_range=(int(source.low.min()), int(source.high.max())),
        input_bits=source.bits,
        output_range=(int(made.low.min()), int(made.high.max())),
        output_bits=made.bits,
        multiplier_bits=None if line is None else _width(line.multiplier),
        offset_bits=None if line is None else _width(line.offset),
        shift=None if line is None else line.shift,
        levels=compiled.levels,
        descending=compiled.descending,
        margin=compiled.margin if np.isfinite(compiled.margin) else None,
        decided_exactly=compiled.decided_exactly,
        near_ties=compiled.near_ties,
    )


def _width(values: np.ndarray) -> int:
    return bits_for(int(values.min(initial=0)), int(values.max(initial=0)))[0]
