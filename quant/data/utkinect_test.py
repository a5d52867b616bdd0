"""The UTKinect reader, on small data sets that the test writes in the published and in the packed form."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from codesign.errors import UserError
from quant.data import utkinect
from quant.data.datasets import open_dataset

LABELS = """s01_e01
walk: 10 13
sitDown: 14 18
s01_e02
walk: 3 4
carry:  NaN NaN
s02_e01
push: 5 9 """
RECORDINGS = {"s01_e01": range(8, 21), "s01_e02": range(1, 5), "s02_e01": range(2, 12)}


def coordinates(recording: str) -> np.ndarray:
    return np.random.default_rng(int(recording[1:3] + recording[-2:])).normal(size=(30, 20, 3)).round(6)


def publish(folder: Path, labels: str = LABELS, name: str = "actionLabel.txt") -> Path:
    """joints_sXX_eYY.txt: the frame's number and 60 coordinates; every third frame twice, as the real ones have it."""
    for recording, numbers in RECORDINGS.items():
        at = [n for n in numbers for _ in range(1 + (n % 3 == 0))]
        lines = [f"{n}   {'  '.join(f'{v:.6f}' for v in coordinates(recording)[n].ravel())} \r\n" for n in at]
        (folder / f"joints_{recording}.txt").write_text("".join(lines))
    (folder / name).write_text(labels)
    return folder


def check(folder: Path) -> None:
    data = utkinect.read(folder)
    expected = [("s01_e01", 10, 13), ("s01_e01", 14, 18), ("s01_e02", 3, 4), ("s02_e01", 5, 9)]
    assert len(data) == len(expected)
    for frames, (recording, first, last) in zip(data.frames, expected, strict=True):
        np.testing.assert_array_equal(frames, coordinates(recording)[first : last + 1].astype(np.float32))
    assert data.labels.tolist() == [0, 1, 0, 6]
    assert data.subjects.tolist() == [1, 1, 1, 2]
    assert data.classes == utkinect.CLASSES
    assert data.name(1) == "joints_s01_e01.txt, sitDown"


def test_published_form_in_the_open(tmp_path: Path) -> None:
    check(publish(tmp_path))


def test_published_form_in_joints_with_the_labels_above(tmp_path: Path) -> None:
    (tmp_path / "joints").mkdir()
    publish(tmp_path / "joints")
    (tmp_path / "joints" / "actionLabel.txt").rename(tmp_path / "actionLabel.txt")
    check(tmp_path)


def test_published_form_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    publish(tmp_path / "plain")
    (tmp_path / "set").mkdir()
    with zipfile.ZipFile(tmp_path / "set" / "joints.zip", "w") as archive:
        for path in (tmp_path / "plain").iterdir():
            archive.write(path, f"joints/{path.name}")
    check(tmp_path / "set")


def test_corrected_labels_win(tmp_path: Path) -> None:
    publish(tmp_path, labels=LABELS.replace("10 13", "9 9"))
    publish(tmp_path, name="actionLabel_modified.txt")
    check(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("push: 5 9", "push: 5 19", r"joints_s02_e01\.txt in .* doesn't reach frame 19, the end of 'push'"),
        ("sitDown:", "sitdown:", "has the line 'sitdown: 14 18'; it must be 'ACTION: FIRST LAST' with one of walk"),
        ("10 13", "10 thirteen", "has the line 'walk: 10 thirteen'"),
        ("s02_e01", "s03_e01", r"joints_s03_e01\.txt is missing"),
        ("s01_e01\n", "", "has the line 'walk: 10 13'"),
    ],
)
def test_labels_that_do_not_match_are_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        utkinect.read(publish(tmp_path, LABELS.replace(old, new)))


def test_recordings_without_labels_are_refused(tmp_path: Path) -> None:
    (publish(tmp_path) / "actionLabel.txt").unlink()
    with pytest.raises(UserError, match=r"There is no actionLabel\.txt beside the recordings"):
        utkinect.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text[: len(text) // 2], r"joints_s01_e01\.txt must hold 61 numbers a line"),
        (lambda text: "", r"joints_s01_e01\.txt in .* doesn't reach frame 13"),
        (lambda text: text.replace("\n11 ", "\n11 0.5 "), "must hold 61 numbers a line"),
    ],
)
def test_damaged_recordings_are_refused(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    path = publish(tmp_path) / "joints_s01_e01.txt"
    path.write_text(change(path.read_text()))
    with pytest.raises(UserError, match=says):
        utkinect.read(tmp_path)


def test_nan_is_named_with_file_frame_and_joint(tmp_path: Path) -> None:
    path = publish(tmp_path) / "joints_s01_e01.txt"
    value = f"{coordinates('s01_e01')[11, 3, 2]:.6f}"  # the action's second frame
    assert path.read_text().count(value) == 1
    path.write_text(path.read_text().replace(value, "NaN"))
    with pytest.raises(UserError, match=r"joints_s01_e01\.txt, walk, frame 1, joint head is not finite"):
        utkinect.read(tmp_path)


def pack(folder: Path) -> Path:
    lengths, subjects = [3, 5, 2, 4], [1, 1, 2, 3]
    x = np.random.default_rng(0).normal(size=(sum(lengths), 20, 3)).astype(np.float32)
    offsets = np.cumsum([0, *lengths])
    np.savez(
        folder / "utkinect.npz",
        x=x,
        offsets=offsets,
        label=[0, 1, 0, 1],
        subject=subjects,
        class_names=["walk", "push"],
    )
    savemat(folder / "tr_te_splits.mat", {"tr_subjects": [[1, 3]] * 2, "te_subjects": [[2]] * 2})
    return folder


def test_packed_form(tmp_path: Path) -> None:
    data = open_dataset(pack(tmp_path))
    assert data.sequences.classes == ("walk", "push")
    assert [len(frames) for frames in data.sequences.frames] == [3, 5, 2, 4]
    assert data.protocol == "ten-splits"
    assert [(s.train.tolist(), s.test.tolist()) for s in data.splits] == [([0, 1, 3], [2])] * 2


def test_leave_one_out(tmp_path: Path) -> None:
    data = open_dataset(pack(tmp_path), "leave-one-out")
    assert [s.test.tolist() for s in data.splits] == [[0], [1], [2], [3]]


def test_published_splits_are_halves_of_ten_subjects() -> None:
    """As Vemulapalli et al. use them: ten different ones, five subjects to train."""
    rows = [tuple(map(int, row.split())) for row in utkinect.TEN_SPLITS]
    assert len(set(rows)) == 10
    assert all(len(set(row)) == 5 and set(row) <= set(range(1, 11)) for row in rows)
