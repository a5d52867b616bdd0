"""The benchmark: found by itself, kept run by run, and failures said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.errors import VerificationFailed
from tests.bench import __main__ as command
from tests.bench.figures import Figure
from tests.bench.runs import KEPT, Run, earlier
from tests.bench.table import markdown


def steady() -> Iterator[Figure]:
    yield Figure("cycles of a frame", 1200, "cycles", "measured (RTL)", at_most=1200)


def slow() -> Iterator[Figure]:
    yield Figure("cycles of a frame", 1201, "cycles", "measured (RTL)", at_most=1200)


def broken() -> Iterator[Figure]:
    yield from steady()
    raise VerificationFailed("frame 3 differs")


def test_every_benchmark_is_found_with_a_title() -> None:
    known = command.benchmarks()
    assert {"ingest", "rtl", "fuzz"} <= set(known)
    assert all(title and not title.endswith(".") for title, _ in known.values())


@pytest.mark.parametrize(
    ("measure", "status", "said"), [(steady, 0, "≤ 1,200: yes"), (slow, 1, "≤ 1,200: NO"), (broken, 1, "frame 3")]
)
def test_a_run_says_what_does_not_hold(
    measure: command.Measure, status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "benchmarks", lambda: {"frame": ("A frame", measure)})
    result = CliRunner().invoke(command.bench, ["-o", str(tmp_path)])
    assert result.exit_code == status
    text = (tmp_path / "bench.md").read_text()
    assert said in text
    assert text.count("|  |") == 1  # nothing before it to compare with
    (path,) = (tmp_path / "history").glob("*.json")
    assert Run.load(path).figures["frame"][0].value in (1200, 1201)  # kept also where something failed


def test_a_run_is_compared_with_the_last_that_has_the_figure(tmp_path: Path) -> None:
    for day, value in ((1, 100.0), (2, 80.0), (3, None)):
        run = Run(f"2026-01-0{day}T00:00:00+00:00", "abc", "2")
        run.figures["frame"] = [] if value is None else [Figure("cycles", value, "cycles", "model")]
        run.save(tmp_path)
    now = Run("2026-01-04T00:00:00+00:00", "def", "2", {"frame": [Figure("cycles", 60, "cycles", "model")]})
    before = earlier(tmp_path, now)
    assert before == {("frame", "cycles"): 80.0}
    assert "| cycles | 60 cycles | model |  | 80 (-25.0%) |" in markdown({"frame": "A frame"}, now, before)


def test_the_oldest_runs_go(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        Run(f"2026-01-01T00:00:{number:02}+00:00", "abc", "2").save(tmp_path)
    left = sorted(path.name for path in tmp_path.glob("*.json"))
    assert len(left) == KEPT and left[0].startswith("2026-01-01T000003")


def test_bounds_are_included() -> None:
    held = [Figure("rate", value, "frames/s", "model", 20, 10).holds for value in (9, 10, 20, 21)]
    assert held == [False, True, True, False]


def test_a_figure_without_a_source_is_none() -> None:
    with pytest.raises(ValueError, match=r"source of 'size' must be one of .* not 'guess'"):
        Figure("size", 1, "LUT", "guess")


def test_an_unknown_benchmark_is_named() -> None:
    result = CliRunner().invoke(command.bench, ["nothing"])
    assert result.exit_code == 2 and "no benchmark 'nothing': use one of" in result.output
