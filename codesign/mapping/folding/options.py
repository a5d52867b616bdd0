"""What a search may choose for each kernel: folds, form, padded channels; with what each costs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from functools import cache
from itertools import product
from math import isqrt, prod
from typing import Any

from codesign.mapping.forms import pace
from hw.design.design import BOUNDARY, Design, End
from hw.design.stream import Port
from hw.kernels.kernel import Kernel, Resources
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.kernels.memory.memory import LUT_WORDS
from hw.lowering.adapt import boundary_lanes, carries
from hw.lowering.padding import INPUT, OUTPUT, Channels, Classes, folds_of

WASTE, WASTE_PADDED = 4, 2
"""Lanes of a unit over the fewest that meet the interval, up to which they may be worth it for a neighbour's sake."""
GROWTH = 1.25
"""Padded channels over the network's, at most."""
GAIN = 0.95
"""Lanes that padding must leave at most of those that are needed without it."""
SMALL = 16
"""Channels up to which padding is also looked at where it leaves as many lanes: others may cost less."""
CANDIDATES = 2
"""Padded counts of a class, at most."""


@dataclass(frozen=True)
class Option:
    """One choice for a kernel.

    Attributes:
        settings: its folds and its form.
        inputs, outputs: (lanes, words) of its streams.
        interval: cycles a frame.
        pace: cycles over which its words come out evenly, None where it passes on what it is given.
        paced: whether it is slower than the kernel's first form, and so must not stop who sends in a burst.
        used: resources.
        padded: the padded classes that it belongs to, with their counts, and whether its own folds need the padding.
    """

    settings: Mapping[str, Any]
    inputs: tuple[tuple[int, int], ...]
    outputs: tuple[tuple[int, int], ...]
    interval: int
    pace: int | None
    paced: bool
    used: Resources
    padded: frozenset[tuple[Channels, int, bool]] = frozenset()

    @property
    def likeness(self) -> tuple[Any, ...]:
        """What two options must share for the smaller one to be the better."""
        return self.inputs, self.outputs, self.interval, self.paced


