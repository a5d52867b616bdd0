"""Width converter: other lanes a word."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from math import lcm

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.cost import slice_luts
from hw.kernels.kernel import Cycles, Kernel, Resources, must
from hw.kernels.tokens import SLICE, Link, Phase, Tokens, move, through
from hw.kernels.width_converter.cost import width_down, width_up


@dataclass(frozen=True)
class WidthConverter(Kernel):
    """Change the lanes of a stream's words; the channels stay in order.

    Where neither number of lanes divides the other, a word of their least common multiple lies between.

    Attributes:
        stream: the input words' form.
        words: input words in a frame.
        lanes_out: lanes of an output word; a frame is a whole number of both words.
    """

    stream: Stream
    words: int
    lanes_out: int

    rtl = ("width_converter.sv", "width_up.sv", "width_down.sv", "../register_slice/register_slice.sv")

    def __post_init__(self) -> None:
        must(self.words >= 1, f"WidthConverter words must be at least 1, not {self.words}")
        must(self.lanes_out >= 1, f"WidthConverter lanes_out must be at least 1, not {self.lanes_out}")
        integers = self.words * self.stream.lanes
        must(
            integers % self.lanes_out == 0,
            f"WidthConverter lanes_out must divide the {integers} integers of a frame, not be {self.lanes_out}",
        )

    @property
    def up(self) -> int:
        """Input words of the wide word."""
        return lcm(self.stream.lanes, self.lanes_out) // self.stream.lanes

    @property
    def down(self) -> int:
        """Output words of the wide word."""
        return lcm(self.stream.lanes, self.lanes_out) // self.lanes_out

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", self.stream, self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        stream = dataclasses.replace(self.stream, lanes=self.lanes_out)
        return (Port("m", stream, self.words * self.stream.lanes // self.lanes_out),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        return (words[0].reshape(len(words[0]), -1, self.lanes_out),)

    def cycles(self) -> Cycles:
        """A word a cycle on the side that has more of them; a wide word shows a cycle after its last part was taken."""
        gather = self.up if self.up > 1 else 0
        return Cycles(interval=max(self.words, self.outputs[0].words), latency=max(1, gather + (self.down > 1)))

    def tokens(self) -> Tokens:
        return conversion(self.up, self.down)

    def resources(self, family: str) -> Resources:
        wide, bits = self.up * self.stream.data_bits, self.outputs[0].stream.word_bits
        if self.up == self.down:
            return Resources(lut=slice_luts(bits), ff=2 * bits + 2)
        up = width_up(self.stream.data_bits, self.up, family) if self.up > 1 else Resources()
        down = width_down(wide // self.down, self.down, family) if self.down > 1 else Resources()
        return up + down

    def verilog_parameters(self) -> dict[str, int]:
        return {"DATA_BITS": self.stream.data_bits, "UP": self.up, "DOWN": self.down}


def conversion(up: int, down: int) -> Tokens:
    """Return the token model: ``up`` words in become a wide word, ``down`` words out make one.

    Each half holds a wide word to show and gathers or gives another one.
    """
    if up == down == 1:
        return through()
    source, links = "s0", dict[str, Link]()
    processes: list[tuple[Phase, ...]] = []
    if up > 1:
        source = "m0" if down == 1 else "wide"
        processes.append((Phase(take={"s0": 1}, room={source: 1}, times=up - 1), move("s0", source)))
        links[source] = SLICE
    if down > 1:
        processes.append((Phase(take={source: 1}, give={"m0": down}),))
        links["m0"] = Link(down + 1)
    return Tokens(links, tuple(processes))
