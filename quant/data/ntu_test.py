"""The NTU RGB+D reader, on small .skeleton files that the test writes in the published form."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data import ntu
from quant.data.datasets import open_dataset
from quant.data.layouts import KINECT2
from quant.data.preprocess import coordinate_mean, inputs, padded

# Tracking numbers as the sensor gives them: they differ beyond float64's 53 bits.
ONE, TWO, THREE = "72057594037931101", "72057594037931102", "72057594037931103"
Frame = dict[str, np.ndarray]


def text(frames: list[Frame]) -> str:
    """As the authors' read_skeleton_file.m reads it: 10 numbers a body, 12 a joint."""
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for identity, joints in bodies.items():
            lines += [f"{identity} 0 1 1 1 1 0 -0.437266 -0.117168 2", str(len(joints))]
            lines += [f"{x:.7f} {y:.7f} {z:.7f} 278.2 184.1 1033.9 479.1 0.15 -0.01 0.98 -0.06 2" for x, y, z in joints]
    return "\r\n".join(lines) + "\r\n"


def recording(length: int, moves: dict[str, float], seed: int = 0) -> list[Frame]:
    """Bodies that stand still but for a random motion of so many metres."""
    random = np.random.default_rng(seed)
    stand = {identity: random.normal(size=(25, 3)) for identity in moves}
    return [
        {identity: (stand[identity] + by * random.normal(size=(25, 3))).round(6) for identity, by in moves.items()}
        for _ in range(length)
    ]


def test_one_body() -> None:
    frames = recording(4, {ONE: 0.1})
    got = ntu.sequence(text(frames), "it")
    assert got.dtype == np.float32
    assert got.shape == (4, 50, 3)
    np.testing.assert_allclose(got[:, :25], [f[ONE] for f in frames], atol=1e-6)
    assert not got[:, 25:].any()


def test_the_two_that_move_most_are_kept_the_most_moving_first() -> None:
    frames = recording(5, {ONE: 0.01, TWO: 0.1, THREE: 0.3})
    got = ntu.sequence(text(frames), "it")
    np.testing.assert_allclose(got[:, :25], [f[THREE] for f in frames], atol=1e-6)
    np.testing.assert_allclose(got[:, 25:], [f[TWO] for f in frames], atol=1e-6)


def test_bodies_are_followed_by_their_number() -> None:
    frames = recording(6, {ONE: 0.1, TWO: 0.01})
    frames[1] = {TWO: frames[1][TWO], ONE: frames[1][ONE]}  # another order
    del frames[2][ONE]
    frames[3] = {}
    got = ntu.sequence(text(frames), "it").reshape(6, 2, 25, 3)
    for t, bodies in enumerate(frames):
        for body, identity in enumerate((ONE, TWO)):
            np.testing.assert_allclose(got[t, body], bodies.get(identity, np.zeros((25, 3))), atol=1e-6)


