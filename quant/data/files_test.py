"""Damaged text files, archives, packed arrays and tables are refused by name."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from codesign.errors import UserError
from quant.data import files
from quant.data.sequences import Sequences


def arrays() -> dict[str, Any]:
    lengths = [3, 5, 2, 4]
    return {
        "x": np.random.default_rng(0).normal(size=(sum(lengths), 20, 3)).astype(np.float32),
        "offsets": np.cumsum([0, *lengths]).astype(np.int32),
        "label": np.array([0, 1, 0, 1], np.int16),
        "subject": np.array([1, 1, 2, 3], np.int16),
        "class_names": np.array(["walk", "push"]),
    }


def test_texts_of_folder_subfolder_or_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("deep/in/b7.txt", "in the archive")
        archive.writestr("deep/in/b.txt", "another name")
    places = ("sub", "all.zip", "none.zip")

    def found() -> dict[str, str]:
        return {name: text() for name, text in files.texts(tmp_path, r"b\d\.txt", places).items()}

    assert found() == {"b7.txt": "in the archive"}
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b2.txt").write_text("below")
    (tmp_path / "sub" / "b1.txt").write_text("first")
    assert list(found().items()) == [("b1.txt", "first"), ("b2.txt", "below")]
    (tmp_path / "b3.txt").write_text("here")
    assert found() == {"b3.txt": "here"}
    assert files.texts(tmp_path, "nothing", places) == {}


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b1.txt", " ".join(map(str, np.random.default_rng(0).normal(size=500))))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"The archive .*all\.zip is truncated or corrupt"):
        files.texts(tmp_path, r"b\d\.txt", ("all.zip",))
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2] ^= 255
    path.write_bytes(spoilt)
    with pytest.raises(UserError, match=r"b1\.txt in .*all\.zip is truncated or corrupt"):
        files.texts(tmp_path, r"b\d\.txt", ("all.zip",))["b1.txt"]()


def test_numbers() -> None:
    assert files.numbers("1 2.5\n-3e1  4\n", 2, "it").tolist() == [[1, 2.5], [-30, 4]]
    assert files.numbers("1 2", 2, "it").shape == (1, 2)
    assert files.numbers(" \n", 4, "it").shape == (0, 4)
    assert np.isnan(files.numbers("NaN 1", 2, "it")[0, 0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 2 3\n4 5 6\n", "it has 3 numbers a line; it must have 4"),
        ("1 2 3 4\n5 6 7\n", "it must hold 4 numbers a line .*: it is truncated or no such file"),
        ("1 2 3 4\n5 6 7 x8\n", "it must hold 4 numbers a line .*x8"),
        ("\x00\x01\x02", "it must hold 4 numbers a line"),
    ],
)
def test_other_texts_are_refused(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        files.numbers(text, 4, "it")


def test_packed_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", **arrays(), trial=[1, 2, 3, 4])
    data = files.packed(tmp_path / "data.npz")
    np.testing.assert_array_equal(data["frames"][1], arrays()["x"][3:8])
    assert [len(f) for f in data["frames"]] == [3, 5, 2, 4]
    assert data["label"].dtype == data["subject"].dtype == np.int64
    assert data["class_names"] == ("walk", "push")
    assert data["trial"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"offsets": np.array([0, 3, 8, 10, 99])}, "offsets must rise from 0 to the 14 frames"),
        ({"offsets": np.array([0, 8, 3, 10, 14])}, "offsets must rise"),
        ({"offsets": np.array([1, 3, 8, 10, 14])}, "offsets must rise"),
        ({"offsets": np.array([], np.int64)}, "offsets must rise"),
        ({"label": np.array([0.0, 1.0, 0.5, 1.0])}, "label must be whole numbers, not float64"),
        ({"subject": np.array(["a", "b", "c", "d"])}, "subject must be whole numbers"),
        ({"offsets": np.zeros((2, 2), np.int64)}, "offsets must have one axis"),
        ({"label": np.zeros((4, 1), np.int64)}, "label must have one axis"),
        ({"class_names": np.array("walk")}, "class_names must have one axis"),
        ({"x": np.float32(3)}, "x must be numbers"),
        ({"x": arrays()["x"].astype(complex)}, "x must be numbers"),
    ],
)
def test_packed_arrays_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    np.savez(tmp_path / "data.npz", **(arrays() | changes))
    with pytest.raises(UserError, match=says):
        files.packed(tmp_path / "data.npz")


@pytest.mark.parametrize("name", files.PACKED)
def test_missing_array_is_named(tmp_path: Path, name: str) -> None:
    content = arrays()
    del content[name]
    np.savez(tmp_path / "data.npz", **content)
    with pytest.raises(UserError, match=rf"lacks the array\(s\) {name}; it must hold x, offsets"):
        files.packed(tmp_path / "data.npz")


@pytest.mark.parametrize("keep", [0, 10, 1000, 3000])
def test_truncated_packed_file_is_refused(tmp_path: Path, keep: int) -> None:
    np.savez(tmp_path / "data.npz", **arrays())
    (tmp_path / "data.npz").write_bytes((tmp_path / "data.npz").read_bytes()[:keep])
    with pytest.raises(UserError, match=r"data\.npz is truncated or corrupt"):
        files.packed(tmp_path / "data.npz")


def ten_people() -> Sequences:
    subjects = np.repeat(np.arange(1, 11), 2)
    return Sequences((np.ones((2, 20, 3), np.float32),) * 20, np.zeros(20, np.int64), subjects, ("walk",))


def test_published_splits_and_those_of_a_table(tmp_path: Path) -> None:
    data = ten_people()
    (split,) = files.subject_splits(tmp_path, data, ("1 3 5 7 9",))
    assert sorted(set(data.subjects[split.train])) == [1, 3, 5, 7, 9]
    assert sorted(set(data.subjects[split.test])) == [2, 4, 6, 8, 10]
    savemat(tmp_path / files.SPLITS, {"tr_subjects": [[1, 2], [3, 4]], "te_subjects": [[9, 10], [5, 1]]})
    one, two = files.subject_splits(tmp_path, data, ("1 3 5 7 9",))
    assert sorted(set(data.subjects[one.train])) == [1, 2]
    assert sorted(set(data.subjects[two.test])) == [1, 5]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"tr_subjects": [[1, 2]], "te_subjects": [[2, 3]]}, "Subject 2 is both"),
        ({"tr_subjects": [[1, 2]], "te_subjects": [[11]]}, r"No sequence belongs to the test subjects \[11\]"),
        ({"tr_subjects": [[1, 2]]}, "must hold tr_subjects and te_subjects"),
        ({"tr_subjects": [[1], [2]], "te_subjects": [[3]]}, "with a row a split"),
    ],
)
def test_bad_tables_are_refused(tmp_path: Path, table: dict[str, Any], says: str) -> None:
    savemat(tmp_path / files.SPLITS, table)
    with pytest.raises(UserError, match=says):
        files.subject_splits(tmp_path, ten_people(), ("1",))


@pytest.mark.parametrize("change", [-1, 1])
def test_subjects_whom_no_split_names_are_refused(tmp_path: Path, change: int) -> None:
    data, found = ten_people(), 0 if change < 0 else 11
    with pytest.raises(UserError, match=f"has sequences of subject {found}; its subjects are 1 to 10"):
        files.subject_splits(tmp_path, replace(data, subjects=data.subjects + change), ("1 3 5 7 9",))


@pytest.mark.parametrize("keep", [0, 100, 150, 200])
def test_truncated_tables_are_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / files.SPLITS
    savemat(path, {"tr_subjects": [[1, 2]] * 30, "te_subjects": [[3, 4]] * 30})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UserError, match=r"tr_te_splits\.mat is truncated or no MATLAB file"):
        files.subject_splits(tmp_path, ten_people(), ("1",))
