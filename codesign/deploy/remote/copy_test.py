"""What is copied to a board, what stays there, and a copy that breaks off."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from codesign_board.package import SUMS

from codesign.deploy.remote.conftest import PLACE, changed_package, hashes, send
from codesign.deploy.remote.testing import Bench
from codesign.errors import CodesignError, UserError


def test_only_what_differs_is_copied(board: Bench, package: Path, tmp_path: Path) -> None:
    send(board, package)
    there = board.board.home / PLACE
    kept = {name: (there / name).stat().st_ino for name in ("residual.bit", "model.onnx", "manifest.json")}
    changed = changed_package(package, tmp_path, "samples.npz", b"other samples")
    said = send(board, changed)
    total = len(hashes(package))
    assert said[1].startswith(f"Copied 2 of {total} files")
    assert hashes(there) == hashes(changed)
    assert {name: (there / name).stat().st_ino for name in kept} == kept


def test_a_file_damaged_on_the_board_is_copied_again(board: Bench, package: Path) -> None:
    send(board, package)
    damaged = board.board.home / PLACE / "residual.bit"
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    assert send(board, package)[1].startswith("Copied 1 of")
    assert hashes(damaged.parent) == hashes(package)


def test_what_a_person_made_there_stays(board: Bench, package: Path, tmp_path: Path) -> None:
    with_notebook = tmp_path / "with"
    shutil.copytree(package, with_notebook)
    (with_notebook / "notebooks").mkdir(exist_ok=True)
    (with_notebook / "notebooks/start.ipynb").write_text("{}")
    send(board, with_notebook)
    there = board.board.home / PLACE
    (there / "notebooks/start.ipynb").write_text('{"mine": 1}')
    (there / "results.csv").write_text("1,2")
    (there / "old.bit").write_text("of the last build")
    (there / SUMS).write_text((there / SUMS).read_text() + "0" * 64 + "  old.bit\n")
    said = send(board, with_notebook)
    assert "kept what was there as notebooks/start-1.ipynb" in said[1]
    assert (there / "notebooks/start-1.ipynb").read_text() == '{"mine": 1}'
    assert (there / "notebooks/start.ipynb").read_text() == "{}"
    assert (there / "results.csv").read_text() == "1,2"
    assert not (there / "old.bit").exists()


@pytest.mark.parametrize("fault", ["cut_after", "full_after"])
def test_a_copy_that_breaks_off_leaves_the_old_package(board: Bench, package: Path, tmp_path: Path, fault: str) -> None:
    send(board, package)
    there = board.board.home / PLACE
    before = hashes(there)
    changed = changed_package(package, tmp_path, "residual.bit", os.urandom(300_000))
    setattr(board.faults, fault, 100_000)
    with pytest.raises(CodesignError, match=r"package that was there|what was there before is as it was"):
        send(board, changed)
    assert hashes(there) == before
    setattr(board.faults, fault, None)
    send(board, changed)
    assert hashes(there) == hashes(changed)
    assert [p.name for p in there.parent.iterdir()] == [there.name]


def test_killed_between_two_renames_the_old_package_comes_back(board: Bench, package: Path) -> None:
    send(board, package)
    there = board.board.home / PLACE
    there.rename(there.with_name(".residual.old"))
    assert send(board, package)[1].startswith("Nothing to copy")
    assert hashes(there) == hashes(package)


def test_what_only_root_can_remove_is_in_nobodys_way(board: Bench, package: Path, tmp_path: Path) -> None:
    send(board, package)
    there = board.board.home / PLACE
    board.board.command("rm", f'case "$*" in *.old) exit 1;; esac; exec {shutil.which("rm")} "$@"')
    for number in range(2):
        changed = changed_package(package, tmp_path / str(number), "residual.bit", bytes([number]))
        send(board, changed)
        assert hashes(there) == hashes(changed)
    assert len([p for p in there.parent.iterdir() if p.name.startswith(".residual.old.")]) == 2
    board.board.command("sudo", f'[ "$1" = -n ] && shift && [ "$1" = rm ] && shift && {shutil.which("rm")} "$@"')
    send(board, package)
    assert len(list(there.parent.iterdir())) == 3


def test_no_space_is_seen_before_anything_is_copied(board: Bench, package: Path) -> None:
    board.board.command(
        "df", "echo 'Filesystem 1024-blocks Used Available Capacity Mounted'; echo '/dev 9 9 100 99% /'"
    )
    with pytest.raises(
        CodesignError, match=r"has 100 KiB free for .*/codesign/residual and the package needs 1,\d\d\d"
    ):
        send(board, package)
    assert not (board.board.home / PLACE).exists()


def test_a_folder_with_other_things_is_left_alone(board: Bench, package: Path) -> None:
    (board.board.home / "work").mkdir()
    (board.board.home / "work/thesis.tex").write_text("years")
    with pytest.raises(UserError, match=r"work on .* holds other things than a package"):
        send(board, package, directory="work")
    assert hashes(board.board.home / "work").keys() == {"thesis.tex"}
    for home in ("~", "~/", "/", "..", "a/.."):
        with pytest.raises(UserError, match="must be a folder for this package alone"):
            send(board, package, directory=home)