@dataclass
class Options:
    """The options of a lowered Design's kernels on a part family; each is evaluated once, whatever the interval."""

    design: Design
    family: str
    _made: dict[Any, list[Option]] = field(default_factory=dict)
    _padded: dict[Any, Kernel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.classes = Classes(self.design)
        self._slowest = {name: k.cycles().interval for name, k in self.design.kernels.items()}

    def within(self, interval: int, start: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Option]]:
        """Return the options of every kernel with folds that meet ``interval``; those of ``start`` are among them.

        The start's kernels may be slower than ``interval``: it is then no start, and they are left out.
        """
        counts = {c: self._counts(c, interval) for c in self.classes.all}
        started = self.classes.counts(start)
        found = {}
        for name, kernel in self.design.kernels.items():
            if not kernel.folds and kernel.forms() == ({},):
                continue
            options = [
                option
                for padding in self._paddings(name, counts)
                for folds in self._folds(name, padding, interval)
                for option in self._forms(name, padding, folds, interval)
            ]
            mine = {c: n for c, n in started.items() if c in self._classes_of(name)}
            folds = {f: start.get(name, {}).get(f, 1) for f in kernel.folds}
            options += self._forms(name, mine, folds, interval)
            found[name] = _undominated(o for o in options if o.interval <= interval)
        return found

    def fastest(self, name: str) -> int:
        """Return an interval that a kernel is below in no folding: that of its largest folds."""
        kernel = self.design.kernels[name]
        if carries(kernel):
            stream, words = kernel.inputs[0].stream, kernel.inputs[0].words
            at_input = self.design.edges[End(name)].instance == BOUNDARY
            return words // boundary_lanes(replace(stream, lanes=words)) if at_input else 1
        limits = kernel.fold_limits()
        return min(o.interval for o in self._forms(name, {}, dict(limits), self._slowest[name]))

    def intervals(self) -> list[int]:
        """Return the intervals that folds without padding give, ascending, those of units by their products a cycle."""
        found = {self._slowest[name] for name in self.design.kernels}
        for name, kernel in self.design.kernels.items():
            for folds in _divisors(kernel.fold_limits()):
                found.add(-(-self._slowest[name] // prod(folds.values())))
        return sorted(found)

    def _classes_of(self, name: str) -> set[Channels]:
        return {self.classes.of[name, end] for end in (INPUT, OUTPUT)}

    def _paddings(self, name: str, counts: Mapping[Channels, list[int]]) -> Iterator[dict[Channels, int]]:
        """All choices of the counts of the classes that the kernel reads and gives."""
        mine = list(self._classes_of(name))
        for chosen in product(*(counts[c] for c in mine)):
            yield {c: n for c, n in zip(mine, chosen, strict=True) if n != c.count}

    def _key(self, padding: Mapping[Channels, int]) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((self.classes.all.index(c), n) for c, n in padding.items()))

    def _kernel(self, name: str, padding: Mapping[Channels, int]) -> Kernel:
        key = name, self._key(padding)
        if key not in self._padded:
            self._padded[key] = self.classes.padded(name, padding)
        return self._padded[key]

    def _folds(self, name: str, padding: Mapping[Channels, int], interval: int) -> Iterator[dict[str, int]]:
        """The folds worth looking at: of two folds, those of few lanes more than the interval needs.

        A unit of more words of weights than logic holds may need more lanes where block RAMs are scarce.
        """
        kernel = self._kernel(name, padding)
        candidates = list(_divisors(kernel.fold_limits()))
        if len(self.design.kernels[name].folds) < 2:
            yield from candidates
            return
        growth = prod(n / c.count for c, n in padding.items())
        needed = self._slowest[name] * growth / interval
        enough = [folds for folds in candidates if prod(folds.values()) >= needed * (1 - 1e-9)]
        most = min((prod(f.values()) for f in enough), default=0) * (WASTE_PADDED if padding else WASTE)
        yield from (folds for folds in enough if prod(folds.values()) <= most)
        if isinstance(kernel, MatrixVectorUnit):
            shallow = [folds for folds in enough if prod(folds.values()) * LUT_WORDS >= kernel.depth]
            fewest = min((prod(folds.values()) for folds in shallow), default=0)
            yield from (folds for folds in shallow if most < prod(folds.values()) == fewest)

    def _forms(self, name: str, padding: Mapping[Channels, int], folds: Mapping[str, int], most: int) -> list[Option]:
        """The option of each form with these folds, none where a stream has more words than ``most`` cycles move."""
        kernel = self._kernel(name, padding)
        key = name, self._key(padding), tuple(folds.items())
        if key not in self._made:
            kernel = kernel.fold(**folds)
            if max(port.words for port in (*kernel.inputs, *kernel.outputs)) > most:
                return []
            first = kernel.cycles().interval
            self._made[key] = [
                self._option(
                    kernel.fold(**form) if index else kernel,
                    {**folds, **form},
                    first,
                    self._needs(name, padding, folds),
                )
                for index, form in enumerate(kernel.forms())
            ]
        return self._made[key]

    def _needs(
        self, name: str, padding: Mapping[Channels, int], folds: Mapping[str, int]
    ) -> frozenset[tuple[Channels, int, bool]]:
        """Each padded class with its count, and whether one of the folds divides it only so."""
        kernel, found = self.design.kernels[name], set()
        for channels, count in padding.items():
            ends = [end for end in (INPUT, OUTPUT) if self.classes.of[name, end] == channels]
            own = [fold for end in ends for fold in folds_of(kernel, end)]
            found.add((channels, count, any(kernel.fold_limits()[fold] % folds[fold] for fold in own)))
        return frozenset(found)

    def _option(
        self,
        kernel: Kernel,
        settings: Mapping[str, Any],
        first: int,
        padded: frozenset[tuple[Channels, int, bool]],
    ) -> Option:
        interval = kernel.cycles().interval
        return Option(
            settings,
            tuple(map(form, kernel.inputs)),
            tuple(map(form, kernel.outputs)),
            interval,
            pace(kernel),
            interval > first,
            kernel.resources(self.family),
            padded,
        )

    def _counts(self, channels: Channels, interval: int) -> list[int]:
        """The class's own count, and those padded ones with which its kernels need the fewest lanes."""
        if channels.fixed:
            return [channels.count]
        own = sum(self._lanes(channels, channels.count, interval))
        lanes = {
            count: sum(self._lanes(channels, count, interval))
            for count in range(channels.count + 1, int(channels.count * GROWTH) + 2)
        }
        most = own if channels.count <= SMALL else GAIN * own
        better = sorted((n, count) for count, n in lanes.items() if n <= most)
        return [channels.count, *(count for _, count in better[:CANDIDATES])]

    def _lanes(self, channels: Channels, count: int, interval: int) -> Iterator[float]:
        """About the lanes that each kernel of the class needs, in parts of what an exact fit would."""
        for name, end in channels.sides:
            kernel = self.design.kernels[name]
            if not kernel.folds:
                continue
            limits = dict(kernel.fold_limits())
            for fold in folds_of(kernel, end):
                limits[fold] = limits[fold] // channels.count * count
            exact = self._slowest[name] / interval
            yield _fit(tuple(limits.values()), exact * count / channels.count) / max(exact, 1)


def form(port: Port) -> tuple[int, int]:
    """Return (lanes, words) of a stream."""
    return port.stream.lanes, port.words


def _divisors(limits: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """All folds that divide the limits."""
    return (dict(zip(limits, folds, strict=True)) for folds in product(*map(divisors, limits.values())))


@cache
def divisors(number: int) -> tuple[int, ...]:
    """Return all divisors, ascending."""
    low = [d for d in range(1, isqrt(number) + 1) if number % d == 0]
    return tuple(sorted({*low, *(number // d for d in low)}))


def _fit(limits: tuple[int, ...], needed: float) -> int:
    """The least product of divisors of the limits that is not below ``needed``; that of the limits where none is."""
    *outer, last = limits
    fitting, most = divisors(last), prod(limits)
    for folds in product(*map(divisors, outer)):
        lanes = prod(folds)
        index = bisect_left(fitting, needed / lanes * (1 - 1e-9))
        if index < len(fitting):
            most = min(most, lanes * fitting[index])
    return most


def _undominated(options: Iterator[Option]) -> list[Option]:
    """The options but for those that are nowhere better than one that is like them."""
    kept: dict[Any, list[Option]] = {}
    for option in options:
        alike, mine = kept.setdefault(option.likeness, []), astuple(option.used)
        if any(all(a <= b for a, b in zip(astuple(o.used), mine, strict=True)) for o in alike):
            continue
        alike[:] = [o for o in alike if any(a < b for a, b in zip(astuple(o.used), mine, strict=True))]
        alike.append(option)
    return [option for alike in kept.values() for option in alike]
