"""Places by their names: built in, plugged in, unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fake_board import FakeBoard, write_package

from codesign_board import Accelerator, places
from codesign_board.errors import PlaceError
from codesign_board.package import Package
from codesign_board.places.axi import AxiPlace


class Point:
    """An entry point."""

    def __init__(self, name: str, loaded: Any) -> None:
        self.name, self._loaded = name, loaded

    def load(self) -> Any:
        if isinstance(self._loaded, Exception):
            raise self._loaded
        return self._loaded


def here(package: Package, level: int = 3) -> AxiPlace:
    return AxiPlace(package, FakeBoard(), "here", f"level {level}")


def whole(package: Package) -> Accelerator:
    return Accelerator(package, here(package, 9))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    points = [Point("here", here), Point("whole", whole), Point("gone", ImportError("no verilator"))]
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: points if group == "codesign_board.places" else []
    )
    return write_package(tmp_path)


def test_a_place_that_is_plugged_in_is_opened_with_its_options(folder: Path) -> None:
    assert Accelerator.load(folder, "here").place.where == "level 3"
    assert Accelerator.load(Package.load(folder), "here", level=5).place.where == "level 5"
    assert Accelerator.load(str(folder), "whole").place.where == "level 9"


def test_an_unknown_place_is_told_the_known_ones(folder: Path) -> None:
    assert places.names() == ["gone", "here", "pynq", "serial", "whole"]
    with pytest.raises(PlaceError, match="no place 'there': give one of gone, here, pynq, serial, whole"):
        Accelerator.load(folder, "there")


def test_an_option_that_a_place_does_not_have_is_refused(folder: Path) -> None:
    with pytest.raises(PlaceError, match=r"place here cannot take these options: .*'lever'"):
        Accelerator.load(folder, "here", lever=1)


def test_a_place_that_cannot_be_imported_says_why(folder: Path) -> None:
    with pytest.raises(PlaceError, match=r"place gone cannot be imported \(no verilator\)"):
        Accelerator.load(folder, "gone")
