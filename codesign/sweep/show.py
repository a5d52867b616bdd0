"""A study in the terminal: how far it is, how long it will take, and the front, until it is done."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from codesign.errors import CodesignError
from codesign.sweep.figures import figure
from codesign.sweep.point import Row
from codesign.sweep.reasons import duration, passages
from codesign.sweep.sources import SIGNS, kind
from codesign.sweep.study import Study

REFRESH = 2.0
"""Seconds between two looks at the storage."""
WINDOW = 600.0
"""Seconds of the past that the pace is taken from."""
LAST = 4
"""Decisions shown."""
VERIFIED = {"simulate": "simulated", "synthesize": "synthesized"}


class Counts(Protocol):
    """Tasks of a kind: with a result, at work, with neither, and all of them."""

    @property
    def done(self) -> int: ...
    @property
    def running(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def total(self) -> int: ...


class Watched(Protocol):
    """What is asked of a store (``codesign.sweep.store.Store``)."""

    @property
    def finished(self) -> bool: ...
    def rows(self) -> list[Row]: ...
    def counts(self, kind: str = "point") -> Counts: ...


def show(
    store: Watched, study: Study, console: Console | None = None, over: Event | None = None, once: bool = False
) -> None:
    """Show the study until nothing is left to do, ctrl-C, or ``over`` is set.

    In a terminal the picture is drawn anew every REFRESH seconds; elsewhere a line is printed whenever there is news,
    and the whole at the end. A storage that fails for a while is told of, and asked again.

    Args:
        store: of the study.
        study: which.
        console: where to; standard output where None.
        over: whoever sets it shows the end himself, so nothing is left on the terminal.
        once: show it as it is now, and return.

    Raises:
        CodesignError: the storage fails, with ``once``.
    """
    console = console or Console()
    pace, ended = Pace(), over or Event()
    try:
        if once:
            console.print(picture(store, study, pace, console.height))
        elif console.is_terminal:
            with Live(console=console, transient=over is not None, auto_refresh=False) as live:
                for _ in _looks(store, study, ended):
                    live.update(_tried(store, study, pace, console.height), refresh=True)
        else:
            _lines(store, study, console, pace, ended)
            if over is None:
                console.print(picture(store, study, pace, console.height))
    except KeyboardInterrupt:
        return


def _looks(store: Watched, study: Study, ended: Event) -> Iterator[None]:
    """Yield whenever it is time to look; the last time when nothing can change any more."""
    last = False
    while not last:
        last = ended.is_set() or _nothing_left(store, study)  # asked before the look, which thereby shows the end
        yield
        if not last:
            ended.wait(REFRESH)


def _lines(store: Watched, study: Study, console: Console, pace: Pace, ended: Event) -> None:
    said = ""
    for _ in _looks(store, study, ended):
        try:
            text = progress(store, pace).plain
        except CodesignError as error:
            text = str(error)
        if text.split(";")[0] != said.split(";")[0]:  # the time left alone is no news
            console.print(text, highlight=False, soft_wrap=True)
            said = text


def _tried(store: Watched, study: Study, pace: Pace, height: int) -> Group | Text:
    try:
        return picture(store, study, pace, height)
    except CodesignError as error:
        return Text(f"{error} Asked again every {REFRESH:g} s; ctrl-C ends.")


def _nothing_left(store: Watched, study: Study) -> bool:
    """Whether all points are judged and all of the front that shall be is verified."""
    try:
        if not store.finished:
            return False
        counts = [store.counts(name) for name in VERIFIED]
        if any(count.done < count.total for count in counts):
            return False
        planned = (study.verify.simulate, min(study.verify.simulate, study.verify.synthesize))
        begun = all(count.total or not plan for count, plan in zip(counts, planned, strict=True))
        return begun or not study.front(store.rows())
    except CodesignError:
        return False


class Pace:
    """How many points a second are judged, as far as it was seen."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, now: float, done: int) -> None:
        """Take down that ``done`` points are judged at ``now`` (s)."""
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] < now - WINDOW:
            self._seen.popleft()

    def rate(self) -> float | None:
        """Return points a second; None where none was judged while this was looking."""
        (since, before), (now, done) = self._seen[0], self._seen[-1]
        return (done - before) / (now - since) if done > before and now > since else None


