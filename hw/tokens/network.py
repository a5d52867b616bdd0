"""Token models joined to a network, with what gives it words and what takes them; and its run.

A process that acts within a cycle on what another one does in that cycle must come behind it: one that fills a place
which is emptied in the same cycle (a link with ``back`` 0) behind the one that empties it, one that takes a word which
is given in the same cycle (``forward`` 0) behind the one that gives it. The processes are numbered in such an order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from graphlib import TopologicalSorter

import numpy as np

from hw.kernels.tokens import Link, Phase, Tokens
from hw.tokens import engine

FRAMES = 64
"""Frames that a run takes at most where its state does not come again."""
LIMIT = 1 << 40
SETTLED = 3
"""Frames in which buffers fill: only those behind them are held to a pace."""


@dataclass(frozen=True)
class Wait:
    """A process that could not go on: the link that it waits for, and whether for a place or for a word."""

    process: str
    link: str
    for_room: bool


@dataclass(frozen=True, eq=False)
class Result:
    """What a run gave. Cycle 0 is the first.

    Attributes:
        moved: by link that was to be recorded, the cycle in which each word was taken, int64 [words].
        ends: cycle in which each frame's last word moved at the watched output.
        interval: cycles a frame in steady state, exact where the state came again; None where it did not, nor two
            frames ended.
        exact: whether the state came again.
        most: by link, the most words that were in it.
        waiting: where nothing can move any more, what each process waits for; else none.
        slow: whether it was ended because a frame took longer than the pace asked for.
    """

    moved: dict[str, np.ndarray]
    ends: np.ndarray
    interval: Fraction | None
    exact: bool
    most: dict[str, int]
    waiting: tuple[Wait, ...]
    slow: bool = False

    @property
    def stuck(self) -> bool:
        """Whether nothing could move any more before the run's end."""
        return bool(self.waiting)


class Program:
    """A kernel's token model as arrays; links are numbered within it, the inputs' first."""

    def __init__(self, tokens: Tokens, inputs: int) -> None:
        self.links = tokens.links
        self.names = [*(f"s{i}" for i in range(inputs)), *tokens.links]
        slots = {name: index for index, name in enumerate(self.names)}
        phases: list[tuple[int, int, int, int, int]] = []
        arcs: list[tuple[int, int, int]] = []
        self.counts: list[int] = []
        self.reads: list[set[int]] = []
        self.writes: list[set[int]] = []
        for process in tokens.processes:
            self.counts.append(len(process))
            reads, writes = set[int](), set[int]()
            for phase in process:
                ins = _arcs(phase.take, phase.need, slots)
                outs = _arcs(phase.give, phase.room, slots)
                phases.append((phase.times, phase.cycles, len(ins), len(outs), len(arcs)))
                arcs += ins + outs
                reads.update(arc[0] for arc in ins)
                writes.update(arc[0] for arc in outs)
            self.reads.append(reads)
            self.writes.append(writes)
        self.phases = np.array(phases, np.int32).reshape(-1, 5)
        self.arcs = np.array(arcs, np.int32).reshape(-1, 3)


def _arcs(moved: Mapping[str, int], least: Mapping[str, int], slots: Mapping[str, int]) -> list[tuple[int, int, int]]:
    return [(slots[name], least.get(name, moved.get(name, 0)), moved.get(name, 0)) for name in {**moved, **least}]


@dataclass(eq=False)
class _Process:
    name: str
    first: int
    count: int
    outside: dict[str, object] = field(default_factory=dict)


