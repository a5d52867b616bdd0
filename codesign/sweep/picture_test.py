"""The picture of a front: what is on it, against fronts found here."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from codesign.sweep import madeup, picture
from codesign.sweep.point import Row

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("x", ["latency_us", "fps"])
@pytest.mark.parametrize("y", ["accuracy", "lut"])
def test_stairs_are_all_that_is_best_in_two_figures(x: str, y: str) -> None:
    rows = madeup.rows(madeup.study(), 300, seed=3)
    up = {"latency_us": -1, "fps": 1, "accuracy": 1, "lut": -1}
    good = [row for row in rows if not row.stopped and not row.violations]

    def better(a: Row, b: Row) -> bool:
        gains = [up[name] * (a.figures[name] - b.figures[name]) for name in (x, y)]
        return min(gains) >= 0 and max(gains) > 0

    expected = {row.slot for row in good if not any(better(other, row) for other in good)}
    found = picture.stairs(rows, x, y)
    assert {row.slot for row in found} == expected and len(expected) > 3
    assert all(a.figures[x] < b.figures[x] for a, b in pairwise(found))


def test_a_panel_for_each_pair_with_what_is_paid_along_the_bottom() -> None:
    rows = madeup.rows(madeup.study(), 20)
    assert list(picture.pairs_of(("accuracy", "lut", "fps"), rows)) == [
        ("lut", "accuracy"),
        ("accuracy", "fps"),
        ("lut", "fps"),
    ]
    assert list(picture.pairs_of(("accuracy",), rows)) == [("latency_us", "accuracy")]
    assert list(picture.pairs_of(("error",), [])) == [("error", "error")]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    study = replace(madeup.study("50 % of $x$ & <bits>", per="board"), objectives=("accuracy", "energy_uj"))
    rows = madeup.rows(study, 150)
    for name in ("front.png", "front.svg"):
        picture.write(tmp_path / name, study, rows)
        first = (tmp_path / name).read_bytes()
        picture.write(tmp_path / name, study, rows)
        assert (tmp_path / name).read_bytes() == first
    assert (tmp_path / "front.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["front.png", "front.svg"]


def test_every_point_has_its_mark(tmp_path: Path) -> None:
    """Marks counted in the SVG, where each is a <use> of its shape."""
    study = replace(madeup.study(), objectives=("latency_us", "lut"))
    rows = madeup.rows(study, 120)
    picture.write(tmp_path / "front.svg", study, rows)
    panel = next(
        group for group in ElementTree.parse(tmp_path / "front.svg").iter(f"{SVG}g") if group.get("id") == "axes_1"
    )
    clouds = [g for g in panel.iter(f"{SVG}g") if g.get("id", "").startswith("PathCollection")]
    counts = [sum(1 for _ in cloud.iter(f"{SVG}use")) for cloud in clouds]
    good = [row for row in rows if not row.stopped and not row.violations]
    best = [
        a
        for a in good
        if not any(
            b.figures["lut"] <= a.figures["lut"] and b.figures["latency_us"] <= a.figures["latency_us"] and a is not b
            for b in good
        )
    ]
    measured = sum(row.sources["latency_us"] == row.sources["lut"] == "measured (RTL)" for row in best)
    modelled = sum("model" in (row.sources["latency_us"], row.sources["lut"]) for row in best)
    estimated = len(best) - measured - modelled
    assert modelled and estimated
    expected = [120 - len(good), len(good) - len(best), measured, estimated, modelled]
    assert counts == expected


def test_no_feasible_point_and_no_point_at_all(tmp_path: Path) -> None:
    study = madeup.study(per="board")
    stopped = [row for row in madeup.rows(study, 40) if row.stopped]
    for rows in ([], stopped):
        picture.write(tmp_path / "front.png", study, rows)
        assert (tmp_path / "front.png").stat().st_size > 5000
