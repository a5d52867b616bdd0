"""The MSR Action3D reader, on small data sets that the test writes in the published and in the packed form."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data import msr_action3d
from quant.data.datasets import open_dataset
from quant.data.layouts import KINECT1

NAMES = tuple(f"a{action:02}_s{subject:02}_e01" for action in (1, 2, 6, 10, 20) for subject in (1, 2, 9, 10))
# Joint numbers (from 1) of the published files, as the authors' drawskt.m connects them.
PUBLISHED = {
    1: "shoulder_left", 2: "shoulder_right", 3: "shoulder_center", 4: "spine", 5: "hip_left", 6: "hip_right",
    7: "hip_center", 8: "elbow_left", 9: "elbow_right", 10: "wrist_left", 11: "wrist_right", 12: "hand_left",
    13: "hand_right", 14: "knee_left", 15: "knee_right", 16: "ankle_left", 17: "ankle_right", 18: "foot_left",
    19: "foot_right", 20: "head",
}  # fmt: skip


def coordinates(name: str, frames: int = 3) -> np.ndarray:
    """[frames, 20, 3] in the published order of joints."""
    return np.random.default_rng(int(name[1:3] + name[5:7] + name[9:11])).normal(size=(frames, 20, 3)).round(6)


def publish(folder: Path, names: tuple[str, ...] = NAMES) -> Path:
    for name in names:
        lines = [f"{x:.6f} {y:.6f} {z:.6f} 1.000000\n" for x, y, z in coordinates(name).reshape(-1, 3)]
        (folder / f"{name}_skeleton3D.txt").write_text("".join(lines))
    return folder


def test_published_form(tmp_path: Path) -> None:
    data = open_dataset(publish(tmp_path))
    assert data.key == "msr-action3d"
    assert data.sequences.names == NAMES
    assert data.sequences.layout is KINECT1
    for name, frames in zip(NAMES, data.sequences.frames, strict=True):
        expected = coordinates(name).astype(np.float32)
        for number, joint in PUBLISHED.items():
            np.testing.assert_array_equal(frames[:, KINECT1.index[joint]], expected[:, number - 1])
    assert data.sequences.labels.tolist() == [int(name[1:3]) - 1 for name in NAMES]
    assert data.sequences.subjects.tolist() == [1, 2, 9, 10] * 5


def test_archive_of_the_published_form(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    publish(tmp_path / "plain")
    (tmp_path / "set").mkdir()
    with zipfile.ZipFile(tmp_path / "set" / "MSRAction3DSkeletonReal3D.zip", "w") as archive:
        for path in sorted((tmp_path / "plain").iterdir()):
            archive.write(path, f"MSRAction3DSkeletonReal3D/{path.name}")
    assert msr_action3d.read(tmp_path / "set").names == NAMES


def test_ten_bad_sequences_are_left_out_whatever_they_hold(tmp_path: Path) -> None:
    """a13_s09_e02 is nothing but zeros in the published files; all else of that kind is refused."""
    publish(tmp_path)
    zeros = "0 0 0 0\n" * 60
    (tmp_path / "a13_s09_e02_skeleton3D.txt").write_text(zeros)
    assert open_dataset(tmp_path).sequences.names == NAMES
    assert len(set(msr_action3d.UNUSED)) == 10
    (tmp_path / "a13_s09_e04_skeleton3D.txt").write_text(zeros)
    with pytest.raises(UserError, match="a13_s09_e04 shows no body: all coordinates of all frames are zero"):
        open_dataset(tmp_path)


def test_lost_frames_are_counted_in_the_source(tmp_path: Path) -> None:
    path = publish(tmp_path) / f"{NAMES[0]}_skeleton3D.txt"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:20], "0 0 0 0\n" * 20, *lines[40:]]))
    assert "20 sequences, 1 of which has frames without a body" in open_dataset(tmp_path).source


def test_cross_subject_trains_on_the_odd_subjects(tmp_path: Path) -> None:
    (split,) = open_dataset(publish(tmp_path)).splits
    assert [NAMES[i][4:7] for i in split.train] == ["s01", "s09"] * 5
    assert [NAMES[i][4:7] for i in split.test] == ["s02", "s10"] * 5


@pytest.mark.parametrize(("protocol", "actions"), [("AS1", [2, 6, 10, 20]), ("AS2", [1]), ("AS3", [6, 20])])
def test_action_sets(tmp_path: Path, protocol: str, actions: list[int]) -> None:
    data = open_dataset(publish(tmp_path), protocol)
    assert data.sequences.classes == tuple(msr_action3d.CLASSES[action - 1] for action in actions)
    assert data.sequences.labels.tolist() == [i for i in range(len(actions)) for _ in range(4)]
    (split,) = data.splits
    assert len(split.train) == len(split.test) == 2 * len(actions)


def test_action_sets_are_eight_actions_each() -> None:
    sets = msr_action3d.ACTION_SETS
    assert [len(set(actions)) for actions in sets.values()] == [8, 8, 8]
    assert set().union(*sets.values()) == set(range(1, 21))


def test_ten_splits(tmp_path: Path) -> None:
    data = open_dataset(publish(tmp_path), "ten-splits")
    assert len(data.splits) == 10
    first = data.splits[0]
    assert sorted(set(data.sequences.subjects[first.train])) == [1, 2, 10]
    assert sorted(set(data.sequences.subjects[first.test])) == [9]


def test_files_that_the_list_tells_of_must_be_there(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "files_used_in_cvpr12_paper.txt").write_text("\n".join(NAMES))
    assert len(msr_action3d.read(tmp_path)) == len(NAMES)
    (tmp_path / f"{NAMES[7]}_skeleton3D.txt").unlink()
    with pytest.raises(
        UserError, match=rf"1 of the files that the list .* are missing, {NAMES[7]}_skeleton3D\.txt first"
    ):
        msr_action3d.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text[: text.rindex("\n", 0, -20) + 1], "has 59 lines, no multiple of the 20 joints: it is trunc"),
        (lambda text: text[:-14], "must hold 4 numbers a line"),
        (lambda text: text.replace(" 1.000000", ""), "has 3 numbers a line; it must have 4"),
        (lambda text: "", f"{NAMES[0]} is empty"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    path = publish(tmp_path) / f"{NAMES[0]}_skeleton3D.txt"
    path.write_text(change(path.read_text()))
    with pytest.raises(UserError, match=says):
        msr_action3d.read(tmp_path)


def test_nan_is_named(tmp_path: Path) -> None:
    path = publish(tmp_path) / f"{NAMES[4]}_skeleton3D.txt"
    lines = path.read_text().splitlines(keepends=True)
    lines[20 + 19] = "0.1 NaN 0.3 1\n"
    path.write_text("".join(lines))
    with pytest.raises(UserError, match=f"{NAMES[4]}, frame 1, joint head is not finite"):
        msr_action3d.read(tmp_path)


def test_unknown_action_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, (*NAMES, "a21_s01_e01"))
    with pytest.raises(UserError, match=r"a21_s01_e01_skeleton3D\.txt in .* is of action 21; there are 20"):
        msr_action3d.read(tmp_path)


@pytest.mark.parametrize("protocol", ["cross-subject", "AS1", "ten-splits"])
def test_unknown_subject_is_refused(tmp_path: Path, protocol: str) -> None:
    publish(tmp_path, (*NAMES, "a02_s11_e01"))
    with pytest.raises(UserError, match="has sequences of subject 11; its subjects are 1 to 10"):
        open_dataset(tmp_path, protocol)


def test_packed_form_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "packed").mkdir()
    names = (*NAMES, "a13_s09_e02")
    about = np.array([[int(name[1:3]) - 1, int(name[5:7]), int(name[9:11])] for name in names])
    arrays = {
        "x": np.concatenate([coordinates(name) for name in names]).astype(np.float32),
        "offsets": 3 * np.arange(len(names) + 1),
        "label": about[:, 0],
        "subject": about[:, 1],
        "class_names": msr_action3d.CLASSES,
    }
    np.savez(tmp_path / "packed" / "msraction3d.npz", **arrays, trial=about[:, 2])  # type: ignore[arg-type]
    one, two = msr_action3d.read(publish(tmp_path / "text")), msr_action3d.read(tmp_path / "packed")
    assert one.names == two.names
    assert one.labels.tolist() == two.labels.tolist()
    assert all((a == b).all() for a, b in zip(one.frames, two.frames, strict=True))
    np.savez(tmp_path / "packed" / "msraction3d.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="lacks the array trial"):
        msr_action3d.read(tmp_path / "packed")
