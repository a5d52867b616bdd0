"""MatMul: MVAU without activation."""

from __future__ import annotations

import numpy as np

from codesign.graph import MatMul
from hw.finn.canvas import Canvas, datatype
from hw.finn.registry import emits


@emits(MatMul)
def emit_matmul(op: MatMul, canvas: Canvas) -> str:
    """Emit ``weights @ x`` at every position."""
    return emit_mvau(op.output, canvas.read(op.inputs[0]), op.weights, canvas)


def emit_mvau(output: str, x: str, weights: np.ndarray, canvas: Canvas) -> str:
    """Emit the matrix (int64 [O, I], rows not yet negated) times the last axis of ``x``: the graph's ``output``."""
    weights = weights * canvas.sign(output)[:, None]
    y = canvas.output(output)
    # Always signed: FINN's own RTL takes no unsigned weights.
    weight_type = datatype(int(weights.min()), int(weights.max()), signed=True)
    return canvas.node(
        "MVAU",
        output,
        [x, canvas.parameter(f"{output}_weights", weights.T, weight_type)],
        [y],
        {"PE": weights.shape[0], "SIMD": weights.shape[1]},
        MW=weights.shape[1],
        MH=weights.shape[0],
        inputDataType=canvas.types[x],
        weightDataType=weight_type,
        outputDataType=canvas.types[y],
        accDataType=canvas.types[y],
        noActivation=1,
        binaryXnorMode=0,
        numInputVectors=canvas.shapes[y][:-1],
    )