def time_left(counts: Counts, rows: Sequence[Row], pace: Pace) -> str:
    """Return when all points will be judged, and what that is taken from; honest where it is unknown."""
    left = counts.running + counts.waiting
    if not left:
        return "all points are judged"
    rate = pace.rate()
    if rate:
        return f"about {duration(left / rate)} left at {60 * rate:.3g} points a minute"
    if not counts.running:
        return "time left unknown: no worker is at it"
    if not rows:
        return "time left unknown: no point is judged yet"
    mean = sum(sum(row.seconds.values()) for row in rows) / len(rows)
    told = f"{counts.running} at work, {duration(mean)} of processor time a point so far"
    return f"about {duration(left * mean / counts.running)} left ({told})"


def progress(store: Watched, pace: Pace) -> Text:
    """Return in a line how far the study is."""
    counts, rows = store.counts(), store.rows()
    pace.see(time.monotonic(), counts.done)
    stopped = sum(bool(row.stopped) for row in rows)
    parts = [f"{counts.done:,} of {counts.total:,} points judged, {stopped:,} of them stopped early"]
    parts += [f"{counts.running:,} running, {counts.waiting:,} waiting"]
    for name, word in VERIFIED.items():
        tasks = store.counts(name)
        parts += [f"{tasks.done:,} of {tasks.total:,} of the front {word}"] if tasks.total else []
    return Text(f"{', '.join(parts)}; {time_left(counts, rows, pace)}")


def picture(store: Watched, study: Study, pace: Pace, height: int) -> Group:
    """Return all that is shown, in about ``height`` lines."""
    line = progress(store, pace)
    counts, rows = store.counts(), store.rows()
    best = study.front(rows)
    last = [decision(row) for row in sorted(rows, key=lambda row: row.slot)[-LAST:]]
    return Group(
        Text(f"{study.name} ({study.model})", style="bold"),
        Padding(ProgressBar(total=max(1, counts.total), completed=counts.done, width=60), 0),
        line,
        stages(rows),
        front_table(study, best, max(5, height - 20 - len(last))),
        Text("\n".join(last), style="dim"),
    )


def stages(rows: Sequence[Row]) -> Table:
    """Return how many points went through each stage, how many it stopped, and mostly why."""
    table = Table("stage", "points", "stopped", "processor time", "mostly because", box=None, padding=(0, 2, 0, 0))
    for passed in passages(rows):
        why = f"{passed.reasons[0][1]} × {passed.reasons[0][0]}" if passed.reasons else ""
        table.add_row(
            passed.stage,
            f"{passed.reached:,}",
            f"{passed.stopped:,}",
            duration(passed.seconds),
            Text(why, no_wrap=True),
        )
    return table


def front_table(study: Study, rows: Sequence[Row], most: int) -> Table:
    """Return the front, for each value of ``per`` by the first objective; of more than ``most`` rows every so many."""
    name = study.objectives[0]
    order = sorted(rows, key=lambda row: (row.figures[name], row.slot), reverse=figure(name).more)
    order.sort(key=lambda row: str(row.point.get(study.per, "")))
    step = max(1, -(-len(order) // most))
    title = f"{len(rows)} on the front" + (f" of each {study.per}" if study.per else "")
    title += f", every {step}th shown" if step > 1 else ""
    signs = ", ".join(f"{SIGNS[name]} {text}" for name, text in MEANINGS.items())
    table = Table(title=title, title_justify="left", caption=signs, caption_justify="left")
    table.add_column("point", justify="right")
    for axis in study.axes:
        table.add_column(Text(axis), justify="right")
    for objective in study.objectives:
        unit = figure(objective).unit
        table.add_column(Text(f"{objective} {unit}".strip()), justify="right", style="bold")
    for row in order[::step]:
        values = [Text(_number(row.point.get(axis, ""))) for axis in study.axes]
        figures = [Text(f"{_number(row.figures[o])} {SIGNS[kind(row.sources.get(o, ''))]}") for o in study.objectives]
        table.add_row(str(row.slot), *values, *figures)
    return table


MEANINGS = {"measured": "measured", "estimate": "yosys estimate", "model": "model"}


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


def decision(row: Row) -> str:
    """Return in a line what became of ``row``."""
    if row.stopped:
        return f"point {row.slot} stopped in {row.stage}: {row.stopped}"
    missed = ", ".join(row.violations)
    return f"point {row.slot} went through {row.stage}" + (f"; it misses {missed}" if missed else "")
