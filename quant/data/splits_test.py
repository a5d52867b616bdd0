"""Splits: halves that share nothing, or a refusal."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.sequences import Sequences
from quant.data.splits import by, by_subject, leave_one_out, leave_one_subject_out


def people(*subjects: int) -> Sequences:
    n = len(subjects)
    return Sequences((np.ones((2, 20, 3), np.float32),) * n, np.zeros(n, np.int64), np.array(subjects), ("walk",))


def test_halves_are_those_of_the_subjects() -> None:
    split = by_subject(people(3, 1, 2, 1, 5), [1, 5], [2])
    assert split.train.tolist() == [1, 3, 4]
    assert split.test.tolist() == [2]
    assert split.by == "subject"


def test_shared_and_missing_subjects_are_refused() -> None:
    with pytest.raises(UserError, match="Subject 2 is both a training and a test subject: a split must be by subject"):
        by_subject(people(1, 2), [1, 2], [2])
    with pytest.raises(UserError, match=r"No sequence belongs to the test subjects \[4, 9\] of a split"):
        by_subject(people(1, 2), [1, 2], [9, 4])


def test_by_camera_says_camera() -> None:
    with pytest.raises(UserError, match=r"No sequence belongs to the training cameras \[2, 3\]"):
        by(np.array([1, 1]), (2, 3), (1,), "camera")


def test_leave_one_subject_out() -> None:
    splits = leave_one_subject_out(people(4, 2, 4, 7))
    assert [s.test.tolist() for s in splits] == [[1], [0, 2], [3]]
    assert [s.train.tolist() for s in splits] == [[0, 2, 3], [1, 3], [0, 1, 2]]
    with pytest.raises(UserError, match="No sequence belongs to the training subjects"):
        leave_one_subject_out(people(4, 4))


def test_leave_one_out() -> None:
    splits = leave_one_out(people(1, 1, 2))
    assert [(s.train.tolist(), s.test.tolist()) for s in splits] == [([1, 2], [0]), ([0, 2], [1]), ([0, 1], [2])]
    assert {s.by for s in splits} == {"sequence"}, "subjects are in both halves"
    with pytest.raises(UserError, match="There are 1 sequences"):
        leave_one_out(people(1))
