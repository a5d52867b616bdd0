"""A constant around a frame."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph.operators.pad import Pad
from hw.kernels.pad.kernel import Pad as PadKernel
from hw.lowering.builder import Builder, lowers
from hw.lowering.windows import AXES


@lowers(Pad)
def lower_pad(builder: Builder, op: Pad) -> None:
    """Channels stay together; a frame without spatial axes has nowhere to be padded."""
    tensor = builder.graph.tensors[op.inputs[0]]
    source = builder.sources[op.inputs[0]]
    if not any(p for pads in op.pads for p in pads):
        builder.sources[op.output] = source
        return
    if len(op.pads) > AXES:
        raise Reject(
            f"it pads along {len(op.pads)} spatial axes, and no kernel has more than {AXES}",
            "pad one or two axes",
        )
    stream = builder.port(source).stream
    kernel = PadKernel(
        shape=tensor.shape[:-1],
        channels=tensor.channels,
        bits=stream.bits,
        signed=stream.signed,
        pads=op.pads,
        value=op.value,
        pe=1,
    )
    builder.make(op, kernel, source)
