"""A Design's token model: its rate and latency, and what waits where, in well under a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hw.design.design import BOUNDARY, Design, End
from hw.kernels.kernel import Kernel
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.kernels.tokens import Link, through
from hw.tokens.network import Network, Program

UNBOUNDED = 1 << 30
"""Depth of a FIFO that never fills."""


@dataclass(frozen=True)
class Wait:
    """What a kernel that cannot go on waits for: a word (or, with ``for_room``, room) of the stream to ``target``.

    ``target`` is None where it waits for something inside the kernel.
    """

    instance: str
    target: End | None
    for_room: bool


@dataclass(frozen=True, eq=False)
class DesignRun:
    """What a design does with frames back to back and an output that never stalls, from reset.

    Attributes:
        interval: cycles a frame in steady state; None where it is stuck.
        first_word: cycles from the first word taken to the first word moved at the output.
        first_frame: cycles from the first word taken to the first frame's last word moved at the output.
        held: the most words in the FIFO in front of each target that was given one.
        waiting: where it is stuck, what its kernels wait for; else none.
    """

    interval: Fraction | None
    first_word: int
    first_frame: int
    held: Mapping[End, int]
    waiting: tuple[Wait, ...]

    @property
    def cycles_per_frame(self) -> int | float | None:
        """The interval as a plain number."""
        if self.interval is None:
            return None
        return self.interval.numerator if self.interval.denominator == 1 else float(self.interval)


class DesignTokens:
    """The token models of a design's kernels, made once for runs with many sets of FIFOs."""

    def __init__(self, design: Design, made: Callable[[Kernel], Program] | None = None) -> None:
        """Make them, by way of ``made`` where equal kernels of many designs are to share theirs."""
        self.design = design
        self.programs = {name: (made or program)(kernel) for name, kernel in design.kernels.items()}

    def run(self, fifos: Mapping[End, int] | None = None, *, period: int = 0) -> DesignRun:
        """Run it with more FIFOs in front of some targets.

        Args:
            fifos: their depths, ``UNBOUNDED`` allowed.
            period: cycles from the start of an input frame to that of the next one, at least.
        """
        design, fifos = self.design, fifos or {}
        network, links = self._network(fifos, period)
        last = network.inputs_of("output")[0]
        result = network.run(watch="output", frame=design.output.words, record=("input.m0", last), words=1)
        first = int(result.moved["input.m0"][0])
        return DesignRun(
            interval=result.interval,
            first_word=int(result.moved[last][0]) - first if len(result.moved[last]) else -1,
            first_frame=int(result.ends[0]) - first if len(result.ends) else -1,
            held={target: result.most[f"{_fifo_name(target)}.m0"] for target, depth in fifos.items() if depth},
            waiting=tuple(self._wait(wait.process, wait.link, wait.for_room, links) for wait in result.waiting),
        )

    def first_frame(self, fifos: Mapping[End, int] | None = None) -> int:
        """Return what ``run`` says of the first frame, and look no further; -1 where it is stuck."""
        network, _ = self._network(fifos or {}, 0)
        result = network.run(watch="output", frame=self.design.output.words, frames=1, record=("input.m0",), words=1)
        return int(result.ends[0] - result.moved["input.m0"][0]) if len(result.ends) else -1

    def keeps(self, fifos: Mapping[End, int], interval: Fraction) -> bool:
        """Return whether frames leave every ``interval`` cycles, which is no less than the slowest kernel's.

        Frames come as often: they leave so exactly where back-to-back ones would (the cycle mean of a max-plus system
        is the largest of its cycles', the input's one of them), and no buffer fills over many frames by what its writer
        is faster than its reader. At the slowest kernel's rate, a frame that takes longer once three have ended is
        enough for a no.
        """
        network, _ = self._network(fifos, int(interval))
        pace = int(interval) if interval == self.design.interval else 0
        result = network.run(watch="output", frame=self.design.output.words, pace=pace)
        return not result.slow and result.interval == interval

    def _network(self, fifos: Mapping[End, int], period: int) -> tuple[Network, dict[End, str]]:
        """The design with these FIFOs between what gives and what takes its words; and the links' names."""
        design, network, links = self.design, Network(), dict[End, str]()
        for source in design.edges.values():  # every output's link before it is read
            links[source] = "input.m0" if source.instance == BOUNDARY else f"{source.instance}.m{source.port}"
        network.source("input", design.input.words, period=max(period, design.load_words))
        for name in design.order():
            inputs = []
            for target, source in design.inputs_of(name):
                inputs.append(self._fifo(network, target, links[source], fifos.get(target, 0)))
            network.add(name, self.programs[name], inputs)
        end = End(BOUNDARY)
        network.sink("output", self._fifo(network, end, links[design.edges[end]], fifos.get(end, 0)))
        return network, links

    def _fifo(self, network: Network, target: End, link: str, depth: int) -> str:
        if not depth:
            return link
        if depth >= UNBOUNDED:
            made = Program(through(Link(UNBOUNDED)), 1)
        else:
            port = self.design.target_port(target)
            made = program(StreamFifo(port.stream, port.words, depth))
        network.add(_fifo_name(target), made, (link,))
        return f"{_fifo_name(target)}.m0"

    def _wait(self, process: str, link: str, for_room: bool, links: Mapping[End, str]) -> Wait:
        """Name a link by the stream that it is."""
        instance = process.removeprefix("fifo of ").split(":")[0]
        for target, source in self.design.edges.items():
            if link in (links[source], f"{_fifo_name(target)}.m0"):
                return Wait(instance, target, for_room)
        return Wait(instance, None, for_room)


def program(kernel: Kernel) -> Program:
    """Return the kernel's token model as arrays."""
    return Program(kernel.tokens(), len(kernel.inputs))


def run(design: Design) -> DesignRun:
    """Return what the design does as it is."""
    return DesignTokens(design).run()


def _fifo_name(target: End) -> str:
    return f"fifo of {target.instance}:{target.port}"
