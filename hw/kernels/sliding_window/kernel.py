"""Sliding window: the words of every output position's window."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Self

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.cost import counter
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.memory.memory import block_rams, ram_luts
from hw.kernels.padding import Padding
from hw.kernels.sliding_window.schedule import Schedule
from hw.kernels.tokens import Link, Phase, Tokens, kept, move, registers

LUT_RAM_BITS = 512
"""Largest ring that is kept in LUT RAM."""
FILL_LIMIT = 1 << 31
"""Parameters of the RTL have 32 bits."""


@dataclass(frozen=True, eq=False)
class SlidingWindow(Kernel):
    """Send, for every output position, the words of its window; taps in padding are ``fill``.

    Input words come in raster order, channels innermost. Output words: output positions in raster order, for each the
    taps in raster order, for each tap the channels. A window is sent once: who needs it several times keeps it.

    Attributes:
        shape: spatial input shape, (T,) or (H, W).
        channels: channels of a position.
        bits, signed: of a channel.
        kernel, stride, pads, dilation: as in ``codesign.graph.Conv``, pads as (before, after) along each axis.
        simd: channels a word; divides ``channels``.
        fill: every channel of a padded tap; the stream must hold it.
    """

    shape: tuple[int, ...]
    channels: int
    bits: int
    signed: bool
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    simd: int = 1
    fill: int = 0

    rtl = ("sliding_window.sv", "subsampler.sv", "subsampler_axis.sv")
    folds = ("simd",)

    def __post_init__(self) -> None:
        must(len(self.shape) in (1, 2), f"SlidingWindow shape must have 1 or 2 axes, not {self.shape}")
        must(
            self.simd > 0 and self.channels % self.simd == 0,
            f"SlidingWindow simd must divide channels={self.channels}, not {self.simd}",
        )
        least, most = max(self.stream.low, -FILL_LIMIT), min(self.stream.high, FILL_LIMIT - 1)
        must(least <= self.fill <= most, f"SlidingWindow fill must lie in [{least}, {most}], not {self.fill}")
        for name in ("kernel", "stride", "pads", "dilation"):
            value = getattr(self, name)
            must(
                len(value) == len(self.shape),
                f"SlidingWindow {name} must have {len(self.shape)} axes as shape has, not {value}",
            )
        must(
            min(*self.shape, *self.kernel, *self.stride, *self.dilation) > 0,
            f"SlidingWindow shape, kernel, stride and dilation must be positive, not "
            f"{self.shape}, {self.kernel}, {self.stride}, {self.dilation}",
        )
        for size, span, (before, after) in zip(self.shape, self.span, self.pads, strict=True):
            must(
                0 <= before < span and 0 <= after < span,
                f"SlidingWindow pads must be less than the kernel's span {self.span}, not {self.pads}",
            )
            must(
                size + before + after >= span,
                f"SlidingWindow kernel {self.kernel} must fit into the padded {self.shape}",
            )

    @property
    def span(self) -> tuple[int, ...]:
        """Positions from a window's first tap to its last, both included, along each axis."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel, strict=True))

    @property
    def out_shape(self) -> tuple[int, ...]:
        """Spatial shape of the output."""
        axes = zip(self.shape, self.pads, self.span, self.stride, strict=True)
        return tuple((size + sum(pads) - span) // stride + 1 for size, pads, span, stride in axes)

    @property
    def groups(self) -> int:
        """Words a position."""
        return self.channels // self.simd

    @property
    def stream(self) -> Stream:
        return Stream(self.simd, self.bits, self.signed)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, prod(self.shape) * self.groups),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", self.stream, prod(self.out_shape) * prod(self.kernel) * self.groups),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Cut the windows out of the padded frame."""
        (x,) = words
        frames = x.reshape(len(x), *self.shape, self.channels)
        padded = np.pad(frames, [(0, 0), *self.pads, (0, 0)], constant_values=self.fill)
        axes = tuple(range(1, len(self.shape) + 1))
        view = np.lib.stride_tricks.sliding_window_view(padded, self.span, axes)  # type: ignore[call-overload]
        steps = tuple(slice(None, None, s) for s in self.stride)
        taps = tuple(slice(None, None, d) for d in self.dilation)
        windows = view[(slice(None), *steps, slice(None), *taps)]  # [frames, *out, channels, *kernel]
        windows = np.moveaxis(windows, len(self.shape) + 1, -1)
        return (windows.reshape(len(x), -1, self.simd),)

    @property
    def single_tap(self) -> bool:
        """Without a window to keep, the kernel only drops positions."""
        return prod(self.kernel) == 1

    @property
    def reach(self) -> int:
        """Positions from a window's first tap to its last."""
        return sum((s - 1) * pitch for s, pitch in zip(self.span, (self.shape[-1], 1)[-len(self.shape) :], strict=True))

    @cached_property
    def _plan(self) -> tuple[Schedule, int, int]:
        return _plan(self.shape, self.kernel, self.stride, self.pads, self.dilation, self.groups)

    @property
    def schedule(self) -> Schedule:
        """When its words move."""
        return self._plan[0]

    @property
    def ring(self) -> int:
        """Positions in the ring: the fewest with which it runs at its full rate."""
        return self._plan[1]

    @property
    def ring_words(self) -> int:
        return self.ring << (self.groups - 1).bit_length()

    @property
    def block_ram(self) -> bool:
        return self.ring_words * self.stream.data_bits > LUT_RAM_BITS

    @property
    def delay(self) -> int:
        """Cycles from reading a word in the ring to showing it."""
        return 2 if self.block_ram else 1

    def cycles(self) -> Cycles:
        """A word a cycle on the side that has more of them; the first window waits until its words have come."""
        if self.single_tap:
            return Cycles(self.inputs[0].words, 1)
        return Cycles(self._plan[2], self.schedule.needs[0] * self.groups + self.delay)

    def tokens(self) -> Tokens:
        plan, groups = self.schedule, self.groups
        if self.single_tap:
            flags = np.zeros((plan.positions, groups), bool)
            flags[np.array(plan.starts)] = True
            return kept(flags.reshape(-1))
        # A window starts when its last word is there, and its end frees the words before the next one's start.
        phases: list[Phase] = []
        give, between = {"m0": 1}, plan.window_words - 2
        followings = [*plan.starts[1:], plan.starts[0] + plan.positions]
        for start, need, following in zip(plan.starts, plan.needs, followings, strict=True):
            phases.append(Phase(need={"ring": (need - start) * groups}, give=give))
            if between:
                phases.append(Phase(give=give, times=between))
            phases.append(Phase(take={"ring": (following - start) * groups}, need={"ring": 0}, give=give))
        ring = Link(self.ring * groups, initial=-plan.starts[0] * groups)
        return Tokens({"m0": registers(self.delay), "ring": ring}, ((move("s0", "ring"),), tuple(phases)))

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        return dataclasses.replace(self, channels=channels_in.channels(self.channels))

    def fold_limits(self) -> dict[str, int]:
        return {"simd": self.channels}

    @property
    def module(self) -> str:
        return "subsampler" if self.single_tap else "sliding_window"

    def verilog_parameters(self) -> dict[str, int]:
        def both(name: str, values: tuple[int, ...], default: int) -> dict[str, int]:
            y, x = (default, *values)[-2:]
            return {name.format("Y", "HEIGHT"): y, name.format("X", "WIDTH"): x}

        parameters = {"GROUPS": self.groups}
        parameters |= (
            both("{1}", self.shape, 1) | both("OUT_{1}", self.out_shape, 1) | both("STRIDE_{0}", self.stride, 1)
        )
        if self.single_tap:
            return parameters | {"DATA_BITS": self.stream.data_bits}
        parameters |= {"LANES": self.simd, "BITS": self.bits, "FILL": self.fill}
        parameters |= both("KERNEL_{0}", self.kernel, 1) | both("DILATION_{0}", self.dilation, 1)
        parameters |= both("PAD_{0}", tuple(before for before, _ in self.pads), 0)
        return parameters | {"POSITIONS": self.ring, "BLOCK_RAM": int(self.block_ram)}

    def resources(self, family: str) -> Resources:
        """Its counters, a few LUTs a bit of the coordinates, which move by constants, and the ring."""
        ecp5, data = family == "ecp5", self.stream.data_bits
        if self.single_tap:
            counters = _bits(self.groups) + sum(map(_bits, (*self.stride, *self.out_shape)))
            counting = sum(counter(n, family) for n in (self.groups, *self.stride, *self.out_shape))
            axes = (12 if ecp5 else 7) * len(self.shape)
            return Resources(lut=counting + data + axes, ff=2 * data + 4 + counters)
        taps = sum(map(_bits, self.kernel))
        places = sum(_bits(size + before + after) for size, (before, after) in zip(self.shape, self.pads, strict=True))
        counters = 2 * _bits(self.groups) + 3 * _bits(self.ring) + 3 + places + taps
        padded = sum(max(pads) > 0 for pads in self.pads)
        if ecp5:
            moving = 9.3 * _bits(self.ring) + 1.5 * places + 3.7 * padded
        else:
            moving = 1.4 * _bits(self.ring) + 3.7 * places + padded + 4 * (len(self.shape) == 2)
        logic = round(moving) + sum(counter(n, family) for n in (self.groups, self.groups, *self.kernel))
        control = Resources(lut=logic, ff=counters + data + (6 if self.block_ram else 4))
        if self.block_ram:
            return control + Resources(bram=block_rams(self.ring_words, data))
        return control + Resources(lut=ram_luts(self.ring_words, data, family))


@lru_cache(maxsize=256)
def _plan(
    shape: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    pads: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    groups: int,
) -> tuple[Schedule, int, int]:
    """Return the schedule, the ring and the interval; kept, because a network's layers are alike and folded often."""
    window = SlidingWindow(shape, groups, 1, False, kernel, stride, pads, dilation)
    starts: np.ndarray = np.zeros((), np.int64)
    for out, step, (before, _), pitch in zip(
        window.out_shape, stride, pads, (shape[-1], 1)[-len(shape) :], strict=True
    ):
        starts = starts[..., None] + (np.arange(out) * step - before) * pitch
    starts = starts.reshape(-1)
    schedule = Schedule(
        starts=starts.tolist(),
        needs=np.minimum(starts + window.reach + 1, prod(shape)).tolist(),
        positions=prod(shape),
        groups=groups,
        window_words=prod(kernel) * groups,
    )
    ring = schedule.smallest_ring(window.reach + 1)
    return schedule, ring, schedule.interval(ring)


def _bits(values: int) -> int:
    """Return the bits of a counter that takes so many values."""
    return (values - 1).bit_length()
