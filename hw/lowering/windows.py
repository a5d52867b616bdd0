"""Windows cut out of frames: what the rules of convolutions and pooling share."""

from __future__ import annotations

from codesign.errors import Reject
from codesign.graph.windows import Windows
from hw.design.design import End
from hw.kernels.pad.kernel import Pad
from hw.kernels.sliding_window.kernel import SlidingWindow
from hw.lowering.builder import Builder

AXES = 2
"""Spatial axes that the kernels count along, at most."""


def slide(
    builder: Builder,
    source: End,
    shape: tuple[int, ...],
    channels: int,
    windows: Windows,
    fill: int = 0,
) -> End:
    """Return the stream of every output position's taps, for each the channels; ``fill`` in padded taps.

    Padding that reaches further than a window is put around the frame first: the window's ring holds what windows
    share, and two windows of padding alone share nothing. A window of one tap that skips nothing needs no hardware.

    Args:
        builder: of the design.
        source: the frames' stream, in raster order.
        shape: spatial shape of a frame.
        channels: of a position.
        windows: kernel, stride, pads and dilation.
        fill: integer of the padding.

    Raises:
        Reject: where there are more axes than the kernels count along.
    """
    if len(shape) > AXES:
        raise Reject(
            f"its windows slide along {len(shape)} spatial axes, and no kernel has more than {AXES}",
            "use windows along one or two axes",
        )
    pads = trimmed(shape, windows)
    inner = tuple((min(a, s - 1), min(b, s - 1)) for (a, b), s in zip(pads, windows.span, strict=True))
    outer = tuple((a - i, b - j) for (a, b), (i, j) in zip(pads, inner, strict=True))
    if any(p for pair in outer for p in pair):
        stream = builder.port(source).stream
        pad = Pad(shape=shape, channels=channels, bits=stream.bits, signed=stream.signed, pads=outer, value=fill)
        source, shape = builder.add(pad, source), pad.out_shape
    if max(windows.kernel) == 1 and max(windows.stride) == 1:
        return source
    stream = builder.port(source).stream
    window = SlidingWindow(
        shape=shape,
        channels=channels,
        bits=stream.bits,
        signed=stream.signed,
        kernel=windows.kernel,
        stride=windows.stride,
        pads=inner,
        dilation=windows.dilation,
        simd=1,
        fill=fill,
    )
    return builder.add(window, source)


def trimmed(shape: tuple[int, ...], windows: Windows) -> tuple[tuple[int, int], ...]:
    """Return the pads without what lies behind every window's last tap, where a stride leaves some over."""
    axes = zip(shape, windows.pads, windows.span, windows.stride, windows.shape(shape), strict=True)
    return tuple(
        (before, min(after, max(0, (out - 1) * stride + span - size - before)))
        for size, (before, after), span, stride, out in axes
    )
