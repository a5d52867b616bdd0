"""MSR Action3D: 20 actions, 10 subjects, 567 sequences of 20 joints, of which 557 are used.

Li, Zhang, Liu, "Action recognition based on a bag of 3D points", CVPRW 2010. Published as one text file a sequence
(aXX_sYY_eZZ_skeleton3D.txt: x, y, z and confidence of a joint a line, 20 lines a frame); packed as msraction3d.npz it
is read as well. Used are the 557 sequences of Wang, Liu, Wu, Yuan, "Mining actionlet ensemble for action recognition
with depth cameras", CVPR 2012: ten with bad skeletons are left out (a13_s09_e02 is nothing but zeros).

Protocols: cross-subject (subjects 1, 3, 5, 7, 9 train), the same on the action sets AS1, AS2 and AS3 of Li et al., and
ten random halves of the subjects (Vemulapalli et al., CVPR 2014).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from codesign.errors import UserError
from quant.data import files
from quant.data.datasets import Reader
from quant.data.sequences import Sequences
from quant.data.splits import Split, by_subject

CLASSES = (
    "high arm wave", "horizontal arm wave", "hammer", "hand catch", "forward punch", "high throw", "draw X",
    "draw tick", "draw circle", "hand clap", "two hand wave", "side boxing", "bend", "forward kick", "side kick",
    "jogging", "tennis swing", "tennis serve", "golf swing", "pickup and throw",
)  # fmt: skip
NPZ = "msraction3d.npz"
PLACES = tuple(name + end for end in ("", ".zip") for name in ("real_world_coordinates", "MSRAction3DSkeletonReal3D"))
FILE = r"a(\d\d)_s(\d\d)_e(\d\d)_skeleton3D\.txt"
LIST = r"files_used_in_cvpr12_paper\.txt"
# Which of a file's joints is which of Kinect v1's, from the pairs that the publication's drawskt.m connects.
ORDER = (6, 3, 2, 19, 0, 7, 9, 11, 1, 8, 10, 12, 4, 13, 15, 17, 5, 14, 16, 18)
UNUSED = (
    "a02_s03_e02", "a04_s03_e01", "a07_s04_e01", "a13_s09_e01", "a13_s09_e02",
    "a13_s09_e03", "a14_s03_e01", "a20_s07_e01", "a20_s07_e03", "a20_s10_e03",
)  # fmt: skip
ACTION_SETS = {
    "AS1": (2, 3, 5, 6, 10, 13, 18, 20),
    "AS2": (1, 4, 7, 8, 9, 11, 12, 14),
    "AS3": (6, 14, 15, 16, 17, 18, 19, 20),
}
TEN_SPLITS = (
    "1 2 3 5 10", "2 3 4 5 10", "2 3 5 6 7", "2 3 5 6 8", "2 3 5 6 9",
    "2 3 5 6 10", "2 3 5 7 8", "2 3 5 7 9", "2 3 5 8 10", "2 3 5 9 10",
)  # fmt: skip


def read(folder: Path) -> Sequences:
    """The used sequences, of the text files where these are there, else of the packed file."""
    texts = files.texts(folder, FILE, PLACES)
    if texts:
        return _published(folder, texts)
    data = files.packed(folder / NPZ)
    if "trial" not in data or len(data["trial"]) != len(data["frames"]):
        raise UserError(f"{folder / NPZ} lacks the array trial with a number a sequence: it tells which are used.")
    names = [
        f"a{action + 1:02}_s{subject:02}_e{trial:02}"
        for action, subject, trial in zip(data["label"], data["subject"], data["trial"], strict=True)
    ]
    used = [i for i, name in enumerate(names) if name not in UNUSED]
    return Sequences(
        tuple(data["frames"][i][:, ORDER] for i in used),
        data["label"][used],
        data["subject"][used],
        data["class_names"],
        names=tuple(names[i] for i in used),
    )


def _published(folder: Path, texts: dict[str, files.Text]) -> Sequences:
    frames, labels, subjects, names = [], [], [], []
    listed = {name for text in files.texts(folder, LIST, PLACES).values() for name in text().split()}
    if missing := sorted(name for name in listed if f"{name}_skeleton3D.txt" not in texts):
        raise UserError(
            f"{len(missing)} of the files that the list in {folder} tells of are missing, {missing[0]}_skeleton3D.txt "
            "first: unpack the archive again."
        )
    for file, text in texts.items():
        action, subject, _ = (int(number) for number in re.fullmatch(FILE, file).groups())  # type: ignore[union-attr]
        name = file.removesuffix("_skeleton3D.txt")
        if not 1 <= action <= len(CLASSES):
            raise UserError(f"{file} in {folder} is of action {action}; there are {len(CLASSES)}.")
        if name not in UNUSED:
            frames.append(_sequence(text(), f"{file} in {folder}"))
            labels.append(action - 1)
            subjects.append(subject)
            names.append(name)
    return Sequences(tuple(frames), np.array(labels), np.array(subjects), CLASSES, names=tuple(names))


def _sequence(text: str, name: str) -> np.ndarray:
    rows, joints = files.numbers(text, 4, name), len(ORDER)
    if len(rows) % joints:
        raise UserError(f"{name} has {len(rows)} lines, no multiple of the {joints} joints: it is truncated.")
    return rows[:, :3].reshape(-1, joints, 3)[:, ORDER].astype(np.float32)


def _open(folder: Path, protocol: str) -> tuple[Sequences, list[Split]]:
    data = read(folder)
    if protocol == "ten-splits":
        return data, files.subject_splits(folder, data, TEN_SPLITS)
    if protocol in ACTION_SETS:
        data = data.only(np.flatnonzero(np.isin(data.labels + 1, ACTION_SETS[protocol])))
    files.check_subjects(folder, data)
    return data, [by_subject(data, range(1, 10, 2), range(2, 11, 2))]


DATASET = Reader(
    key="msr-action3d",
    title="MSR Action3D",
    reference="Li, Zhang, Liu, CVPRW 2010; without the ten sequences that Wang et al., CVPR 2012, leave out",
    holds=f"aXX_sYY_eZZ_skeleton3D.txt (in the open, in {PLACES[0]}/ or {PLACES[0]}.zip), or {NPZ}",
    protocols=("cross-subject", *ACTION_SETS, "ten-splits"),
    recognise=lambda folder: (folder / NPZ).is_file() or bool(files.texts(folder, FILE, PLACES)),
    read=_open,
)
