"""Options as they come from command lines: what is wrong with one is told in a sentence, before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from codesign_board.__main__ import main as driver
from codesign_board.errors import PlaceError
from codesign_board.package import Package

from sw.simboard.faults import FAULTS
from sw.simboard.memory import BASE
from sw.simboard.place import sim
from sw.simboard.system import System
from tests.fake_board import write_package

PROBABILITY, SECONDS = "a probability, from 0 to less than 1.", "a positive, finite number of seconds."
SEED, BYTES = "a whole number from 0 to 2147483647.", f"a whole number of bytes from 1 to {0x8000_0000 - BASE}."
NAMES = f"names of faults, with commas between: {', '.join(FAULTS)}."
WRONG = {
    ("stalls", PROBABILITY): {"abc": "'abc'", "": "''", "nan": "nan", "-1": "-1", "1": "1", "inf": "inf"},
    ("seed", SEED): {"x": "'x'", "0.5": "0.5", "nan": "nan", "-1": "-1", "2147483648": "2147483648"},
    ("memory", BYTES): {"x": "'x'", "0": "0", "-4096": "-4096", "1e6": "1000000.0", "9999999999999": "9999999999999"},
    ("patience_s", SECONDS): {"x": "'x'", "0": "0", "-1": "-1", "nan": "nan", "inf": "inf", "1" + 400 * "0": "1000"},
    ("faults", NAMES): {"0": "0", "3": "3", "nan": "nan"},
}
"""What each option must be, and its wrong values: as they are typed, and how the message begins to show them."""


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """A package beside a board of the same build, which has no library that could be loaded."""
    found = Package.load(write_package(tmp_path / "deploy"))
    about = {"io": "axi", "family": "xcup", "title": "a board", "build": found.build % 2**32}
    (tmp_path / "simboard.json").write_text(json.dumps({**about, "addresses": {"dma": 0, "accelerator": 0}}))
    return found


@pytest.mark.parametrize("option", WRONG, ids=lambda option: option[0])
def test_a_wrong_value_is_told(package: Package, capsys: pytest.CaptureFixture[str], option: tuple[str, str]) -> None:
    name, wanted = option
    for typed, shown in WRONG[option].items():
        assert driver(["selftest", str(package.directory), "--place", "sim", "--option", f"{name}={typed}"]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"Error: The option {name}={shown}")
        assert said.endswith(f" of the simulated board must be {wanted}\n")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("faults=foo", f"There is no fault 'foo': it must be one of {', '.join(FAULTS)}."),
        ("faults=hang:x", "The fault 'hang:x' must strike at a whole number from 1 on, as in hang:2."),
        ("simboard=3", "There is no simulated board in 3: name a build's folder"),
    ],
)
def test_a_wrong_name_is_told(package: Package, capsys: pytest.CaptureFixture[str], option: str, said: str) -> None:
    assert driver(["selftest", str(package.directory), "--place", "sim", "--option", option]) == 2
    assert capsys.readouterr().err.startswith(f"Error: {said}")


def test_the_ends_of_the_ranges_are_in_them(package: Package) -> None:
    board = package.directory.parent
    assert System(board, stalls=0, seed=2**31 - 1, memory=0x8000_0000 - BASE).memory_bytes == 0x7000_0000
    assert System(board, (name for name in FAULTS), np.float32(0.999), np.int64(0), 1).memory_bytes == 1  # type: ignore[arg-type]
    with pytest.raises(PlaceError, match="seed=True of"):
        System(board, seed=True)
    with pytest.raises(PlaceError, match="is a bitfile for real hardware"):
        sim(package, patience_s=1e-9, faults=[])


OF_THE_BUS = ({"stalls": "abc"}, {"stalls": float("nan")}, {"faults": "hang"}, {"seed": "x"}, {"memory": 0})


@pytest.mark.parametrize("options", OF_THE_BUS, ids=str)
def test_a_board_on_a_line_takes_none_of_the_buss(package: Package, options: dict[str, object]) -> None:
    about = package.directory.parent / "simboard.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "io": "uart"}))
    with pytest.raises(PlaceError, match="on a serial line: give it no faults, stalls, seed or memory"):
        sim(package, **options)  # type: ignore[arg-type]
    with pytest.raises(PlaceError, match="The option patience_s='x'"):
        sim(package, patience_s="x")  # type: ignore[arg-type]
