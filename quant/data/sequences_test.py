"""Bad sequences and labels are refused, each in one sentence that names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.layouts import FLORENCE15, KINECT1, KINECT2
from quant.data.sequences import LONGEST, Sequences, check_sequence, seen


def three(**changes: Any) -> Sequences:
    random = np.random.default_rng(0)
    arguments: dict[str, Any] = {
        "frames": tuple(random.normal(size=(4, 15, 3)).astype(np.float32) for _ in range(3)),
        "labels": np.array([2, 0, 2]),
        "subjects": np.array([1, 2, 3]),
        "classes": ("wave", "clap", "bow"),
        "layout": FLORENCE15,
        "names": ("one", "two", "three"),
    }
    return Sequences(**(arguments | changes))


def at(value: float, frame: int, joint: int, axis: int, shape: tuple[int, ...] = (4, 15, 3)) -> np.ndarray:
    sequence = np.ones(shape, np.float32)
    sequence[frame, joint, axis] = value
    return sequence


GOOD = np.ones((4, 15, 3), np.float32)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (at(np.nan, 2, 14, 1), r"two, frame 2, joint ankle_right is not finite: repair or drop that sequence\."),
        (at(-np.inf, 0, 0, 0), "two, frame 0, joint head is not finite"),
        (np.ones((4, 14, 3)), "two has 14 joints; the layout florence15 has 15: head, neck, spine"),
        (np.ones((4, 20, 3)), "two has 20 joints; the layout florence15 has 15"),
        (np.ones((4, 45)), r"two has shape \[4, 45\]; it must be \[frames, 15, 3\]"),
        (np.ones((0, 15, 3)), "two is empty; it must have at least one frame"),
        (np.ones((LONGEST + 1, 15, 3)), "two has 10001 frames, more than 10000: it is no single action"),
        (np.zeros((4, 15, 3)), "two shows no body: all coordinates of all frames are zero"),
    ],
)
def test_bad_sequences_are_named(bad: np.ndarray, says: str) -> None:
    with pytest.raises(UserError, match=says) as error:
        three(frames=(GOOD, bad, GOOD))
    assert str(error.value).count("\n") == 0


def test_longest_is_taken() -> None:
    check_sequence(np.ones((LONGEST, 20, 3)), "It", KINECT1)


def test_second_body_is_named() -> None:
    with pytest.raises(UserError, match="It, frame 1, body 1, joint neck is not finite"):
        check_sequence(at(np.nan, 1, 27, 2, (2, 50, 3)), "It", KINECT2, bodies=2)
    with pytest.raises(UserError, match=r"It has 25 joints; the layout kinect2 has 50 \(2 bodies\)"):
        check_sequence(np.ones((2, 25, 3)), "It", KINECT2, bodies=2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"labels": np.array([0, 1, 3])}, r"Labels run from 0 to 3, but there are 3 classes \(0-based\)"),
        ({"labels": np.array([-1, 1, 2])}, "Labels run from -1 to 2"),
        ({"labels": np.array([0, 1])}, "There are 3 sequences but 2 labels"),
        ({"subjects": np.array([0, 1, 2, 3])}, "There are 3 sequences but 4 subjects"),
        ({"names": ("one",)}, "There are 3 sequences but 1 names"),
        ({"layout": KINECT2}, "one has 15 joints; the layout kinect2 has 25"),
        ({"frames": (), "labels": np.array([]), "subjects": np.array([]), "names": ()}, "There are no sequences"),
        ({"labels": np.array([0.5, 1.0, 2.0])}, "labels must be whole numbers, not float64"),
    ],
)
def test_labels_must_match(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        three(**changes)


def test_unnamed_sequences_have_numbers() -> None:
    with pytest.raises(UserError, match="Sequence 1 is empty"):
        three(frames=(GOOD, GOOD[:0], GOOD), names=())


def test_only_keeps_classes_that_are_left() -> None:
    data = three()
    some = data.only(np.array([2, 1]))
    assert some.classes == ("wave", "bow")
    assert some.labels.tolist() == [1, 0]
    assert some.subjects.tolist() == [3, 2]
    assert some.names == ("three", "two")
    assert some.layout is FLORENCE15
    assert some.frames[0] is data.frames[2]


def test_seen_tells_bodies_apart() -> None:
    sequence = np.ones((3, 50, 3))
    sequence[1] = 0
    sequence[2, 25:] = 0
    assert seen(sequence, 2).tolist() == [[True, True], [False, False], [True, False]]
