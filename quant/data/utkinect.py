"""UTKinect-Action3D: 10 actions, 10 subjects, 199 sequences of Kinect v1 (20 joints).

Xia, Chen, Aggarwal, "View invariant human action recognition using histograms of 3D joints", CVPRW 2012. Published as
one text file a recording (joints/joints_sXX_eYY.txt: frame number and 60 coordinates a line) and actionLabel.txt (the
frames of each action; subject 10's second "carry" has none). actionLabel_modified.txt, with eight corrected ranges,
is that of Vemulapalli et al., CVPR 2014, and wins where it is there. Packed as utkinect.npz it is read as well.

Protocols: the ten splits of Vemulapalli et al. (5 training and 5 test subjects each), and the authors' own
leave-one-sequence-out, which is not by subject.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from codesign.errors import UserError
from quant.data import files
from quant.data.datasets import Reader
from quant.data.layouts import KINECT1
from quant.data.sequences import Sequences
from quant.data.splits import Split, leave_one_out

CLASSES = ("walk", "sitDown", "standUp", "pickUp", "carry", "throw", "push", "pull", "waveHands", "clapHands")
NPZ, LABELS, PLACES = "utkinect.npz", ("actionLabel_modified.txt", "actionLabel.txt"), ("joints", "joints.zip")
RECORDING = r"joints_(s\d+_e\d+)\.txt"
TEN_SPLITS = (
    "2 5 7 8 9", "2 3 8 9 10", "2 3 6 7 8", "3 5 6 8 9", "2 4 5 6 10",
    "3 6 7 8 9", "1 2 4 6 7", "2 7 8 9 10", "1 3 6 9 10", "1 6 8 9 10",
)  # fmt: skip


def recognise(folder: Path) -> bool:
    """Whether `folder` holds the text files (in the open, in joints/ or joints.zip) or utkinect.npz."""
    return (folder / NPZ).is_file() or bool(files.texts(folder, RECORDING, PLACES))


def read(folder: Path) -> Sequences:
    """All sequences, of the text files where these are there, else of the packed file."""
    recordings = files.texts(folder, RECORDING, PLACES)
    if recordings:
        return _published(folder, {re.fullmatch(RECORDING, name)[1]: name for name in recordings}, recordings)  # type: ignore[index]
    data = files.packed(folder / NPZ)
    return Sequences(data["frames"], data["label"], data["subject"], data["class_names"])


def _published(folder: Path, named: dict[str, str], recordings: dict[str, files.Text]) -> Sequences:
    frames, labels, subjects, names, rows = [], [], [], [], {}
    for recording, action, first, last in _ranges(folder):
        if recording not in named:
            raise UserError(f"joints_{recording}.txt is missing in {folder}, but the label file tells of its actions.")
        if recording not in rows:
            name = named[recording]
            table = files.numbers(recordings[name](), 1 + 3 * len(KINECT1.joints), f"{folder}: {name}")
            rows[recording] = table[np.unique(table[:, 0], return_index=True)[1]]  # some frames are there twice
        table = rows[recording]
        within = (first <= table[:, 0]) & (table[:, 0] <= last)
        if not within.any() or table[-1, 0] < last:
            raise UserError(
                f"{named[recording]} in {folder} doesn't reach frame {last}, the end of {action!r}: it is truncated."
            )
        frames.append(table[within, 1:].reshape(-1, len(KINECT1.joints), 3).astype(np.float32))
        labels.append(CLASSES.index(action))
        subjects.append(int(recording[1:3]))
        names.append(f"{named[recording]}, {action}")
    return Sequences(tuple(frames), np.array(labels), np.array(subjects), CLASSES, names=tuple(names))


def _ranges(folder: Path) -> list[tuple[str, str, int, int]]:
    """(recording, action, first frame, last frame) in the label file's order; actions without frames are left out."""
    found = files.texts(folder, r"actionLabel(_modified)?\.txt", PLACES)
    label = next((name for name in LABELS if name in found), None)
    if label is None:
        raise UserError(f"There is no {LABELS[1]} beside the recordings in {folder}: it tells which frames are which.")
    ranges, recording = [], ""
    for line in found[label]().splitlines():
        if re.fullmatch(r"s\d+_e\d+", line.strip()):
            recording = line.strip()
        elif line.strip() and "NaN" not in line:
            entry = re.fullmatch(r"(\w+): *(\d+) +(\d+) *", line)
            if not entry or not recording or entry[1] not in CLASSES:
                raise UserError(
                    f"{label} in {folder} has the line {line!r}; it must be 'ACTION: FIRST LAST' with one of "
                    f"{', '.join(CLASSES)}."
                )
            ranges.append((recording, entry[1], int(entry[2]), int(entry[3])))
    return ranges


def _open(folder: Path, protocol: str) -> tuple[Sequences, list[Split]]:
    data = read(folder)
    return data, leave_one_out(data) if protocol == "leave-one-out" else files.subject_splits(folder, data, TEN_SPLITS)


DATASET = Reader(
    key="utkinect",
    title="UTKinect-Action3D",
    reference="Xia, Chen, Aggarwal, CVPRW 2012",
    holds=f"joints_sXX_eYY.txt (in the open, in joints/ or joints.zip) and {LABELS[1]}, or {NPZ}",
    protocols=("ten-splits", "leave-one-out"),
    recognise=recognise,
    read=_open,
)
