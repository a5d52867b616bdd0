"""Loading by whichever tool is there, with tools that write down how they are called."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from codesign_board.errors import PlaceError
from codesign_board.serial.program import program_board

PACKAGE: Any = SimpleNamespace(board="ulx3s", file=lambda role: Path("/deploy/top.bit"))


def tool(folder: Path, name: str, then: str = "exit 0") -> None:
    (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {folder}/called\n{then}\n')
    (folder / name).chmod(0o755)


def test_either_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlaceError, match="Neither openFPGALoader nor fujprog is installed"):
        program_board(PACKAGE)
    tool(tmp_path, "fujprog")
    program_board(PACKAGE)
    tool(tmp_path, "openFPGALoader")
    program_board(PACKAGE)
    called = (tmp_path / "called").read_text().splitlines()
    assert called == ["fujprog /deploy/top.bit", "openFPGALoader -b ulx3s /deploy/top.bit"]


def test_a_tool_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    tool(tmp_path, "fujprog", "echo starting >&2; echo Cannot find JTAG cable. >&2; exit 3")
    with pytest.raises(PlaceError, match=r"fujprog /deploy/top.bit failed: Cannot find JTAG cable\."):
        program_board(PACKAGE)
    tool(tmp_path, "fujprog", "exit 3")
    with pytest.raises(PlaceError, match="failed: exit status 3"):
        program_board(PACKAGE)