def test_motion_counts_only_frames_that_show_the_body() -> None:
    """Coming and going is no motion, however far from the sensor's origin the body stands."""
    frames = recording(6, {ONE: 0.01, TWO: 0.1})
    for t in (1, 3):
        del frames[t][ONE]
    np.testing.assert_allclose(ntu.sequence(text(frames), "it")[:, :25], [f[TWO] for f in frames], atol=1e-6)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_body_of_zeros_is_none(place: int) -> None:
    """Three bodies, of which one has no coordinates: the other two are taken, the most moving one first."""
    random = np.random.default_rng(0)
    moving = [(ONE, random.normal(0, 1.0, (4, 25, 3))), (TWO, random.normal(0, 0.5, (4, 25, 3)))]
    bodies = [*moving[:place], (THREE, np.zeros((4, 25, 3))), *moving[place:]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = ntu.sequence(text([{name: body[t] for name, body in bodies} for t in range(4)]), "it")
    np.testing.assert_allclose(got, np.concatenate([body for _, body in moving], axis=1), atol=1e-6)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_nan_is_refused_in_whichever_body(place: int) -> None:
    frames = recording(3, {ONE: 0.1, TWO: 0.2, THREE: 0.3})
    list(frames[1].values())[place][7] = np.nan
    with pytest.raises(UserError, match=f"it, frame 1, body {place}, joint hand_left is not finite"):
        ntu.sequence(text(frames), "it")


WHOLE = text(recording(3, {ONE: 0.1, TWO: 0.2}))
LINES = WHOLE.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("", "it ends before its first frame: it is truncated"),
        ("PNG", "it has 'PNG' as number of frames before its first frame, no whole number: it is damaged"),
        ("".join(LINES[:-1]), "it ends in frame 2: it is truncated"),
        ("".join(LINES[:56]), "it ends in frame 1: it is truncated"),
        (WHOLE + "0\r\n", "it goes on after frame 2, its last: it is damaged"),
        ("".join([LINES[0], LINES[1], LINES[2], "24\r\n", *LINES[4:]]), "it has 24 joints in frame 0; it must have 25"),
        ("".join([*LINES[:4], LINES[4].replace(".", ",", 1), *LINES[5:]]), "it has no number for a joint in frame 0"),
        ("99999" + WHOLE[1:], "it tells of 99999 frames, more than 10000"),
        ("0\r\n", "it shows no body: put the authors' list of samples with missing skeletons beside the files"),
        ("2\r\n0\r\n0\r\n", "it shows no body"),
    ],
)
def test_damaged_files_are_refused(bad: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        ntu.sequence(bad, "it")


@pytest.mark.parametrize("words", range(0, len(WHOLE.split()), 37))
def test_every_truncation_is_refused(words: int) -> None:
    with pytest.raises(UserError, match="truncated"):
        ntu.sequence(" ".join(WHOLE.split()[:words]), "it")


SAMPLES = {
    "S001C001P001R001A001": {ONE: 0.1},
    "S001C002P003R001A050": {ONE: 0.2, TWO: 0.1},
    "S001C003P001R002A060": {ONE: 0.1, TWO: 0.2},
    "S002C001P007R001A023": {TWO: 0.1},
}


def publish(folder: Path) -> Path:
    for seed, (name, moves) in enumerate(SAMPLES.items()):
        (folder / f"{name}.skeleton").write_text(text(recording(3 + seed, moves, seed)))
    return folder


def test_names_tell_camera_subject_and_action(tmp_path: Path) -> None:
    data = open_dataset(publish(tmp_path))
    assert (data.key, data.protocol) == ("ntu", "cross-subject")
    assert data.sequences.labels.tolist() == [0, 49, 59, 22]
    assert data.sequences.subjects.tolist() == [1, 3, 1, 7]
    assert [data.sequences.classes[i] for i in data.sequences.labels] == [
        "drink water", "punching or slapping other person", "walking apart from each other", "hand waving",
    ]  # fmt: skip
    assert len(set(data.sequences.classes)) == 60
    assert (data.sequences.layout, data.sequences.bodies) == (KINECT2, 2)
    assert [len(frames) for frames in data.sequences.frames] == [3, 4, 5, 6]
    (split,) = data.splits
    assert (split.train.tolist(), split.test.tolist()) == ([0, 2], [1, 3])


def test_cross_view(tmp_path: Path) -> None:
    (split,) = open_dataset(publish(tmp_path), "cross-view").splits
    assert (split.train.tolist(), split.test.tolist()) == ([1, 2], [0, 3])


def test_twenty_subjects_train() -> None:
    assert len(set(ntu.TRAINING_SUBJECTS)) == 20
    assert set(ntu.TRAINING_SUBJECTS) < set(ntu.SUBJECTS)


def test_folder_of_the_archive(tmp_path: Path) -> None:
    (tmp_path / "nturgb+d_skeletons").mkdir()
    publish(tmp_path / "nturgb+d_skeletons")
    (tmp_path / "nturgb+d_skeletons" / "S001C001P002R001A001.skeleton").write_text("0\n")
    with pytest.raises(UserError, match=r"S001C001P002R001A001\.skeleton in .* shows no body"):
        open_dataset(tmp_path)
    (tmp_path / "NTU_RGBD_samples_with_missing_skeletons.txt").write_text("1 of the samples\n\nS001C001P002R001A001\n")
    for folder in (tmp_path, tmp_path / "nturgb+d_skeletons"):
        assert len(open_dataset(folder).sequences) == 4


def test_the_larger_data_set_is_refused(tmp_path: Path) -> None:
    (publish(tmp_path) / "S018C001P008R001A061.skeleton").write_text(WHOLE)
    with pytest.raises(UserError, match=r"S018C001P008R001A061\.skeleton in .* is of action 61 and subject 8; NTU RGB"):
        open_dataset(tmp_path)


def test_nan_is_named(tmp_path: Path) -> None:
    path = publish(tmp_path) / "S001C002P003R001A050.skeleton"
    lines = path.read_text().splitlines()
    lines[4 + 25 + 2 + 7] = "nan " + lines[4 + 25 + 2 + 7].split(" ", 1)[1]
    path.write_text("\n".join(lines))
    with pytest.raises(
        UserError, match=r"S001C002P003R001A050\.skeleton in .*, frame 0, body 1, joint hand_left is not finite"
    ):
        open_dataset(tmp_path)


def test_the_papers_input(tmp_path: Path) -> None:
    """Ensem-NN: 300 frames x 150, zeros after the end, one mean subtracted before it."""
    data = open_dataset(publish(tmp_path))
    mean = coordinate_mean(data.sequences, data.splits[0].train)
    x = np.stack([padded(frames, mean) for frames in data.sequences.frames])
    assert x.shape == (4, 150, 300)
    assert [int(np.flatnonzero(one.any(axis=0)).max()) + 1 for one in x] == [3, 4, 5, 6]
    trained = np.concatenate([x[i, :, : len(data.sequences.frames[i])].ravel() for i in data.splits[0].train])
    assert abs(trained.mean()) < 1e-6
    assert inputs(data.sequences, 32).shape == (4, 150, 32)
