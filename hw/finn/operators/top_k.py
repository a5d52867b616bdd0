"""TopK: LabelSelect, where the channels' numbers are asked for."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph.operators.top_k import TopK
from hw.finn.canvas import Canvas, nhwc
from hw.finn.registry import emits


@emits(TopK)
def emit_top_k(op: TopK, canvas: Canvas) -> str:
    """Emit the numbers of the k largest channels."""
    if not op.indices:
        raise Reject("it asks for the largest values, and FINN's LabelSelect gives their numbers", "ask for indices")
    x = canvas.read(op.inputs[0])
    shape = canvas.shapes[x]
    # Whole bytes, as FINN itself makes them: labels are most often what leaves the accelerator.
    bits = -(-(shape[-1] - 1).bit_length() // 8) * 8
    kind = f"UINT{max(bits, 8)}"
    return canvas.node(
        "LabelSelect",
        op.output,
        [x],
        [canvas.declare(op.output, nhwc(canvas.graph.tensors[op.output].shape), kind)],
        {"PE": shape[-1]},
        Labels=shape[-1],
        K=op.k,
        inputDataType=canvas.types[x],
        outputDataType=kind,
        numInputVectors=shape[:-1],
    )
