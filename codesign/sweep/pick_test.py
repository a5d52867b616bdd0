"""The choice of a design, and the sentence for where none meets what is asked for."""

from __future__ import annotations

import pytest

from codesign.errors import UserError
from codesign.sweep.figures import FIGURES
from codesign.sweep.pick import Wanted, choose
from codesign.sweep.point import Row
from codesign.sweep.quantity import parse
from codesign.sweep.study import Constraint, Range, Study
from codesign.sweep.unmet import unmet

STUDY = Study(
    "bits",
    "skeleton-tiny",
    {"board": Range(("pynq_z2", "ulx3s")), "target_fps": Range((1, 2))},
    ("accuracy", "latency_us", "lut"),
    constraints=(Constraint("fps", True, 1000),),
)


def row(slot: int, accuracy: float, latency: float, lut: float, fps: float = 2000, **more: object) -> Row:
    """A judged point: on the board ulx3s where its slot is odd."""
    figures = {"accuracy": accuracy, "latency_us": latency, "lut": lut, "fps": fps, "share": 0.5}
    point = {"board": "ulx3s" if slot % 2 else "pynq_z2", "target_fps": 1}
    return Row(point, figures, {}, **{"stage": "model", **more}, slot=slot)  # type: ignore[arg-type]


ROWS = [
    row(0, 0.90, 300, 5_000),
    row(1, 0.95, 800, 9_000),
    row(2, 0.97, 900, 9_500),
    row(3, 0.97, 900, 8_000),
    row(4, 0.99, 4_000, 9_000),
    row(5, 1.00, 100, 1_000, fps=500),  # misses the study's own constraint
    row(6, 1.00, 100, 1_000, stopped="point 3 is better"),
]
LATENCY, ACCURACY = Constraint("latency_us", False, 1000), Constraint("accuracy", True, 0.95)


def test_the_best_by_the_first_objective_without_a_limit() -> None:
    chosen = choose(STUDY, ROWS, Wanted((LATENCY,)))
    assert chosen.row.slot == 3  # 2 is as accurate and as fast, and larger
    assert chosen.why == (
        "Point 3 has the highest accuracy, 0.97, of the 4 points that meet latency_us <= 1000, fps >= 1000."
    )
    assert choose(STUDY, ROWS, Wanted((LATENCY, ACCURACY))).row.slot == 3  # the smallest
    assert choose(STUDY, ROWS, Wanted((ACCURACY,))).row.slot == 1  # the fastest
    assert choose(STUDY, ROWS, Wanted()).row.slot == 4
    everything = (LATENCY, ACCURACY, Constraint("lut", False, 9_000))
    assert choose(STUDY, ROWS, Wanted(everything)).row.slot == 3  # by the first where all have a limit


def test_by_a_figure_on_a_board_or_by_number() -> None:
    assert choose(STUDY, ROWS, Wanted(by="lut")).row.slot == 0
    assert choose(STUDY, ROWS, Wanted(by="lut", board="ulx3s")).row.slot == 3
    assert choose(STUDY, ROWS, Wanted(slot=2)).row.slot == 2
    missing = choose(STUDY, ROWS, Wanted((Constraint("lut", False, 9_000),), slot=2))
    assert missing.why == "Point 2 was asked for. It misses lut <= 9000 by 5.56 %."
    for wanted, sentence in (
        (Wanted(by="luts"), r"no figure 'luts'.*did you mean lut\?"),
        (Wanted(by="macs"), "figure macs is not known of point 0: choose by another"),
        (Wanted(by="test_accuracy"), "test_accuracy is of the test half, which nothing is chosen by"),
        (
            Wanted((Constraint("macs", False, 1e9),)),
            r"meets all that is asked for: macs <= 1e\+09 is not known of any\.$",
        ),
        (Wanted(slot=2, board="ulx3s"), "Point 2 is on pynq_z2, not on ulx3s"),
        (Wanted(board="zcu104"), "study bits has no point on zcu104"),
        (Wanted(slot=9), "study bits has no judged point 9"),
        (Wanted(slot=6), "Point 6 went no further than the stage model: point 3 is better"),
    ):
        with pytest.raises(UserError, match=sentence):
            choose(STUDY, ROWS, wanted)


