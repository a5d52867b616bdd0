"""Transpose, and the ChannelShuffle of groups: Shuffle, which FINN's flow makes of InnerShuffle and OuterShuffle."""

from __future__ import annotations

import numpy as np

from codesign.errors import Reject
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.transpose import Transpose
from hw.finn.canvas import Canvas, nhwc
from hw.finn.registry import emits


@emits(Transpose)
def emit_transpose(op: Transpose, canvas: Canvas) -> str:
    """Emit a permutation of the frame's axes."""
    return _shuffle(op.output, op.inputs[0], canvas.graph.tensors[op.inputs[0]].shape, op.axes, canvas)


@emits(ChannelShuffle)
def emit_channel_shuffle(op: ChannelShuffle, canvas: Canvas) -> str:
    """Emit the channels of ``groups`` groups dealt out in turn."""
    count = len(op.order)
    for groups in range(1, count + 1):
        dealt = np.arange(count).reshape(groups, -1).T.ravel() if count % groups == 0 else None
        if dealt is not None and (dealt == op.order).all():
            positions = canvas.graph.tensors[op.output].shape[:-1]
            rank = len(positions)
            shape = (*positions, groups, count // groups)
            return _shuffle(op.output, op.inputs[0], shape, (*range(rank), rank + 1, rank), canvas)
    raise Reject(
        "its channels are not dealt out from equal groups, and FINN's Shuffle only transposes",
        "shuffle by reshape and transpose, as ShuffleNet does",
    )


def _shuffle(output: str, tensor: str, shape: tuple[int, ...], axes: tuple[int, ...], canvas: Canvas) -> str:
    """Emit the permutation ``axes`` of the graph's ``tensor``, read in ``shape``."""
    x = canvas.read(tensor)
    target = nhwc(canvas.graph.tensors[output].shape)
    return canvas.node(
        "Shuffle",
        output,
        [x],
        [canvas.declare(output, target, canvas.types[x])],
        {"SIMD": int(np.gcd(canvas.shapes[x][-1], target[-1]))},
        data_type=canvas.types[x],
        in_shape=canvas.shapes[x],
        transpose_in_shape=shape,
        transpose_out_shape=[shape[a] for a in axes],
        out_shape=target,
        perm=axes,
        NumChannels=target[-1],
    )
