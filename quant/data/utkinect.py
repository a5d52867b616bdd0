"""UTKinect-Action3D: 10 actions, 10 subjects, 199 sequences, and its 10 published cross-subject splits.

Source: Xia, Chen, Aggarwal, "View invariant human action recognition using histograms of 3D joints", CVPRW 2012;
splits of Vemulapalli et al., CVPR 2014 (5 training and 5 test subjects each). The data set isn't shipped here.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from codesign.errors import MissingTool, UserError
from quant import npz
from quant.data.datasets import Reader
from quant.data.sequences import Sequences
from quant.data.splits import Split, by_subject

ARRAYS = ("x", "offsets", "label", "subject", "class_names")
NPZ, SPLITS = "utkinect.npz", "tr_te_splits.mat"


def find(directory: Path) -> Path:
    """The folder with utkinect.npz: `directory` itself or one directly below it."""
    if not directory.is_dir():
        raise UserError(f"The data folder {directory} does not exist: give the folder that holds {NPZ}.")
    found = [p for p in (directory, *sorted(directory.iterdir())) if (p / NPZ).is_file()]
    if not found:
        raise UserError(f"There is no {NPZ} in {directory} or in a folder directly below it: give the folder with it.")
    return found[0]


def read(directory: Path) -> Sequences:
    """All sequences of `directory`/utkinect.npz; refuses a file that is truncated or doesn't hold what it must."""
    path = find(directory) / NPZ
    data = npz.read(path, "data file")
    if missing := [name for name in ARRAYS if name not in data]:
        raise UserError(f"{path} lacks the array(s) {', '.join(missing)}; it must hold {', '.join(ARRAYS)}.")
    offsets = data["offsets"].astype(np.int64)
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(data["x"]) or (np.diff(offsets) < 0).any():
        raise UserError(f"{path}: offsets must rise from 0 to the {len(data['x'])} frames of x.")
    x = data["x"].astype(np.float32)
    return Sequences(
        frames=tuple(x[a:b] for a, b in pairwise(offsets)),
        labels=data["label"].astype(np.int64),
        subjects=data["subject"].astype(np.int64),
        classes=tuple(str(name) for name in data["class_names"]),
    )


def splits(directory: Path, data: Sequences) -> list[Split]:
    """The cross-subject splits of `directory`/tr_te_splits.mat, in the file's order."""
    try:
        from scipy.io import loadmat
    except ImportError as error:
        raise MissingTool("scipy is not installed: pip install 'codesign[train]'.") from error
    path = find(directory) / SPLITS
    if not path.is_file():
        raise UserError(f"There is no {SPLITS} beside {NPZ} in {path.parent}: it names the subjects of each split.")
    try:
        content = loadmat(path)
        pairs = list(zip(content["tr_subjects"], content["te_subjects"], strict=True))
    except (ValueError, KeyError, TypeError, OSError, NotImplementedError) as error:
        raise UserError(f"{path} must hold tr_subjects and te_subjects with a row a split ({error}).") from error
    return [by_subject(data, train, test) for train, test in pairs]


DATASET = Reader(
    key="utkinect",
    title="UTKinect-Action3D",
    reference="Xia, Chen, Aggarwal, CVPRW 2012",
    holds=f"{NPZ} and {SPLITS}",
    protocols=("ten-splits",),
    recognise=lambda folder: (folder / NPZ).is_file(),
    read=lambda folder, _: (data := read(folder), splits(folder, data)),
)
