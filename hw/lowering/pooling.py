"""What the rules of pooling share: a pool is done axis by axis, the last one first.

A largest and a sum can be taken along one axis after the other, which costs the sum of the kernel's extents in words
instead of their product. Where windows tile an axis, the stream already brings them one after the other (in rows of
results, along an outer axis), and no window is cut: nothing is stored but one row of results.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from codesign.errors import Reject
from codesign.graph import bits_for
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.windows import Windows
from hw.design.design import End
from hw.kernels.pool.kernel import Pool
from hw.kernels.sliding_window.kernel import FILL_LIMIT
from hw.lowering.builder import Builder
from hw.lowering.windows import slide, trimmed


def stream_bits(low: int, high: int, signed: bool) -> int:
    """Return the bits of a stream that holds [low, high], of the sign that its source has."""
    bits, negative = bits_for(low, high)
    return bits + (signed and not negative)


@dataclass(frozen=True)
class Axis:
    """Windows along one axis of ``size`` positions; the fields of ``Windows``, pads as far as windows reach."""

    size: int
    kernel: int
    stride: int
    pads: tuple[int, int]
    dilation: int

    @property
    def windows(self) -> Windows:
        return Windows((self.kernel,), (self.stride,), (self.pads,), (self.dilation,))

    @property
    def out(self) -> int:
        return self.windows.shape((self.size,))[0]

    @property
    def trivial(self) -> bool:
        """Nothing happens along it."""
        return (self.kernel, self.pads) == (1, (0, 0)) and (self.stride == 1 or self.size == 1)

    @property
    def whole(self) -> bool:
        """One window sees all of it, in order."""
        return self.kernel == self.size and self.pads == (0, 0) and self.dilation == 1

    @property
    def tiles(self) -> bool:
        """Windows follow each other without overlap or gap, each with a tap in the frame."""
        consecutive = self.dilation == 1 and (self.stride == self.kernel or self.out == 1)
        return consecutive and max(self.pads) < self.kernel

    def times(self, inner: int) -> Axis:
        """The axis that it makes together with an inner one of that size, all of which each window sees."""
        before, after = self.pads
        kernel, stride = self.kernel * inner, self.stride * inner
        return Axis(self.size * inner, kernel, stride, (before * inner, after * inner), 1)


@dataclass(frozen=True)
class Frames:
    """Frames on their way through the axes.

    Attributes:
        source: their stream.
        shape: spatial shape so far.
        channels: of a position.
        low, high: their range so far.
    """

    source: End
    shape: tuple[int, ...]
    channels: int
    low: int
    high: int


def lower_pool(builder: Builder, op: MaxPool | SumPool) -> None:
    """Lower the pool; its last kernel makes the operator's tensor, or its input is its output where nothing happens."""
    tensor = builder.graph.tensors[op.inputs[0]]
    axes = _axes(tensor.shape[:-1], op.windows)
    frames = Frames(
        source=builder.sources[op.inputs[0]],
        shape=tuple(axis.size for axis in axes),
        channels=tensor.channels,
        low=int(tensor.low.min()),
        high=int(tensor.high.max()),
    )
    for index in reversed(range(len(axes))):
        if not axes[index].trivial:
            frames = _along(builder, op, frames, index, axes[index])
    if frames.source != builder.sources[op.inputs[0]]:
        builder.design.tensors[frames.source.instance] = op.output
    builder.sources[op.output] = frames.source


def _axes(shape: tuple[int, ...], windows: Windows) -> list[Axis]:
    """The axes, an inner one of which every window sees all being merged with an outer one that windows tile."""
    fields = zip(shape, windows.kernel, windows.stride, trimmed(shape, windows), windows.dilation, strict=True)
    axes = [Axis(size, k, s, pads, d if k > 1 else 1) for size, k, s, pads, d in fields]
    while len(axes) > 1 and axes[-1].whole and axes[-2].tiles:
        axes[-2:] = [axes[-2].times(axes[-1].size)]
    return axes


def _along(builder: Builder, op: MaxPool | SumPool, frames: Frames, index: int, axis: Axis) -> Frames:
    """Pool along one axis: the stream as it is where windows tile it, else windows cut out of it."""
    lines, positions = prod(frames.shape[:index]), prod(frames.shape[index + 1 :])
    low, high = frames.low, frames.high
    if isinstance(op, SumPool):
        low, high = axis.kernel * low, axis.kernel * high
        if axis.pads != (0, 0):
            low, high = min(low, 0), max(high, 0)
    shape = (*frames.shape[:index], axis.out, *frames.shape[index + 1 :])
    if axis.tiles:
        rest = axis.size + sum(axis.pads) - axis.out * axis.kernel
        kernel = _pool(builder, op, frames, axis, (low, high), axis.out, axis.pads, rest, lines, positions)
        source = builder.add(kernel, frames.source)
    else:
        source = _cut(builder, op, frames, axis, lines, positions)
        if axis.kernel > 1:
            kernel = _pool(builder, op, frames, axis, (low, high), prod(shape))
            source = builder.add(kernel, source)
    return Frames(source, shape, frames.channels, low, high)


def _pool(
    builder: Builder,
    op: MaxPool | SumPool,
    frames: Frames,
    axis: Axis,
    reached: tuple[int, int],
    windows: int,
    pads: tuple[int, int] = (0, 0),
    rest: int = 0,
    lines: int = 1,
    positions: int = 1,
) -> Pool:
    stream = builder.port(frames.source).stream
    largest = isinstance(op, MaxPool)
    return Pool(
        kind="max" if largest else "sum",
        channels=frames.channels,
        windows=windows,
        taps=axis.kernel,
        bits=stream.bits,
        signed=stream.signed,
        out_bits=stream.bits if largest else stream_bits(*reached, stream.signed),
        pads=pads,
        rest=rest,
        lines=lines,
        positions=positions,
    )


def _cut(builder: Builder, op: MaxPool | SumPool, frames: Frames, axis: Axis, lines: int, positions: int) -> End:
    """The windows along one axis of ``lines`` x size x ``positions``, one after the other."""
    if lines > 1 and positions > 1:
        raise Reject(
            "its windows overlap along the middle one of three spatial axes, which no kernel serves",
            "use windows that tile that axis, or two axes",
        )
    fill = frames.low if isinstance(op, MaxPool) else 0  # the lowest never wins
    if fill < -FILL_LIMIT:
        raise Reject(
            f"a padded tap must lose against integers down to {fill}, and the kernel's constant has 32 bits",
            "quantize before pooling",
        )
    along, across = axis.windows, Windows((1,), (1,), ((0, 0),), (1,))
    order = (across, along) if positions == 1 else (along, across)
    shape = (lines, axis.size) if positions == 1 else (axis.size, positions)
    if shape[0] == 1 and positions == 1:
        return slide(builder, frames.source, shape[1:], frames.channels, along, fill)
    both = Windows(*(a + b for a, b in zip(*order, strict=True)))  # type: ignore[arg-type]
    return slide(builder, frames.source, shape, frames.channels, both, fill)
