"""The UTKinect reader, on a small data set that the test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from codesign.errors import UserError
from quant.data import utkinect


def arrays() -> dict[str, Any]:
    lengths = [3, 5, 2, 4]
    return {
        "x": np.random.default_rng(0).normal(size=(sum(lengths), 20, 3)).astype(np.float32),
        "offsets": np.cumsum([0, *lengths]).astype(np.int32),
        "label": np.array([0, 1, 0, 1], np.int16),
        "subject": np.array([1, 1, 2, 3], np.int16),
        "class_names": np.array(["walk", "push"]),
    }


def write(folder: Path, train: tuple[int, ...] = (1, 3), test: tuple[int, ...] = (2,), **changes: Any) -> Path:
    np.savez(folder / "utkinect.npz", **(arrays() | changes))
    savemat(folder / "tr_te_splits.mat", {"tr_subjects": [list(train)] * 2, "te_subjects": [list(test)] * 2})
    return folder


def test_reads_what_was_written(tmp_path: Path) -> None:
    data = utkinect.read(write(tmp_path))
    assert len(data) == 4
    assert data.classes == ("walk", "push")
    np.testing.assert_array_equal(data.frames[1], arrays()["x"][3:8])
    assert data.subjects.tolist() == [1, 1, 2, 3]


def test_parent_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "utkinect_action3d").mkdir()
    write(tmp_path / "utkinect_action3d")
    data = utkinect.read(tmp_path)
    assert len(utkinect.splits(tmp_path, data)) == 2


def test_splits_share_no_subject(tmp_path: Path) -> None:
    data = utkinect.read(write(tmp_path))
    for split in utkinect.splits(tmp_path, data):
        assert not set(data.subjects[split.train]) & set(data.subjects[split.test])
        assert sorted([*split.train, *split.test]) == [0, 1, 2, 3]


def test_subject_on_both_sides_is_refused(tmp_path: Path) -> None:
    data = utkinect.read(write(tmp_path, train=(1, 2)))
    with pytest.raises(UserError, match="Subject 2 is both"):
        utkinect.splits(tmp_path, data)


def test_half_without_sequences_is_refused(tmp_path: Path) -> None:
    data = utkinect.read(write(tmp_path, test=(9,)))
    with pytest.raises(UserError, match=r"No sequence belongs to the test subjects \[9\]"):
        utkinect.splits(tmp_path, data)


def test_missing_folder_and_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere does not exist"):
        utkinect.read(tmp_path / "nowhere")
    with pytest.raises(UserError, match="hold no data set that is known"):
        utkinect.read(tmp_path)


def with_nan() -> np.ndarray:
    x = arrays()["x"].copy()
    x[4, 3, 1] = np.nan
    return x


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"x": with_nan()}, "Sequence 1, frame 1, joint head is not finite"),
        ({"x": np.zeros((14, 15, 3), np.float32)}, "has 15 joints"),
        ({"offsets": np.array([0, 3, 3, 10, 14])}, "Sequence 1 is empty"),
        ({"offsets": np.array([0, 3, 8, 10, 99])}, "offsets must rise from 0 to the 14 frames"),
        ({"offsets": np.array([0, 8, 3, 10, 14])}, "offsets must rise"),
        ({"label": np.array([0, 1, 0, 2])}, "Labels run from 0 to 2, but there are 2 classes"),
        ({"label": np.array([0, 1, 0])}, "4 sequences but 3 labels"),
        ({"subject": np.array([1, 1])}, "4 sequences but 2 subjects"),
    ],
)
def test_bad_contents_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        utkinect.read(write(tmp_path, **changes))


def test_missing_array_is_named(tmp_path: Path) -> None:
    content = arrays()
    del content["subject"]
    np.savez(tmp_path / "utkinect.npz", **content)
    with pytest.raises(UserError, match=r"lacks the array\(s\) subject"):
        utkinect.read(tmp_path)


@pytest.mark.parametrize("keep", [0, 10, 1000, 3000])
def test_truncated_files_are_refused(tmp_path: Path, keep: int) -> None:
    file = write(tmp_path) / "utkinect.npz"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(UserError, match="is truncated or corrupt"):
        utkinect.read(tmp_path)


def test_broken_split_file_is_refused(tmp_path: Path) -> None:
    data = utkinect.read(write(tmp_path))
    (tmp_path / "tr_te_splits.mat").write_bytes(b"not a matlab file at all, but long enough to look at" * 10)
    with pytest.raises(UserError, match="is truncated or no MATLAB file"):
        utkinect.splits(tmp_path, data)
