"""Data sets are recognised by their files, and what is none is refused with what it should hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from codesign.errors import UserError
from quant.data import datasets
from quant.data.datasets import open_dataset


def pack(folder: Path, name: str, joints: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    x = np.random.default_rng(0).normal(size=(12, joints, 3)).astype(np.float32)
    about = {"label": [0, 1, 0, 1], "subject": [1, 2, 3, 4], "trial": [1, 1, 1, 1]}
    np.savez(folder / name, x=x, offsets=[0, 3, 6, 9, 12], class_names=["a", "b"], **about)  # type: ignore[arg-type]
    savemat(folder / "tr_te_splits.mat", {"tr_subjects": [[1, 3]], "te_subjects": [[2, 4]]})
    return folder


SETS = [("utkinect.npz", 20, "utkinect"), ("msraction3d.npz", 20, "msr-action3d"), ("florence3d.npz", 15, "florence3d")]


def test_known_data_sets() -> None:
    assert [reader.key for reader in datasets.readers()] == ["florence3d", "msr-action3d", "ntu", "utkinect"]
    for reader in datasets.readers():
        assert reader.protocols[0] in ("ten-splits", "cross-subject")


@pytest.mark.parametrize(("file", "joints", "key"), SETS)
@pytest.mark.parametrize("below", [".", "inner"])
def test_recognised_by_its_files(tmp_path: Path, file: str, joints: int, key: str, below: str) -> None:
    pack(tmp_path / below, file, joints)
    data = open_dataset(tmp_path)
    assert data.key == key
    assert len(data.sequences) == 4
    assert len(data.sequences.layout.joints) == joints
    assert (data.splits[0].train.tolist(), data.splits[0].test.tolist()) == ([0, 2], [1, 3])
    assert data.title in data.source
    assert data.source.endswith(", 4 sequences.")


def test_other_folders_are_refused_with_what_they_should_hold(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(UserError, match="hold no data set that is known") as error:
        open_dataset(tmp_path)
    for word in ("utkinect.npz", "actionLabel.txt", "skeletal_data.mat", "aXX_sYY_eZZ_skeleton3D.txt", ".skeleton"):
        assert word in str(error.value)
    with pytest.raises(UserError, match="nowhere does not exist: give the folder of a data set"):
        open_dataset(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"notes\.txt is no folder"):
        open_dataset(tmp_path / "notes.txt")


def test_more_than_one_data_set_is_refused(tmp_path: Path) -> None:
    pack(tmp_path / "one", "utkinect.npz", 20)
    pack(tmp_path / "two", "florence3d.npz", 15)
    with pytest.raises(
        UserError, match=r"holds 2 data sets: UTKinect-Action3D \(.*one\), Florence 3D Actions \(.*two\)"
    ):
        open_dataset(tmp_path)
    assert open_dataset(tmp_path / "two").key == "florence3d"


def test_unknown_protocol_is_refused(tmp_path: Path) -> None:
    pack(tmp_path, "msraction3d.npz", 20)
    says = r"MSR Action3D has no protocol 'cross-view'; it has cross-subject, AS1, AS2, AS3, ten-splits\."
    with pytest.raises(UserError, match=says):
        open_dataset(tmp_path, "cross-view")


def test_wrong_layout_is_refused(tmp_path: Path) -> None:
    pack(tmp_path, "florence3d.npz", 20)
    with pytest.raises(UserError, match="Sequence 1 has 20 joints; the layout florence15 has 15"):
        open_dataset(tmp_path)
