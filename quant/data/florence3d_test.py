"""The Florence 3D reader, on small data sets that the test writes in its three forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from codesign.errors import UserError
from quant.data import florence3d
from quant.data.datasets import open_dataset
from quant.data.layouts import FLORENCE15

ABOUT = [(1, 3), (1, 5), (2, 3), (3, 9), (4, 9), (5, 1), (6, 2)]  # subject, action
LENGTHS = (3, 4, 2, 5, 3, 1, 2)


def sequences() -> list[np.ndarray]:
    """[frames, 15, 3] metres, x, y, z, of bodies that stand."""
    random = np.random.default_rng(0)
    heights = np.array([1.7, 1.5, 1.2, *[1.4, 1.1, 0.9] * 2, *[0.9, 0.5, 0.1] * 2])
    bodies = [random.normal(0, 0.1, (length, 15, 3)) + np.array([0.0, 0.0, 2.5]) for length in LENGTHS]
    for body in bodies:
        body[..., 1] += heights
    return [body.round(6) for body in bodies]


def write_text(folder: Path) -> Path:
    lines = [
        f"{number} {subject} {action} {' '.join(f'{1000 * v:.3f}' for v in frame.ravel())} \n"
        for number, (body, (subject, action)) in enumerate(zip(sequences(), ABOUT, strict=True), 1)
        for frame in body
    ]
    (folder / florence3d.TEXT).write_text("".join(lines))
    return folder


def write_matlab(folder: Path, **changes: Any) -> Path:
    cells = np.empty((len(ABOUT), 1), object)
    for i, (body, (subject, action)) in enumerate(zip(sequences(), ABOUT, strict=True)):
        moved = body[..., [0, 2, 1]].transpose(2, 1, 0)  # x, depth, height
        cells[i, 0] = {"original_skeletal_data": moved, "subject": subject, "action": action} | changes
    savemat(folder / florence3d.MAT, {"skeletal_data": cells})
    return folder


def write_packed(folder: Path) -> Path:
    np.savez(
        folder / florence3d.NPZ,
        x=np.concatenate(sequences())[..., [0, 2, 1]].astype(np.float32),
        offsets=np.cumsum([0, *LENGTHS]),
        label=[action - 1 for _, action in ABOUT],
        subject=[subject for subject, _ in ABOUT],
        class_names=florence3d.CLASSES,
    )
    return folder


@pytest.mark.parametrize("write", [write_text, write_matlab, write_packed])
def test_three_forms_of_the_same(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    data = open_dataset(write(tmp_path), "leave-one-subject-out")
    assert data.key == "florence3d"
    assert data.sequences.layout is FLORENCE15
    assert data.sequences.labels.tolist() == [action - 1 for _, action in ABOUT]
    assert data.sequences.subjects.tolist() == [subject for subject, _ in ABOUT]
    assert data.sequences.classes == florence3d.CLASSES
    for got, expected in zip(data.sequences.frames, sequences(), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)
        assert got.dtype == np.float32
    assert [split.test.tolist() for split in data.splits] == [[0, 1], [2], [3], [4], [5], [6]]


def test_ten_splits(tmp_path: Path) -> None:
    data = open_dataset(write_text(tmp_path))
    assert data.protocol == "ten-splits"
    assert len(data.splits) == 10
    assert sorted(set(data.sequences.subjects[data.splits[0].train])) == [3, 4, 5, 6]
    assert sorted(set(data.sequences.subjects[data.splits[0].test])) == [1, 2]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text[:-30], "must hold 48 numbers a line"),
        (lambda text: "\n".join(" ".join(line.split()[:45]) for line in text.splitlines()), "has 45 numbers a line"),
        (lambda text: text.replace("\n1 1 3 ", "\n1 2 3 ", 1), "Sequence 1 in .* has more than one subject or action"),
        (lambda text: text.replace("4 3 9 ", "4 3 10 "), "Labels run from 0 to 9, but there are 9 classes"),
        (lambda text: "", "is empty: copy it again"),
        (lambda text: text.replace("4 3 9 ", "4 nan 9 "), r"Line \d+ of .* must begin with whole numbers"),
        (lambda text: text.replace("4 3 9 ", "4 1.5 9 "), r"Line \d+ of .* must begin with whole numbers"),
        (
            lambda text: "\n".join(
                " ".join([*line.split()[:3], *(str(float(v) / 1000) for v in line.split()[3:])])
                for line in text.splitlines()
            ),
            r"heads are 0\.00\d+ m above ankles: coordinates must be x, height, depth in millimetres",
        ),
    ],
)
def test_damaged_texts_are_refused(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    path = write_text(tmp_path) / florence3d.TEXT
    path.write_text(change(path.read_text()))
    with pytest.raises(UserError, match=says):
        florence3d.read(tmp_path)


def test_nan_is_named(tmp_path: Path) -> None:
    path = write_text(tmp_path) / florence3d.TEXT
    lines = [line.split() for line in path.read_text().splitlines()]
    lines[5][3 + 3 * 9] = "nan"
    path.write_text("\n".join(" ".join(line) for line in lines))
    with pytest.raises(UserError, match="Sequence 2, frame 2, joint hip_left is not finite"):
        florence3d.read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"original_skeletal_data": np.ones((3, 20, 4))}, "Sequence 1 has 20 joints; the layout florence15 has 15"),
        ({"original_skeletal_data": np.ones((3, 15))}, "must hold skeletal_data|has shape"),
        ({"action": 12}, "Labels run from 11 to 11, but there are 9 classes"),
        ({"action": [1, 2]}, "must hold skeletal_data with original_skeletal_data, subject and action"),
    ],
)
def test_other_contents_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        florence3d.read(write_matlab(tmp_path, **changes))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_truncated_matlab_file_is_refused(tmp_path: Path, share: float) -> None:
    path = write_matlab(tmp_path) / florence3d.MAT
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(UserError, match="is truncated or no MATLAB file"):
        florence3d.read(tmp_path)


def test_foreign_matlab_file_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / florence3d.MAT, {"skeletal_data": np.ones((4, 4))})
    with pytest.raises(UserError, match="must hold skeletal_data with original_skeletal_data"):
        florence3d.read(tmp_path)
