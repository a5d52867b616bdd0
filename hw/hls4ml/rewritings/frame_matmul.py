"""A fully connected layer at every position as a convolution of one tap."""

from __future__ import annotations

from codesign.graph import Conv, MatMul
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's Dense reads one vector, not a frame of them", MatMul)
def frame_matmul(op: MatMul, scope: Scope) -> bool:
    """MatMul on (T, C) or (H, W, C): Conv."""
    rank = len(scope.tensor(op.inputs[0]).shape) - 1
    if not rank:
        return False
    outputs, inputs = op.weights.shape
    ones = (1,) * rank
    scope.append(
        Conv(
            inputs=op.inputs,
            output=op.output,
            source=op.source,
            weights=op.weights.reshape(outputs, *ones, inputs),
            stride=ones,
            pads=((0, 0),) * rank,
            dilation=ones,
        )
    )
    return True
