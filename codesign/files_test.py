"""Files are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.errors import CodesignError
from codesign.files import replacing, replacing_folder, write_json, write_text


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CodesignError, match=r"could not be written \(.*\): free some space or choose another folder"):
        write_json(tmp_path / "file" / "a.json", {})


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    with replacing_folder(folder) as fresh:
        (fresh / "a").write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing_folder(folder) as fresh:
        (fresh / "a").write_text("half")
        raise KeyboardInterrupt
    assert (folder / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_whose_writer_was_killed_between_two_renames_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".made.old").mkdir()
    (tmp_path / ".made.old/a").write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing_folder(tmp_path / "made"):
        raise KeyboardInterrupt
    assert (tmp_path / "made/a").read_text() == "old"
