"""What is said of a study in the terminal, against counts made here."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

import pytest
from rich.console import Console

from codesign.errors import CodesignError
from codesign.sweep import madeup, show
from codesign.sweep.leases import Counts
from codesign.sweep.point import Row
from codesign.sweep.study import Study, VerifyPlan


@dataclass
class Fake:
    """A store of ``total`` slots whose points are judged as somebody looks at it."""

    judged: list[Row]
    total: int
    running: int = 0
    later: list[Row] = field(default_factory=list)
    looks: int = 0
    verified: dict[str, Counts] = field(default_factory=dict)
    fails: int = 0

    def rows(self) -> list[Row]:
        return self.judged

    def counts(self, kind: str = "point") -> Counts:
        if kind != "point":
            return self.verified.get(kind, Counts(0, 0, 0))
        self.looks += 1
        if self.looks <= self.fails:
            raise CodesignError("The storage does not answer.")
        if self.looks > 3 and self.later:
            self.judged, self.later = [*self.judged, *self.later], []
        done = len(self.judged)
        running = min(self.running, self.total - done)
        return Counts(done, running, self.total - done - running)

    @property
    def finished(self) -> bool:
        return len(self.judged) == self.total


def printed(act: Callable[[Console], None], terminal: bool = False, height: int = 60) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=160, height=height, color_system=None)
    act(console)
    return out.getvalue()


def unverified(name: str = "bits") -> Study:
    return replace(madeup.study(name), verify=VerifyPlan(simulate=0))


def test_once_shows_counts_stages_and_the_front() -> None:
    study = madeup.study("bits [of] a net")  # brackets are rich's markup
    rows = madeup.rows(study, 200)
    text = printed(lambda console: show.show(Fake(rows, 260, running=3), study, console, once=True))
    stopped = [row for row in rows if row.stopped]
    assert "bits [of] a net" in text
    assert f"200 of 260 points judged, {len(stopped)} of them stopped early, 3 running, 57 waiting" in text
    early = sum(row.stage == "estimate" for row in stopped)
    trained = sum(row.stage == "train" for row in stopped)
    assert re.search(rf"estimate +200 +{early} ", text) and re.search(rf"train +{200 - early} +{trained} ", text)
    cheaper = [
        a
        for a in rows
        if not a.stopped
        and not a.violations
        and not any(
            not b.stopped
            and not b.violations
            and b.figures["accuracy"] >= a.figures["accuracy"]
            and b.figures["latency_us"] <= a.figures["latency_us"]
            and b.figures["lut"] <= a.figures["lut"]
            and b is not a
            for b in rows
        )
    ]
    assert f"{len(cheaper)} on the front" in text
    slots = [int(slot) for slot in re.findall(r"^│ +(\d+) │", text, re.MULTILINE)]
    assert len(slots) > 10 and set(slots) <= {row.slot for row in cheaper}
    best = max(cheaper, key=lambda row: row.figures["accuracy"])
    assert slots[0] == best.slot
    shown = next(line for line in text.splitlines() if line.startswith(f"│ {best.slot:>5} │"))
    rtl = best.sources["latency_us"] == "measured (RTL)"
    assert (
        f"{best.figures['accuracy']:.4g} ●" in shown
        and f"{best.figures['latency_us']:.4g} {'●' if rtl else '○'}" in shown
    )
    marks = {"model": "○", "yosys estimate": "◆", "measured": "●", "measured (RTL)": "●"}
    for slot in slots:
        line = next(line for line in text.splitlines() if line.startswith(f"│ {slot:>5} │"))
        assert re.findall("[○◆●]", line) == [marks[rows[slot].sources[name]] for name in study.objectives]
    assert show.decision(rows[-1]) in text


def test_time_left_is_taken_from_what_was_seen_and_else_from_what_points_took() -> None:
    pace, rows = show.Pace(), madeup.rows(unverified(), 30)
    pace.see(100.0, 30)
    mean = sum(sum(row.seconds.values()) for row in rows) / 30
    minutes = 70 * mean / 4 / 60
    assert f"about {int(minutes)} min" in show.time_left(Counts(30, 4, 66), rows, pace)
    pace.see(160.0, 36)  # 6 a minute: 70 left take 11 min 40 s
    assert show.time_left(Counts(36, 4, 66), rows, pace) == "about 11 min 40 s left at 6 points a minute"
    pace.see(1000.0, 36)
    pace.see(1060.0, 48)  # what lies longer back than the window does not count, but for where it begins
    assert show.time_left(Counts(48, 4, 66), rows, pace).endswith("at 0.8 points a minute")


@pytest.mark.parametrize(
    ("counts", "judged", "said"),
    [
        (Counts(0, 2, 8), 0, "time left unknown: no point is judged yet"),
        (Counts(5, 0, 5), 5, "time left unknown: no worker is at it"),
        (Counts(5, 0, 0), 5, "all points are judged"),
    ],
)
def test_time_left_says_what_is_unknown(counts: Counts, judged: int, said: str) -> None:
    pace = show.Pace()
    pace.see(0.0, judged)
    assert show.time_left(counts, madeup.rows(unverified(), judged), pace) == said


@pytest.mark.parametrize("terminal", [True, False])
def test_it_goes_on_until_the_study_is_finished(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "REFRESH", 0.01)
    study = unverified()
    rows = madeup.rows(study, 40)
    store = Fake(rows[:25], 40, running=2, later=rows[25:], fails=1)
    text = printed(lambda console: show.show(store, study, console), terminal)
    assert store.finished and "40 of 40 points judged" in text and "all points are judged" in text
    assert "The storage does not answer." in text
    assert "\x1b" in text if terminal else "25 of 40 points judged" in text and "\x1b" not in text


def test_the_front_is_waited_for_while_it_is_verified() -> None:
    study = madeup.study()
    rows = madeup.rows(study, 40)
    store = Fake(rows, 40)
    over = Event()
    assert not show._nothing_left(store, study)  # nobody has begun to verify
    store.verified = {"simulate": Counts(3, 1, 2)}
    assert not show._nothing_left(store, study)
    over.set()
    text = printed(lambda console: show.show(store, study, console, over))
    assert "3 of 6 of the front simulated" in text and "on the front" not in text
    store.verified = {"simulate": Counts(6, 0, 0)}
    assert show._nothing_left(store, study)


def test_once_tells_of_a_storage_that_fails() -> None:
    with pytest.raises(CodesignError, match="does not answer"):
        printed(lambda console: show.show(Fake([], 4, fails=9), madeup.study(), console, once=True))
