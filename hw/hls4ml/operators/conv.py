"""Conv: hls4ml's Conv1D, Conv2D, DepthwiseConv1D and DepthwiseConv2D; their padding is a layer of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from codesign.errors import Reject
from codesign.graph import Conv
from hw.hls4ml.canvas import Canvas
from hw.hls4ml.depthwise import dense, is_depthwise
from hw.hls4ml.precision import partial_sums
from hw.hls4ml.registry import emits

SPATIAL = {1: ("width",), 2: ("height", "width")}


@emits(Conv)
def emit_conv(op: Conv, canvas: Canvas) -> str:
    """One layer."""
    rank = len(op.kernel)
    if rank not in SPATIAL:
        raise Reject(f"hls4ml has no convolution along {rank} axes", "use one or two spatial axes")
    if op.padded or set(op.dilation) != {1} or (op.groups != 1 and not is_depthwise(op)):
        raise Reject("hls4ml convolves without padding, dilation or groups", "normalise the graph first")
    if op.groups == 1:
        return _emit_dense(op, canvas)
    if canvas.settings.io_type == "io_stream" and op.kernel[:-1] == (1,):
        return _emit_dense(dense(op), canvas)  # hls4ml's depthwise layer would have a line buffer of no rows
    return _emit_depthwise(op, canvas)


def _emit_dense(op: Conv, canvas: Canvas) -> str:
    t = canvas.graph.tensors[op.inputs[0]]
    flat = op.weights.reshape(len(op.weights), -1)
    taps = flat.shape[1] // t.channels
    return canvas.add(
        f"Conv{len(op.kernel)}D",
        op.output,
        [canvas.read(op.inputs[0])],
        canvas.bounds(op.output),
        accum=partial_sums(flat, np.tile(t.low, taps), np.tile(t.high, taps)),
        constants={"weight": np.moveaxis(op.weights, 0, -1)},
        **_geometry(op, canvas),
    )


def _emit_depthwise(op: Conv, canvas: Canvas) -> str:
    t = canvas.graph.tensors[op.inputs[0]]
    flat = op.weights.reshape(t.channels, -1)
    weights = np.moveaxis(op.weights, 0, -2)  # [*kernel, C, 1]
    # hls4ml's depthwise layer of arrays has no other strategy
    only: dict[str, Any] = {"strategy": "latency"} if canvas.settings.io_type == "io_parallel" else {}
    return canvas.add(
        f"DepthwiseConv{len(op.kernel)}D",
        op.output,
        [canvas.read(op.inputs[0])],
        canvas.bounds(op.output),
        accum=partial_sums(flat, t.low[:, None], t.high[:, None]),
        constants={"weight": weights},
        depthwise_data=np.asarray(weights, np.float64),  # hls4ml's name for what it keeps as its weight
        depth_multiplier=1,
        **only,
        **_geometry(op, canvas),
    )


def _geometry(op: Conv, canvas: Canvas) -> dict[str, Any]:
    inputs, outputs = canvas.shape(op.inputs[0]), canvas.shape(op.output)
    rank = len(op.kernel)
    sides = ("left", "right") if rank == 1 else ("top", "bottom", "left", "right")
    geometry: dict[str, Any] = {f"pad_{side}": 0 for side in sides}
    for axis, name in enumerate(SPATIAL[rank]):
        geometry |= {
            f"in_{name}": inputs[axis],
            f"out_{name}": outputs[axis],
            f"filt_{name}": op.kernel[axis],
            f"stride_{name}": op.stride[axis],
            f"dilation_{name}": 1,
        }
    return geometry | {
        "n_chan": inputs[-1],
        "n_filt": outputs[-1],
        "padding": "valid",
        "data_format": "channels_last",
        "bias_data": None,
        "use_bias": False,
    }
