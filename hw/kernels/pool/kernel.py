"""Pool: windows that come one after the other, each channel reduced to its largest or to its sum."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Self

import numpy as np

from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from hw.design.stream import Port, Stream
from hw.kernels.cost import counter, slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.padding import Padding
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.kernels.tokens import SLICE, Phase, Tokens, move, registers

KINDS = {"max": MaxPool, "sum": SumPool}
REGISTERS = 4
"""Words a tap up to which registers hold the results so far."""


@dataclass(frozen=True)
class Pool(Kernel):
    """The operators MaxPool and SumPool where the windows follow each other in the stream, without overlap.

    Such are the words of a SlidingWindow (a window's taps in turn), a frame as a whole, and frames that windows tile: a
    row tiled by windows is a line; rows tiled by windows are one line whose taps are ``positions`` wide.

    Attributes:
        kind: ``max`` or ``sum``.
        channels: integers of a position.
        windows: windows of a line.
        taps: taps of a window.
        bits, signed: integers of the input.
        out_bits: bits of a result, which must hold all that occur; signed where the input is.
        pads: taps that a line's first and its last window lack: padded ones, which neither win nor count.
        rest: taps behind a line's last window, which are dropped.
        lines: lines of a frame.
        positions: positions of a tap; a window has that many results of ``channels``.
        pe: channels a word.
    """

    kind: str
    channels: int
    windows: int
    taps: int
    bits: int
    signed: bool
    out_bits: int
    pads: tuple[int, int] = (0, 0)
    rest: int = 0
    lines: int = 1
    positions: int = 1
    pe: int = 1

    rtl = ("pool.sv", "../stream_fifo/stream_fifo.sv", "../register_slice/register_slice.sv")
    folds = ("pe",)

    def __post_init__(self) -> None:
        must(self.kind in KINDS, f"Pool kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        for name in ("channels", "windows", "taps", "bits", "out_bits", "lines", "positions", "pe"):
            must(getattr(self, name) >= 1, f"Pool {name} must be at least 1, not {getattr(self, name)}")
        must(self.channels % self.pe == 0, f"Pool PE must divide channels={self.channels}, not {self.pe}")
        most = self.taps - 1 - (min(self.pads) if self.windows == 1 else 0)
        must(
            min(self.pads) >= 0 and max(self.pads) <= most,
            f"Pool pads must leave every window of {self.taps} taps one at least, not {self.pads}",
        )
        must(
            self.rest == 0 or (self.rest > 0 and self.pads[1] == 0),
            f"Pool rest must be 0 where a line's last window is padded, and not negative, not {self.rest}",
        )
        must(
            self.kind == "sum" or self.out_bits == self.bits,
            f"Pool out_bits must be bits={self.bits} for the largest, not {self.out_bits}",
        )

    @property
    def words_per_tap(self) -> int:
        return self.positions * self.channels // self.pe

    @property
    def taps_per_line(self) -> int:
        """Taps of a line that come, the dropped ones included."""
        return self.windows * self.taps - sum(self.pads) + self.rest

    @property
    def line(self) -> StreamFifo:
        """The FIFO that holds the results so far: room for a tap's, and one in while one goes out."""
        results = Stream(1, max(1, self.pe * self.out_bits - 1))
        return StreamFifo(results, self.words_per_tap, self.words_per_tap + 2)

    @property
    def _last_taps(self) -> np.ndarray:
        """Every window's last tap, counted in a line from 0."""
        last = np.arange(1, self.windows + 1) * self.taps - 1 - self.pads[0]
        last[-1] -= self.pads[1]
        return last

    @property
    def inputs(self) -> tuple[Port, ...]:
        words = self.lines * self.taps_per_line * self.words_per_tap
        return (Port("s", Stream(self.pe, self.bits, self.signed), words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        words = self.lines * self.windows * self.words_per_tap
        return (Port("m", Stream(self.pe, self.out_bits, self.signed), words),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Every line is a frame of the operator, a tap's positions and channels being its channels."""
        operator = KINDS[self.kind](
            inputs=("x",),
            output="y",
            kernel=(self.taps,),
            stride=(self.taps,),
            pads=(self.pads,),
            dilation=(1,),
        )
        lines = words[0].reshape(-1, self.taps_per_line, self.positions * self.channels)
        kept = lines[:, : self.taps_per_line - self.rest]
        return (operator.run(kept).reshape(len(words[0]), -1, self.pe),)

    def cycles(self) -> Cycles:
        """A word in a cycle; the first result shows two cycles after its last word was taken."""
        return Cycles(self.inputs[0].words, int(self._last_taps[0]) * self.words_per_tap + 2)

    def tokens(self) -> Tokens:
        words, taken = self.words_per_tap, 0
        phases: list[Phase] = []
        for last in self._last_taps.tolist():
            if last > taken:
                phases.append(Phase(take={"x": 1}, times=(last - taken) * words))
            phases.append(move("x", "m0", words))
            taken = last + 1
        if self.rest:
            phases.append(Phase(take={"x": 1}, times=self.rest * words))
        return Tokens({"m0": registers(), "x": SLICE}, ((move("s0", "x"),), tuple(phases)))

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if not channels_in.fits(self.channels):
            return None
        return dataclasses.replace(self, channels=channels_in.channels(self.channels))

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def resources(self, family: str) -> Resources:
        word, results = self.pe * self.bits + 1, self.pe * self.out_bits
        values = (self.words_per_tap, max(self.taps, self.rest), *self._counted)
        digits = sum((value - 1).bit_length() for value in values)
        uneven = self._counted[1] > 1 or self.pads != (0, 0) or self.rest > 0
        logic = slice_luts(word) + sum(counter(value, family) for value in values) + round(self._each(family) * results)
        logic += 12 * uneven + 3
        total = Resources(lut=logic, ff=2 * word + results + digits + 3)
        if self.words_per_tap <= REGISTERS:
            if family != "ecp5" and self.words_per_tap > 2:  # shift registers in LUTs
                return total + Resources(lut=results)
            return total + Resources(ff=self.words_per_tap * results)
        return total + self.line.resources(family) + Resources(lut=12 if family == "ecp5" else 4)

    def _each(self, family: str) -> float:
        """LUTs a bit of a result: an adder and a gate, or a comparison and a choice."""
        if self.kind == "max":
            return 1 if self.bits == 1 else 3 if family == "ecp5" else 1.7
        return 2 if family == "ecp5" or self.signed else 1  # a carry alone costs AMD no LUT

    @property
    def _counted(self) -> tuple[int, int]:
        """Windows and lines to count: lines need no counter of their own where all windows are alike."""
        alike = self.pads == (0, 0) and self.rest == 0
        return (self.windows * self.lines, 1) if alike else (self.windows, self.lines)

    def verilog_parameters(self) -> dict[str, int | str]:
        fifo = self.words_per_tap > REGISTERS
        windows, lines = self._counted
        return {
            "LARGEST": int(self.kind == "max"),
            "LANES": self.pe,
            "FOLDS": self.words_per_tap,
            "TAPS": self.taps,
            "BEFORE": self.pads[0],
            "AFTER": self.pads[1],
            "WINDOWS": windows,
            "REST": self.rest,
            "LINES": lines,
            "BITS": self.bits,
            "SIGNED": int(self.signed),
            "OUT_BITS": self.out_bits,
            "DEPTH": self.line.capacity if fifo else 8,
            "FORM": self.line.form if fifo else "lut",
        }