class Network:
    """Programs, and the links between them, each by its name."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self._numbers: dict[str, int] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}
        self._producer: dict[int, int] = {}
        self._consumer: dict[int, int] = {}
        self._processes: list[_Process] = []
        self._phases: list[np.ndarray] = []
        self._arcs: list[np.ndarray] = []
        self._phase_count = self._arc_count = 0

    def add(self, name: str, program: Program, inputs: Sequence[str], **outside: object) -> None:
        """Add a program whose inputs are the links of these names; its own are called ``NAME.LINK``."""
        for link, form in program.links.items():
            self.links[f"{name}.{link}"] = form
            self._numbers[f"{name}.{link}"] = len(self._numbers)
        self._inputs[name] = tuple(inputs)
        own = [f"{name}.{link}" for link in program.links]
        numbers = np.array([self._numbers[link] for link in (*inputs, *own)], np.int32)
        arcs, phases = program.arcs.copy(), program.phases.copy()
        arcs[:, 0] = numbers[arcs[:, 0]]
        phases[:, 4] += self._arc_count
        first = self._phase_count
        for count, reads, writes in zip(program.counts, program.reads, program.writes, strict=True):
            index = len(self._processes)
            self._consumer |= {int(numbers[slot]): index for slot in reads}
            self._producer |= {int(numbers[slot]): index for slot in writes}
            self._processes.append(_Process(name, first, count, dict(outside)))
            first += count
        self._phases.append(phases)
        self._arcs.append(arcs)
        self._phase_count, self._arc_count = first, self._arc_count + len(arcs)

    def inputs_of(self, name: str) -> tuple[str, ...]:
        """Return the links that a program reads from outside it."""
        return self._inputs[name]

    def source(self, name: str, words: int, *, earliest: np.ndarray | None = None, period: int = 0) -> str:
        """Add what gives words and return its link: one as soon as the one before was taken.

        Args:
            name: of the process.
            words: of a frame.
            earliest: int64 [n], the cycle before which each word does not come, and none behind them; or
            period: cycles from a frame's start to the next one's, at least.
        """
        link = Link(1, forward=0)
        program = Program(Tokens({"m0": link}, ((Phase(give={"m0": 1}, times=words),),)), 0)
        self.add(name, program, (), earliest=earliest, period=period)
        return f"{name}.m0"

    def sink(self, name: str, link: str, *, open_in: np.ndarray | None = None) -> None:
        """Add what takes a link's words.

        Args:
            name: of the process.
            link: which.
            open_in: uint8 [n], whether it takes a word in each cycle, and always behind them.
        """
        program = Program(Tokens({}, ((Phase(take={"s0": 1}),),)), 1)
        self.add(name, program, (link,), open=open_in)

    def run(
        self,
        *,
        watch: str | None = None,
        frame: int = 1,
        frames: int = FRAMES,
        record: Iterable[str] = (),
        words: int = 0,
        limit: int = LIMIT,
        pace: int = 0,
    ) -> Result:
        """Run it until its state comes again, so many frames have ended, every sink has its words, or it is stuck.

        Args:
            watch: the sink whose words are counted in frames.
            frame: words of a frame there.
            frames: at most so many.
            record: links whose words' cycles are wanted.
            words: of each of these, at most.
            limit: cycles at most.
            pace: cycles that a frame may take behind the first ``SETTLED`` ones, or 0: one that takes longer ends it.
        """
        order = self._order()
        place = {process: rank for rank, process in enumerate(order)}
        moved = {link: np.empty(words, np.int64) for link in record}
        links = (engine.Link * max(1, len(self.links)))(
            *(
                engine.Link(
                    place[self._producer[i]] if i in self._producer else -1,
                    place[self._consumer[i]] if i in self._consumer else -1,
                    form.places,
                    form.forward,
                    form.back,
                    form.initial,
                    moved[name].ctypes.data if name in moved else None,
                    words,
                )
                for i, (name, form) in enumerate(self.links.items())
            )
        )
        processes = (engine.Process * len(order))(*(_filled(self._processes[i]) for i in order))
        phases, arcs = np.concatenate(self._phases), np.concatenate(self._arcs)
        ends = np.empty(frames, np.int64)
        names = [self._processes[i].name for i in order]
        request = engine.Request(
            arcs=arcs.ctypes.data,
            phases=phases.ctypes.data,
            links=ctypes.addressof(links),
            processes=ctypes.addressof(processes),
            link_count=len(self.links),
            process_count=len(order),
            watched=-1 if watch is None else names.index(watch),
            frame=frame,
            frames=frames,
            ends=ends.ctypes.data,
            limit=limit,
            pace=pace,
            settled=SETTLED,
        )
        engine.library().tokens_run(ctypes.byref(request))
        by_number = list(self.links)
        waiting = [
            Wait(name, by_number[p.waits], bool(p.for_room))
            for name, p in zip(names, processes, strict=True)
            if p.waits >= 0 and request.stuck
        ]
        ends = ends[: request.ended]
        return Result(
            moved={name: array[: links[self._numbers[name]].taken] for name, array in moved.items()},
            ends=ends,
            interval=_interval(request, ends),
            exact=request.period > 0,
            most={name: link.most for name, link in zip(self.links, links, strict=False)},
            waiting=tuple(waiting),
            slow=bool(request.slow),
        )

    def _order(self) -> list[int]:
        """Return the processes such that none acts within a cycle on a later one."""
        sorter = TopologicalSorter[int](dict.fromkeys(range(len(self._processes)), ()))
        for number, form in enumerate(self.links.values()):
            if number not in self._producer or number not in self._consumer:
                continue
            producer, consumer = self._producer[number], self._consumer[number]
            if form.forward == 0:
                sorter.add(consumer, producer)
            if form.back == 0:
                sorter.add(producer, consumer)
        return list(sorter.static_order())


def _filled(process: _Process) -> engine.Process:
    earliest, opened = process.outside.get("earliest"), process.outside.get("open")
    return engine.Process(
        first=process.first,
        count=process.count,
        period=process.outside.get("period") or 0,
        earliest=None if earliest is None else earliest.ctypes.data,  # type: ignore[attr-defined]
        starts=0 if earliest is None else len(earliest),  # type: ignore[arg-type]
        open=None if opened is None else opened.ctypes.data,  # type: ignore[attr-defined]
        cycles=0 if opened is None else len(opened),  # type: ignore[arg-type]
    )


def _interval(request: engine.Request, ends: np.ndarray) -> Fraction | None:
    if request.period > 0:
        return Fraction(request.span, request.period)
    if len(ends) < 2 or request.stuck:
        return None
    ends = ends[(len(ends) - 1) // 2 :]
    return Fraction(int(ends[-1] - ends[0]), len(ends) - 1)
