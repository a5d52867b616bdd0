"""Reading what data sets come as: text files in a folder or an archive, packed arrays (.npz), tables (.mat)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import MissingTool, UserError
from quant import npz
from quant.data.sequences import Sequences
from quant.data.splits import Split, by_subject

PACKED = ("x", "offsets", "label", "subject", "class_names")
SPLITS = "tr_te_splits.mat"
Text = Callable[[], str]


def texts(folder: Path, pattern: str, places: tuple[str, ...]) -> dict[str, Text]:
    """The files whose whole name matches `pattern`, by name, sorted; each is called to be read.

    They lie in `folder`, else in the first of `places` (folders or .zip archives in it) that has any.
    """
    matches = re.compile(pattern).fullmatch
    for place in (folder, *(folder / name for name in places)):
        if place.is_dir():
            found = {path.name: partial(_read, path) for path in sorted(place.iterdir()) if matches(path.name)}
        elif place.suffix == ".zip" and place.is_file():
            archive = _archive(place)
            found = {
                Path(member).name: partial(_unzip, archive, member)
                for member in sorted(archive.namelist())
                if matches(Path(member).name)
            }
        else:
            continue
        if found:
            return dict(found)
    return {}


def _read(path: Path) -> str:
    return path.read_text(encoding="latin-1")


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)  # left open for the texts, closed with the last of them
    except (zipfile.BadZipFile, OSError) as error:
        raise UserError(f"The archive {path} is truncated or corrupt ({error}): copy it again.") from error


def _unzip(archive: zipfile.ZipFile, member: str) -> str:
    try:
        return archive.read(member).decode("latin-1")
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UserError(f"{member} in {archive.filename} is truncated or corrupt ({error}): copy it again.") from error


def numbers(text: str, columns: int, name: str) -> np.ndarray:
    """float64 [rows, columns] of a text of numbers; `name` is the file in the sentence that refuses another form."""
    try:
        rows = np.loadtxt(io.StringIO(text), ndmin=2) if text.strip() else np.zeros((0, columns))
    except ValueError as error:
        raise UserError(
            f"{name} must hold {columns} numbers a line ({str(error).split(';')[0]}): it is truncated or no such file."
        ) from error
    if rows.shape[1] != columns:
        raise UserError(f"{name} has {rows.shape[1]} numbers a line; it must have {columns}.")
    return rows


def packed(path: Path) -> dict[str, Any]:
    """Arrays of a packed data set: x, label, subject and class_names as they are, `frames` one array a sequence."""
    data: dict[str, Any] = npz.read(path, "data file")
    if missing := [name for name in PACKED if name not in data]:
        raise UserError(f"{path} lacks the array(s) {', '.join(missing)}; it must hold {', '.join(PACKED)}.")
    flat = [name for name in PACKED[1:] if data[name].ndim != 1]
    if flat or data["x"].ndim != 3 or data["x"].dtype.kind not in "fiu":
        raise UserError(
            f"{path}: {flat[0]} must have one axis." if flat else f"{path}: x must be numbers [frames, joints, 3]."
        )
    offsets = data["offsets"].astype(np.int64)
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(data["x"]) or (np.diff(offsets) < 0).any():
        raise UserError(f"{path}: offsets must rise from 0 to the {len(data['x'])} frames of x.")
    for name in ("label", "subject"):
        if not np.issubdtype(data[name].dtype, np.integer):
            raise UserError(f"{path}: {name} must be whole numbers, not {data[name].dtype}.")
    x = data["x"].astype(np.float32)
    labels = {"label": data["label"].astype(np.int64), "subject": data["subject"].astype(np.int64)}
    names = tuple(str(name) for name in data["class_names"])
    return data | labels | {"frames": tuple(x[a:b] for a, b in pairwise(offsets)), "class_names": names}


def matlab(path: Path) -> dict[str, Any]:
    """The variables of a .mat file; refuses one that is truncated or none."""
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise MissingTool("scipy is not installed: pip install 'codesign[train]'.") from error
    try:
        return dict(loadmat(path))
    except (MatReadError, IndexError, *npz.DAMAGE, TypeError, MemoryError, NotImplementedError) as error:
        raise UserError(f"{path} is truncated or no MATLAB file ({error}): copy it again.") from error


def check_subjects(folder: Path, data: Sequences) -> None:
    """Refuse subjects other than 1 to 10: those whom no split names would be left out without a word."""
    if others := sorted(set(data.subjects.tolist()) - set(range(1, 11))):
        raise UserError(f"{folder} has sequences of subject {others[0]}; its subjects are 1 to 10: number them so.")


def subject_splits(folder: Path, data: Sequences, published: tuple[str, ...]) -> list[Split]:
    """The ten cross-subject splits: of `folder`/tr_te_splits.mat where there is one, else `published`.

    `published` names the training subjects of each split, out of 1 to 10, in words.
    """
    check_subjects(folder, data)
    path = folder / SPLITS
    if not path.is_file():
        train = [[int(word) for word in row.split()] for row in published]
        pairs = [(row, sorted(set(range(1, 11)) - set(row))) for row in train]
    else:
        table = matlab(path)
        if not {"tr_subjects", "te_subjects"} <= table.keys() or len(table["tr_subjects"]) != len(table["te_subjects"]):
            raise UserError(f"{path} must hold tr_subjects and te_subjects with a row a split.")
        pairs = list(zip(table["tr_subjects"].tolist(), table["te_subjects"].tolist(), strict=True))
    return [by_subject(data, train, test) for train, test in pairs]
