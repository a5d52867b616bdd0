"""Florence 3D Actions: 9 actions, 10 subjects, 215 sequences of 15 joints.

Seidenari, Varano, Berretti, Del Bimbo, Pala, "Recognizing actions from depth cameras as weakly aligned multi-part
bag-of-poses", CVPRW 2013. Published as Florence_dataset_WorldCoordinates.txt (a frame a line: sequence, subject,
action and 45 coordinates in millimetres). Vemulapalli et al., CVPR 2014, give the same in metres, depth before
height, as skeletal_data.mat; that, and florence3d.npz with the same coordinates packed, are read as well.

Protocols: the ten splits of Vemulapalli et al. (5 training and 5 test subjects each), and the authors' own
leave-one-subject-out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from codesign.errors import UserError
from quant.data import files
from quant.data.datasets import Reader
from quant.data.layouts import FLORENCE15
from quant.data.sequences import Sequences
from quant.data.splits import Split, leave_one_subject_out

CLASSES = (
    "wave", "drink", "answer phone", "clap", "tight lace", "sit down", "stand up", "read watch", "bow",
)  # fmt: skip
TEXT, MAT, NPZ = "Florence_dataset_WorldCoordinates.txt", "skeletal_data.mat", "florence3d.npz"
TEN_SPLITS = (
    "3 4 5 6 10", "1 3 5 9 10", "1 2 4 6 9", "2 3 6 8 10", "3 4 6 7 9",
    "1 2 6 8 10", "1 2 6 7 10", "1 3 5 6 8", "2 3 6 9 10", "1 2 6 9 10",
)  # fmt: skip
HEIGHT_LAST = (0, 2, 1)  # x, depth, height -> x, y, z


def read(folder: Path) -> Sequences:
    """All sequences, of the first of the three files that is there."""
    if (folder / TEXT).is_file():
        return _text(folder / TEXT)
    if (folder / MAT).is_file():
        return _matlab(folder / MAT)
    data = files.packed(folder / NPZ)
    frames = tuple(sequence[..., HEIGHT_LAST] for sequence in data["frames"])
    return _sequences(frames, data["label"], data["subject"], data["class_names"])


def _sequences(
    frames: tuple[np.ndarray, ...], labels: np.ndarray, subjects: np.ndarray, classes: tuple[str, ...] = CLASSES
) -> Sequences:
    names = tuple(f"Sequence {number}" for number in range(1, 1 + len(frames)))
    return Sequences(frames, labels, subjects, classes, FLORENCE15, names=names)


def _text(path: Path) -> Sequences:
    joints = len(FLORENCE15.joints)
    rows = files.numbers(path.read_text(encoding="latin-1"), 3 + 3 * joints, str(path))
    if not len(rows):
        raise UserError(f"{path} is empty: copy it again.")
    whole = (rows[:, :3] == np.rint(rows[:, :3])).all(axis=1)
    if not whole.all():
        line = int(whole.argmin()) + 1
        raise UserError(
            f"Line {line} of {path} must begin with whole numbers (sequence, subject, action): copy it again."
        )
    starts = np.flatnonzero(np.diff(rows[:, 0], prepend=np.nan))
    about = rows[starts, 1:3].astype(np.int64)
    for rows_of_one, (subject, action) in zip(np.split(rows, starts[1:]), about, strict=True):
        if (rows_of_one[:, 1:3] != (subject, action)).any():
            raise UserError(
                f"Sequence {rows_of_one[0, 0]:g} in {path} has more than one subject or action: number it apart."
            )
    metres = (rows[:, 3:].reshape(-1, joints, 3) / 1000).astype(np.float32)
    data = _sequences(tuple(np.split(metres, starts[1:])), about[:, 1] - 1, about[:, 0])
    _upright(path, metres)
    return data


def _upright(path: Path, frames: np.ndarray) -> None:
    """Refuse coordinates in another unit or order than the publication's, which would turn every body over."""
    j = FLORENCE15.index
    height = float(np.median(frames[:, j["head"], 1] - frames[:, j["ankle_left"], 1]))
    if not 0.5 < height < 2.5:
        raise UserError(
            f"In {path} heads are {height:.3g} m above ankles: coordinates must be x, height, depth in millimetres."
        )


def _matlab(path: Path) -> Sequences:
    content = files.matlab(path)
    try:
        entries = [entry[0, 0] for entry in content["skeletal_data"].ravel()]
        frames = [np.moveaxis(entry["original_skeletal_data"], -1, 0).swapaxes(1, 2) for entry in entries]
        about = np.array([[entry["subject"].item(), entry["action"].item()] for entry in entries], np.int64)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} must hold skeletal_data with original_skeletal_data, subject and action a sequence ({error})."
        ) from error
    return _sequences(tuple(f[..., HEIGHT_LAST].astype(np.float32) for f in frames), about[:, 1] - 1, about[:, 0])


def _open(folder: Path, protocol: str) -> tuple[Sequences, list[Split]]:
    data = read(folder)
    if protocol == "leave-one-subject-out":
        return data, leave_one_subject_out(data)
    return data, files.subject_splits(folder, data, TEN_SPLITS)


DATASET = Reader(
    key="florence3d",
    title="Florence 3D Actions",
    reference="Seidenari et al., CVPRW 2013",
    holds=f"{TEXT}, {MAT} or {NPZ}",
    protocols=("ten-splits", "leave-one-subject-out"),
    recognise=lambda folder: any((folder / name).is_file() for name in (TEXT, MAT, NPZ)),
    read=_open,
)
