"""What the page's tables are made of: shares of variance in closed form, stages and reasons by counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import nan
from random import Random

import pytest

from codesign.sweep import madeup
from codesign.sweep.page import sections
from codesign.sweep.page.content import content
from codesign.sweep.page.matters import matters, omega_squared
from codesign.sweep.point import Row, Value
from codesign.sweep.reasons import duration, kind, passages
from codesign.sweep.sources import weakest


def drawn(count: int, seed: int) -> list[Row]:
    """Return rows with accuracy = 2 x + y + noise: x of 7 and y of 4 values, w of many that matters nothing."""
    random, rows = Random(seed), []
    for slot in range(count):
        point: dict[str, Value] = {
            "x": random.randint(1, 7),
            "y": random.choice("abcd"),
            "w": random.random(),
            "v": random.gauss(0, 1),
        }
        value = 2.0 * int(point["x"]) + "abcd".index(str(point["y"])) + float(point["v"])
        rows.append(Row(point, {"accuracy": value, "lut": 10**value}, {}, "model", slot=slot))
    return rows


def test_shares_of_variance_are_those_of_the_closed_form() -> None:
    # Var(2x) = 4 (7² - 1) / 12 = 16, Var(y) = (4² - 1) / 12 = 1.25, Var(v) = 1: of 18.25
    shares = matters(drawn(4000, 1), ["x", "y", "w", "v"], "accuracy")
    assert shares is not None
    assert shares["x"] == pytest.approx(16 / 18.25, abs=0.01) and shares["y"] == pytest.approx(1.25 / 18.25, abs=0.01)
    assert shares["w"] < 0.01
    assert 0.7 / 18.25 < shares["v"] < 1.05 / 18.25  # its groups of an eighth hold a little of its variance within
    logarithmic = matters(drawn(4000, 1), ["x", "y", "w", "v"], "lut")
    assert logarithmic == pytest.approx(shares)


def test_an_axis_that_matters_nothing_has_no_share_by_chance() -> None:
    """Thirty points in seven groups: eta squared would be 6/29 = 0.21 on average."""
    random = Random(2)
    shares = [
        omega_squared([random.randint(1, 7) for _ in range(30)], [random.gauss(0, 1) for _ in range(30)])
        for _ in range(300)
    ]
    assert sum(shares) / len(shares) < 0.06 and min(shares) == 0
    assert omega_squared(["a"] * 9, list(range(9))) == 0 and omega_squared(list("abc"), [1, 2, 3]) == 0


def test_nothing_is_said_of_few_or_equal_values() -> None:
    rows = drawn(9, 0)
    assert matters(rows, ["x"], "accuracy") is None and matters([], ["x"], "accuracy") is None
    same = [Row({"x": k}, {"accuracy": 1.0}, {}, "model") for k in range(20)]
    assert matters(same, ["x"], "accuracy") is None
    assert "Nothing can be said of accuracy" in sections.importance(madeup.study(), [])


def test_stages_count_what_they_stopped_and_why() -> None:
    rows = madeup.rows(madeup.study(), 300)
    first, second, third, fourth, fifth = passages(rows)
    unfit = [row for row in rows if row.stage == "estimate"]
    trained = [row for row in rows if row.stage == "train"]
    assert (first.reached, first.stopped) == (300, len(unfit))
    assert (second.reached, second.stopped) == (300 - len(unfit), len(trained))
    assert (third.reached, third.stopped) == (300 - len(unfit) - len(trained), 0)
    assert fourth.reached == sum(row.stage in ("simulate", "synthesize") for row in rows)
    assert fifth.reached == sum(row.stage == "synthesize" for row in rows)
    assert second.seconds == pytest.approx(sum(row.seconds.get("train", 0) for row in rows))
    assert dict(first.reasons)["it reaches … frames/s, and … are asked for"] == sum(
        "reaches" in r.stopped for r in unfit
    )
    assert len(second.reasons) == 1 and second.reasons[0][1] == len(trained)
    assert kind("at 1,000.5 of fc1, -2e-3 of W4A4.") == "at … of fc1, … of W4A4."


def test_many_reasons_are_counted_together() -> None:
    rows = [Row({}, {}, {}, "train", f"reason {name}") for name in "aabcdefghi"]
    reasons = passages(rows)[1].reasons
    assert reasons[0] == ("reason a", 2) and reasons[-1] == ("something else", 3) and len(reasons) == 7


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "0.0123 s"), (59, "59 s"), (185, "3 min 05 s"), (7830, "2 h 10 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_content_tells_the_unknown_and_each_status() -> None:
    study = madeup.study()
    point: dict[str, Value] = dict.fromkeys(study.axes, 1)
    figures = {"accuracy": 0.9, "latency_us": 5.0, "lut": 10.0}
    worse = {**figures, "lut": 11.0, "ff": nan}
    rows = [
        Row(point, figures, {"lut": "yosys estimate"}, "synthesize", slot=4),
        Row(point, worse, {}, "model", slot=2),
        Row({}, {"lut": 1.0}, {}, "estimate", "too slow", slot=3),
        Row(point, {**figures, "lut": 1.0}, {}, "model", violations={"fps >= 9": 0.125}, slot=1),
        Row(point, {"lut": 1.0}, {}, "model", slot=0),  # meets all, but its objectives are not known
    ]
    found = content(study, rows, None)
    assert [row["status"] for row in found["rows"]] == ["front", "feasible", "stopped", "missed", "feasible"]
    names = [column["name"] for column in found["columns"]]
    assert names == ["slot", *study.axes, "accuracy", "latency_us", "lut", "ff"]
    assert found["rows"][2]["values"] == [3, *[None] * 6, None, None, 1, None]
    assert found["rows"][1]["values"][-1] is None and found["rows"][3]["missed"] == ["fps >= 9 (by 12.5 %)"]
    assert found["kinds"] == {"yosys estimate": "estimate"}
    assert [c["better"] for c in found["columns"][-4:]] == [1, -1, -1, -1]


def test_the_weakest_source_counts() -> None:
    sources = {"a": "measured (RTL)", "b": "yosys estimate", "c": "model", "d": "measured"}
    assert weakest(sources, "ad") == "measured" and weakest(sources, "ab") == "estimate"
    assert weakest(sources, "abc") == weakest(sources, "ax") == "model"


def test_the_definition_says_all_of_the_study() -> None:
    study = replace(madeup.study("a<b"), sampler="nsga2", seed=7)
    text = sections.definition(study, [], datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    for said in (
        "skeleton-tiny",
        "500 to 20000, logarithmic",
        "8 to 64 in steps of 8",
        "2, 3, 4, 6, 8",
        "lut &lt;= 40000",
    ):
        assert said in text
    assert "2026-01-02 03:04 UTC" in text and "codesign 0." in text and "nsga2, seed 7" in text
