"""Vocabulary of a kernel's token model: when its words move, without what they are.

A model is a network of processes and bounded links, a cyclo-static dataflow graph that runs self-timed (Bilsen et al.,
"Cyclo-static dataflow", IEEE Trans. Signal Processing 44(2), 1996). It says of every cycle what the RTL does, because
no handshake passes through a kernel within a cycle: whether a word moves depends on registers on both sides only.

Links are named: ``s0``, ``s1``... the kernel's inputs, ``m0``, ``m1``... its outputs, anything else is inside it. The
inputs' links belong to whoever gives the words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Link:
    """Words between the process that gives them and the one that takes them.

    Attributes:
        places: words that it holds, those that are given and cannot be taken yet included.
        forward: cycles from giving a word to when it can be taken; 0: in the same cycle.
        back: cycles from taking a word to when its place can be given anew: 1 where ``ready`` is a register, 0 where a
            register is filled in the cycle in which it is emptied.
        initial: places that are taken from the beginning, by words that nobody gave.
    """

    places: int
    forward: int = 1
    back: int = 1
    initial: int = 0


@dataclass(frozen=True)
class Phase:
    """What a process does in one go: it starts once all is there, takes and gives in the cycle in which it starts.

    Attributes:
        take: words taken of each link; a word is the link's next only where it is taken.
        give: words given to each link.
        need: words that must be there where those are more than are taken (or fewer, for what frees places ahead).
        room: places that must be free where those are more than words are given.
        cycles: from its start to the next phase's earliest start.
        times: how often it is repeated.
    """

    take: Mapping[str, int] = field(default_factory=dict)
    give: Mapping[str, int] = field(default_factory=dict)
    need: Mapping[str, int] = field(default_factory=dict)
    room: Mapping[str, int] = field(default_factory=dict)
    cycles: int = 1
    times: int = 1


@dataclass(frozen=True)
class Tokens:
    """A kernel's token model.

    Attributes:
        links: by name, all but the inputs'.
        processes: the phases of each, which it runs through for ever.
    """

    links: Mapping[str, Link]
    processes: tuple[tuple[Phase, ...], ...]


SLICE = Link(2)
"""A register slice: a word to show and a spare one, with a registered ready."""


def move(source: str, target: str, times: int = 1) -> Phase:
    """A word from one link to another."""
    return Phase(take={source: 1}, give={target: 1}, times=times)


def registers(count: int = 1) -> Link:
    """Registers in a row, which move on in the cycle in which the last one is read."""
    return Link(count, forward=count, back=0)


def promised(places: int, pipeline: int) -> Link:
    """A pipeline that runs freely into a ``result_queue``: a place is promised before a word enters.

    Args:
        places: of the queue.
        pipeline: cycles from the promise to the push.
    """
    return Link(places, forward=pipeline + (2 if places > 1 else 1))


def through(link: Link = SLICE) -> Tokens:
    """Every word goes from the input to the output by ``link``."""
    return Tokens({"m0": link}, ((move("s0", "m0"),),))


def runs(flags: np.ndarray) -> Iterator[tuple[bool, int]]:
    """Return the runs of equal flags, bool [n]: (flag, length)."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(flags)) + 1])
    return zip(flags[starts].tolist(), np.diff([*starts, len(flags)]).tolist(), strict=True)


def kept(flags: np.ndarray) -> Tokens:
    """A register slice that drops the words of a frame whose flag is not set, bool [words]."""
    drop = Phase(take={"s0": 1}, room={"m0": 1})
    phases = (move("s0", "m0", n) if flag else replace(drop, times=n) for flag, n in runs(flags))
    return Tokens({"m0": SLICE}, (tuple(phases),))
