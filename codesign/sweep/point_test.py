"""The front, against the comparison of each point with each other."""

from __future__ import annotations

from random import Random

import pytest

from codesign.sweep.point import Row, dominates, front, losses


@pytest.mark.parametrize("per", ["", "board"])
@pytest.mark.parametrize("objectives", [("accuracy",), ("accuracy", "lut"), ("accuracy", "lut", "latency_us")])
@pytest.mark.parametrize("levels", [3, 10**6])
def test_the_front_is_what_no_other_dominates(per: str, objectives: tuple[str, ...], levels: int) -> None:
    """With few levels there are many equal values, and equal points."""
    random, rows = Random(levels), []
    for slot in range(150):
        figures = {name: random.randrange(levels) / levels for name in ("accuracy", "lut", "latency_us")}
        stopped = "too slow" if random.random() < 0.2 else ""
        rows.append(Row({"board": random.choice("ab")}, figures, {}, "model", stopped, slot=slot))

    def rival(a: Row, b: Row) -> bool:
        return not a.stopped and (not per or a.point[per] == b.point[per])

    expected = [
        row
        for row in rows
        if not row.stopped
        and not any(
            rival(other, row) and dominates(losses(other, objectives), losses(row, objectives)) for other in rows
        )
    ]
    assert front(rows, objectives, per) == expected and 0 < len(expected) < 150


def test_no_rows_no_front() -> None:
    assert front([], ("accuracy",)) == []
