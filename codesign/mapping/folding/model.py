"""The choice of all kernels' options at once, as a mixed-integer linear program.

One binary a kernel and option, one of each kernel's is chosen. Between two kernels flows what is chosen: a continuous
variable for each pair of stream forms that may meet, whose sums over either end are the binaries of that form; in it
lies the width converter's cost. Minimized is the sum over all resources of the share that is used of what there is, so
that what is scarce weighs more; each must be within the budget.

The sums of flow over pairs are those of a transportation problem, whose vertices are integral: the relaxation is tight
but for the budgets.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from codesign.mapping.folding.options import Option, Options, form
from codesign.mapping.folding.program import Program
from codesign.mapping.forms import pace
from hw.design.design import BOUNDARY, Design, End
from hw.kernels.kernel import Resources
from hw.kernels.width_converter.kernel import WidthConverter
from hw.lowering.adapt import boundary_lanes, carries, readers
from hw.lowering.padding import Channels

KINDS = tuple(asdict(Resources()))
OVER = 1_000.0
"""What a part of the budget costs that is used beyond it, where that is allowed."""


@dataclass(frozen=True)
class Solution:
    """What the solver found.

    Attributes:
        chosen: the option of each kernel; empty where none was found.
        proven: whether no better one exists (within the gap), or none at all.
        share: of the budget, summed over all resources; for an elastic model with what is over.
    """

    chosen: Mapping[str, Option]
    proven: bool
    share: float = math.inf


class Model:
    """The program of one interval.

    Args:
        options: of the design's kernels.
        interval: cycles a frame, at most.
        budget: of each resource, at most.
        start: the folding that the solver begins with.
        elastic: whether the budget may be exceeded, at a price.
    """

    def __init__(
        self,
        options: Options,
        interval: int,
        budget: Resources,
        start: Mapping[str, Mapping[str, Any]],
        elastic: bool = False,
    ) -> None:
        self.design, self.interval, self.start = options.design, interval, start
        self.family, self.budget = options.family, asdict(budget)
        self.options = options.within(interval, start)
        self.program = Program()
        self._used: dict[str, dict[int, float]] = {kind: {} for kind in KINDS}
        self.columns: dict[str, list[tuple[int, Option]]] = {}
        for name in self.design.order():
            self._kernel(name)
        for target, source in self.design.edges.items():
            self._edge(target, source)
        self._paces()
        self._paddings()
        self._budgets(elastic)

    def _column(self, used: Resources | None, integer: bool = False) -> int:
        """A choice, or what flows because of choices, with what it takes."""
        amounts = asdict(used) if used else {}
        column = self.program.column(sum(n / max(self.budget[k], 1) for k, n in amounts.items()), integer=integer)
        for kind, amount in amounts.items():
            if amount:
                self._used[kind][column] = amount
        return column

    def _kernel(self, name: str) -> None:
        """One of the kernel's options."""
        kernel = self.design.kernels[name]
        if name in self.options:
            options = self.options[name]
        elif carries(kernel):
            options = self._carried(name)
        else:
            used, cycles = kernel.resources(self.family), kernel.cycles().interval
            ports = tuple(map(form, kernel.inputs)), tuple(map(form, kernel.outputs))
            options = [Option({}, *ports, cycles, pace(kernel), False, used)]
        options = [o for o in options if o.interval <= self.interval]
        self.columns[name] = [(self._column(option.used, True), option) for option in options]
        self.program.row({column: 1 for column, _ in self.columns[name]}, 1, 1)

    def _carried(self, name: str) -> list[Option]:
        """A fork or a guard in each form that its source may give, or its narrowest reader take."""
        kernel = self.design.kernels[name]
        source = self.design.edges[End(name)]
        stream = kernel.outputs[0].stream
        total = kernel.outputs[0].words * stream.lanes
        if source.instance == BOUNDARY:
            wanted = {lanes for end in readers(self.design, name) for lanes, _ in self._forms_in(end)} or {stream.lanes}
            forms = [(lanes, boundary_lanes(replace(stream, lanes=lanes))) for lanes in sorted(wanted)]
            given = [(lanes, (own, total // own)) for lanes, own in forms]
        else:
            ports = {o.outputs[source.port] for _, o in self.columns[source.instance]}
            given = [(0, port) for port in sorted(ports)]
        options = []
        for wanted_lanes, (lanes, words) in given:
            made = replace(kernel, stream=replace(stream, lanes=lanes), words=words)  # type: ignore[call-arg]
            ends = ((lanes, words),), ((lanes, words),) * len(kernel.outputs)
            settings = {"wanted": wanted_lanes} if wanted_lanes else {}
            used = made.resources(self.family)
            options.append(Option(settings, *ends, made.cycles().interval, None, False, used))
        return options

    def _forms_in(self, end: End) -> Iterable[tuple[int, int]]:
        """The forms of words that a kernel may take at an input."""
        name = end.instance
        if name in self.options:
            return {o.inputs[end.port] for o in self.options[name]}
        return {form(self.design.kernels[name].inputs[end.port])}

    def _edge(self, target: End, source: End) -> None:
        """What flows from one kernel to the next, by way of a width converter where their lanes differ."""
        if source.instance == BOUNDARY:
            self._narrowest(target.instance)
            return
        stream = self.design.source_port(source).stream
        given: dict[tuple[int, int], list[int]] = defaultdict(list)
        taken: dict[tuple[int, int], list[int]] = defaultdict(list)
        for column, option in self.columns[source.instance]:
            given[option.outputs[source.port]].append(column)
        if target.instance != BOUNDARY:
            for column, option in self.columns[target.instance]:
                taken[option.inputs[target.port]].append(column)
        flows: dict[tuple[int, int], list[int]] = defaultdict(list)
        arriving: dict[tuple[int, int], list[int]] = defaultdict(list)
        passed = target.instance != BOUNDARY and carries(self.design.kernels[target.instance])
        for lanes, words in given:
            to = taken
            if target.instance == BOUNDARY:
                out = boundary_lanes(replace(stream, lanes=lanes))
                to = {(out, lanes * words // out): []}
            for there in to:
                if there[0] * there[1] != lanes * words or (passed and there != (lanes, words)):
                    continue
                used = None
                if there[0] != lanes:
                    converter = WidthConverter(replace(stream, lanes=lanes), words, there[0])
                    if converter.cycles().interval > self.interval:
                        continue
                    used = converter.resources(self.family)
                column = self._column(used, False)
                flows[lanes, words].append(column)
                arriving[there].append(column)
        for port, columns in given.items():
            self.program.row(dict.fromkeys(columns, 1.0) | dict.fromkeys(flows[port], -1.0), 0, 0)
        for port, columns in taken.items():
            self.program.row(dict.fromkeys(columns, 1.0) | dict.fromkeys(arriving[port], -1.0), 0, 0)

    def _narrowest(self, name: str) -> None:
        """What stands at the design's input takes the lanes of its narrowest reader."""
        ends = list(readers(self.design, name)) if carries(self.design.kernels[name]) else []
        for guard, option in self.columns[name] if ends else ():
            wanted = option.settings.get("wanted", 0)
            there: dict[int, float] = {guard: -1.0}
            for end in ends:
                narrower = {guard: 1.0}
                for column, reader in self.columns[end.instance]:
                    lanes = reader.inputs[end.port][0]
                    if lanes == wanted:
                        there[column] = 1.0
                    if lanes < wanted:
                        narrower[column] = 1.0
                self.program.row(narrower, high=1)
            self.program.row(there, low=0)

    def _paces(self) -> None:
        """A slow form takes no longer for a frame than the words in front of it come evenly."""
        for name, columns in self.columns.items():
            slow = [(column, option.interval) for column, option in columns if option.paced]
            if not slow:
                continue
            for before in pacers(self.design, name):
                for interval in {interval for _, interval in slow}:
                    terms = {c: 1.0 for c, i in slow if i == interval}
                    even = (c for c, o in self.columns[before] if (o.pace or 0) >= interval)
                    self.program.row(terms | dict.fromkeys(even, -1.0), high=0)

    def _paddings(self) -> None:
        """Channels are padded only where a fold needs it: ``fold`` pads no others."""
        needing: dict[tuple[Channels, int], dict[int, float]] = defaultdict(dict)
        having: dict[tuple[Channels, int], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for name, columns in self.columns.items():
            for column, option in columns:
                for channels, count, needs in option.padded:
                    having[channels, count][name].append(column)
                    if needs:
                        needing[channels, count][column] = 1.0
        for key, columns_of in having.items():
            any_kernel = next(iter(columns_of.values()))
            terms = dict.fromkeys(any_kernel, -1.0)
            for column in needing[key]:
                terms[column] = terms.get(column, 0.0) + 1.0
            self.program.row(terms, low=0)

    def _budgets(self, elastic: bool) -> None:
        for kind, terms in self._used.items():
            if elastic:
                over = self.program.column(OVER / max(self.budget[kind], 1), math.inf)
                terms = terms | {over: -1.0}
            self.program.row(terms, high=self.budget[kind])

    # ------------------------------------------------------------------ solving

    @property
    def impossible(self) -> str:
        """The first kernel that has no option, empty where all have one."""
        return next((name for name, columns in self.columns.items() if not columns), "")

    def solve(self, seconds: float, gap: float = 1e-3, first: bool = False) -> Solution:
        """Return the best choice, or the best so far when the time is over.

        Args:
            seconds: time limit.
            gap: to the best possible objective, at most, relative.
            first: whether any choice within the budget will do.
        """
        if self.impossible:
            return Solution({}, proven=True)
        values, proven = self.program.solve(seconds, gap, first, None if first else self._begin())
        if not values:
            return Solution({}, proven)
        chosen = {name: max(columns, key=lambda c: values[c[0]])[1] for name, columns in self.columns.items()}
        return Solution(chosen, proven, sum(v * c for v, c in zip(values, self.program.cost, strict=True)))

    def _begin(self) -> dict[int, float]:
        """The integer columns' values at the start; none where it is no choice of this program."""
        values: dict[int, float] = {}
        for name, columns in self.columns.items():
            if name not in self.options:
                continue
            wanted = self.start.get(name, {})
            alike = [
                c for c, o in columns if all(o.settings[f] == wanted.get(f, 1) for f in self.design.kernels[name].folds)
            ]
            if not alike:
                return {}
            values |= {c: 0.0 for c, _ in columns} | {alike[0]: 1.0}
        return values


def pacers(design: Design, name: str) -> set[str]:
    """Return the kernels that decide how evenly the words come that a kernel reads: see ``forms.pace``."""
    found: set[str] = set()
    for _, source in design.inputs_of(name):
        if source.instance == BOUNDARY:
            continue
        if pace(design.kernels[source.instance]) is None:
            found |= pacers(design, source.instance)
        else:
            found.add(source.instance)
    return found
