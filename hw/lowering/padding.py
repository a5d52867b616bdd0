"""Channels of a Design's streams: which streams have the same, and how many they get for folds that do not divide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from math import gcd, lcm
from typing import Any

from hw.design.design import BOUNDARY, Design, End
from hw.kernels.kernel import Kernel
from hw.kernels.padding import NONE, Padding

INPUT, OUTPUT = 0, 1
Side = tuple[str, int]
"""An instance's inputs or its outputs."""


@dataclass(frozen=True)
class Channels:
    """Streams whose channels are the same, from the units that make them to the units that read them.

    Attributes:
        count: integers of a position.
        sides: whose inputs and outputs they are, in the design's order.
        fixed: who cannot take more of them, empty where all can.
    """

    count: int
    sides: tuple[Side, ...]
    fixed: str = ""


class Classes:
    """The Channels of an unfolded Design.

    Forks, windows, activations, pools and joins pass channels on; a kernel with ``pe`` and ``simd`` makes its own.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        self._parent: dict[Side, Side] = {}
        for name, kernel in design.kernels.items():
            if not _converts(kernel):
                self._join((name, INPUT), (name, OUTPUT))
        for target, source in design.edges.items():
            self._join(_side(source, OUTPUT), _side(target, INPUT))

    def _root(self, side: Side) -> Side:
        while (parent := self._parent.setdefault(side, side)) != side:
            side = parent
        return side

    def _join(self, a: Side, b: Side) -> None:
        self._parent[self._root(a)] = self._root(b)

    @cached_property
    def all(self) -> tuple[Channels, ...]:
        """Every class once, in the design's order."""
        sides: dict[Side, list[Side]] = {}
        for name in self.design.order():
            for end in (INPUT, OUTPUT) if _converts(self.design.kernels[name]) else (INPUT,):
                sides.setdefault(self._root((name, end)), []).append((name, end))
        return tuple(self._channels(root, tuple(members)) for root, members in sides.items())

    @cached_property
    def of(self) -> dict[Side, Channels]:
        """The class of an instance's inputs and outputs."""
        found = {side: channels for channels in self.all for side in channels.sides}
        return found | {
            (name, OUTPUT): found[name, INPUT] for name in self.design.kernels if (name, OUTPUT) not in found
        }

    def _channels(self, root: Side, sides: tuple[Side, ...]) -> Channels:
        counts = {self.design.kernels[name].fold_limits()["pe"] for name, end in sides if end == OUTPUT}
        if root == self._root((BOUNDARY, 0)):
            return Channels(1, sides, "the design's input or output")
        if len(counts) != 1:
            return Channels(1, sides, "a join")
        count = counts.pop()
        wider = Padding(count, count + 1)
        for name, end in sides:
            kernel = self.design.kernels[name]
            if not carries(kernel) and kernel.padded(*((wider, NONE) if end == INPUT else (NONE, wider))) is None:
                return Channels(count, sides, name)
        return Channels(count, sides)

    def padded(self, name: str, counts: Mapping[Channels, int]) -> Kernel:
        """Return the instance for the number of channels that each class is given."""
        kernel = self.design.kernels[name]
        before, behind = (self.of[name, end] for end in (INPUT, OUTPUT))
        paddings = [Padding(c.count, counts.get(c, c.count)) for c in (before, behind)]
        if carries(kernel) or all(padding.to == padding.count for padding in paddings):
            return kernel
        padded = kernel.padded(*(p if p.to > p.count else NONE for p in paddings))
        if padded is None:
            raise ValueError(f"{name} takes no more channels than it has")
        return padded

    def counts(self, folding: Mapping[str, Mapping[str, Any]]) -> dict[Channels, int]:
        """Return for each class that needs more the fewest channels that all folds divide, its own among them."""
        needed: dict[Channels, int] = {}
        for channels in self.all:
            if channels.fixed:
                continue
            step = 1
            for name, end in channels.sides:
                kernel = self.design.kernels[name]
                limits, folds = kernel.fold_limits(), folding.get(name, {})
                for fold in folds_of(kernel, end):
                    times = limits[fold] // channels.count
                    step = lcm(step, folds.get(fold, 1) // gcd(folds.get(fold, 1), times))
            if channels.count % step:
                needed[channels] = -(-channels.count // step) * step
        return needed


def folds_of(kernel: Kernel, end: int) -> tuple[str, ...]:
    """Return the folds that divide the channels at a kernel's inputs or its outputs."""
    if not _converts(kernel):
        return kernel.folds
    return ("simd",) if end == INPUT else ("pe",)


def carries(kernel: Kernel) -> bool:
    """Return whether the kernel passes on whatever words it is given: forks, FIFOs, guards."""
    return not kernel.folds and {"stream", "words"} <= {field.name for field in fields(kernel)}


def _converts(kernel: Kernel) -> bool:
    """Whether the kernel makes channels of its own out of those that it reads."""
    return {"pe", "simd"} <= set(kernel.folds)


def _side(end: End, which: int) -> Side:
    return (end.instance, which if end.instance != BOUNDARY else 0)