def test_where_none_meets_the_limits_the_nearest_is_named() -> None:
    limits = (Constraint("latency_us", False, 200), Constraint("accuracy", True, 0.98))
    with pytest.raises(UserError) as refused:
        choose(STUDY, ROWS, Wanted(limits))
    assert str(refused.value) == (
        "None of the 5 points meets all that is asked for: "
        "latency_us <= 200 is missed by 5, by 1 of them alone (best: 300 µs); "
        "accuracy >= 0.98 is missed by 4 (best: 0.99). "
        "The nearest is point 0, which misses latency_us <= 200 by 50 % (it has 300 µs), accuracy >= 0.98 by 8.16 % "
        "(it has 0.9)."
    )


def test_a_study_that_nothing_meets_says_what_kills_how_many() -> None:
    rows = [
        row(0, 0.9, 1, 1, fps=10),
        row(1, 0.9, 1, 1, fps=800, violations={"fps >= 1000": 0.2}, stopped="it misses fps"),
        Row({}, {"fps": 1200, "share": 1.5}, {}, "estimate", "does not fit", {"fits the board": 0.5}, slot=2),
        Row({}, {"fps": 90, "share": 2.5}, {}, "estimate", "does not fit", {"fits the board": 1.5}, slot=3),
        row(4, 0.9, 1, 1, stopped="another is better"),
        Row({}, {}, {}, "estimate", "its worker was killed", slot=5),
    ]
    assert unmet(STUDY, rows) == (
        "None of the 6 points meets all that is asked for: "
        "fps >= 1000 is missed by 3 of 5 that got so far, by 2 of them alone (best: 2,000 frames/s); "
        "2 do not fit the board, by 1 of them alone (the smallest takes 50 % of its scarcest resource); "
        "2 met what is known of them and were stopped for another reason."
    )
    with pytest.raises(UserError, match="None of the 6 points"):
        choose(STUDY, rows, Wanted((LATENCY,)))
    untrained = [Row({}, {"fps": 2000}, {}, "estimate", "", slot=0)]
    assert "accuracy >= 0.95 is not known of any" in unmet(STUDY, untrained, (ACCURACY,))
    assert unmet(STUDY, []) == "No point of the study bits has been judged yet."


def test_limits_that_fight_each_other() -> None:
    """Each is met by some point, and both by none."""
    limits = (Constraint("latency_us", False, 300), Constraint("accuracy", True, 0.99))
    text = unmet(STUDY, ROWS[:5], limits)
    assert "latency_us <= 300 is missed by 4, by 1 of them alone (best: 300 µs)" in text
    assert "accuracy >= 0.99 is missed by 4, by 1 of them alone (best: 0.99)" in text


@pytest.mark.parametrize(
    ("text", "figure", "value"),
    [
        ("1ms", "latency_us", 1000),
        ("200us", "latency_us", 200),
        ("200 µs", "latency_us", 200),
        ("0.5s", "latency_us", 500_000),
        ("350ns", "latency_us", 0.35),
        ("250", "latency_us", 250),
        ("95%", "accuracy", 0.95),
        ("0.95", "accuracy", 0.95),
        ("20k", "lut", 20_000),
        ("20000 LUT", "lut", 20_000),
        ("1e4", "fps", 10_000),
        ("2mJ", "energy_uj", 2000),
        ("1.5 Mbit", "weight_kbit", 1500),
    ],
)
def test_quantities(text: str, figure: str, value: float) -> None:
    assert parse(text, FIGURES[figure]) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "figure"), [("fast", "latency_us"), ("1mJ", "latency_us"), ("1..2", "lut"), ("5 %", "lut"), ("", "lut")]
)
def test_no_quantities(text: str, figure: str) -> None:
    with pytest.raises(UserError, match=f"{text!r} is no {figure}: give a number, with one of the units"):
        parse(text, FIGURES[figure])
