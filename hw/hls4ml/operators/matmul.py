"""MatMul: hls4ml's Dense for a vector, a convolution of one tap for a frame."""

from __future__ import annotations

from codesign.graph import MatMul
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.precision import partial_sums
from hw.hls4ml.registry import emits


@emits(MatMul)
def emit_matmul(op: MatMul, canvas: Canvas) -> str:
    """One layer; the normalised graph has only vectors left."""
    t = canvas.graph.tensors[op.inputs[0]]
    return canvas.add(
        "Dense",
        op.output,
        [canvas.read(op.inputs[0])],
        canvas.bounds(op.output),
        accum=partial_sums(op.weights, t.low, t.high),
        constants={"weight": op.weights.T},
        bias_data=None,
        use_bias=False,
        data_format="channels_last",
        n_in=op.weights.shape[1],
        n_out=op.weights.shape[0],
    )
