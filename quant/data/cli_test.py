"""The command that makes the wave data set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.errors import MissingTool, UserError
from quant.data.cli import data
from quant.data.wave import sizes, storage


def run(*arguments: str) -> str:
    result = CliRunner().invoke(data, ["wave", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_makes_what_trainings_look_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the cache, or in a folder of one's own: the same files."""
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "cache"))
    here, own = storage.folder(sizes.get("tiny")), storage.folder(sizes.get("tiny"), tmp_path / "own")
    output = run("--size", "tiny")
    assert f"8 simulations of 30 frames in {here}" in output.replace("\n", "")
    assert "8/8" in output
    run("--size", "tiny", "-o", str(tmp_path / "own"))
    assert {p.name: p.read_bytes() for p in here.iterdir()} == {p.name: p.read_bytes() for p in own.iterdir()}


def test_an_unknown_size(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no size 'huge'"):
        run("--size", "huge", "-o", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="could not be written"):
        run("--size", "tiny", "-o", str(tmp_path / "file" / "below"))


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skfem", None)
    with pytest.raises(MissingTool, match="skfem is not installed, and waves are simulated with it"):
        run("--size", "tiny", "-o", str(tmp_path))
