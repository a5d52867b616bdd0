"""The self-test and the command line, on a board in Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fake_board import FakeBoard, network, write_package

from codesign_board import Accelerator, find_packages
from codesign_board.__main__ import _pairs, main
from codesign_board.errors import InputError, Mismatch, PackageError
from codesign_board.package import Package
from codesign_board.places.axi import AxiPlace
from codesign_board.samples import Samples


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> FakeBoard:
    """A board that ``--place fake`` finds."""
    found = FakeBoard()

    class Point:
        name = "fake"

        def load(self) -> Any:
            return lambda package, patience_s=0.02: AxiPlace(package, found, "fake", "a fake board", patience_s)

    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Point()])
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path / "deploy")


def wrong(q: np.ndarray) -> np.ndarray:
    """The network, but for two integers of the fifth frame and one of the last."""
    y = network(q)
    if len(y) == 37:
        y[4, 3] += 1
        y[4, 4] -= 2
        y[36, 0] += 7
    return y


def test_samples_are_compared_exactly(board: FakeBoard, folder: Path) -> None:
    with Accelerator.load(folder, "fake") as accelerator:
        result = accelerator.selftest()
        assert (result.frames, result.integers, result.mismatches, result.first) == (37, 185, 0, None)
        result.raise_for_mismatch()
        assert str(result) == ("sums on a fake board: 37 frames, 185 integers compared with the package's, all equal.")
        assert accelerator.selftest(5).frames == 5


def test_the_first_difference_is_told(board: FakeBoard, folder: Path) -> None:
    board.compute = wrong
    with Accelerator.load(folder, "fake") as accelerator:
        result = accelerator.selftest()
    expected = int(np.load(folder / "samples.npz")["outputs"][4, 3])
    assert result.mismatches == 3 and result.first is not None
    assert vars(result.first) == {"frame": 4, "index": (3,), "expected": expected, "found": expected + 1}
    told = rf"3 differ, the first in frame 4 at \[3\]: {expected} expected, {expected + 1} found"
    with pytest.raises(Mismatch, match=told):
        result.raise_for_mismatch()


@pytest.mark.parametrize("frames", [0, -1])
def test_a_test_of_nothing_is_refused(board: FakeBoard, folder: Path, frames: int) -> None:
    with Accelerator.load(folder, "fake") as accelerator, pytest.raises(InputError, match="tests nothing"):
        accelerator.selftest(frames)


def test_options_of_the_command_have_types() -> None:
    pairs = _pairs(["program=False", "stalls=0.5", "baud=9600", "port=/dev/ttyUSB0", "on=true"])
    assert pairs == {"program": False, "stalls": 0.5, "baud": 9600, "port": "/dev/ttyUSB0", "on": True}
    assert pairs["program"] is False


def test_samples_that_are_none_are_named(tmp_path: Path) -> None:
    files = {"bitfile": "sums.bit", "handoff": "sums.hwh"}
    with pytest.raises(PackageError, match="has no samples"):
        Samples.of(Package.load(write_package(tmp_path, files=files)))


def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    captured = capsys.readouterr()
    yield from (captured.out, captured.err)


def test_info_says_what_a_package_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(folder)]) == 0
    out, err = lines(capsys)
    assert err == "" and "zcu104 (axi)" in out and "[N, 6, 4]" in out and "5,000,000 a second (measured (RTL))" in out


def test_selftest_says_ok_or_where_it_differs(
    board: FakeBoard, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["selftest", str(folder), "--place", "fake", "--option", "patience_s=0.1"]
    assert main(arguments) == 0
    assert "all equal" in capsys.readouterr().out
    board.compute = wrong
    assert main(arguments) == 4
    out, err = lines(capsys)
    assert out == "" and "3 differ" in err and err.count("\n") == 1


def test_benchmark_prints_its_table(board: FakeBoard, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", str(folder), "--place", "fake", "--seconds", "0.01"]) == 0
    assert "register CYCLES" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["info", "{folder}/nothing"], "There is no package"),
        (["selftest", "{folder}", "--place", "moon"], "no place 'moon'"),
        (["selftest", "{folder}", "--place", "fake", "--option", "speed=9"], "cannot take these options"),
        (["selftest", "{folder}", "--place", "fake", "--option", "speed"], "--option speed must be NAME=VALUE"),
        (["benchmark", "{folder}", "--place", "fake", "--seconds", "nan"], "cannot last nan seconds"),
        (["benchmark", "{folder}", "--place", "fake", "--seconds", "0"], "cannot last 0.0 seconds"),
        (["compare", "{folder}", "--places", "fake"], "must name two places"),
        (["compare", "{folder}", "--places", "fake,fake", "--frames", "-3"], "-3 random frames cannot be compared"),
        (["compare", "{folder}", "--places", "fake,fake", "--option", "fkae.a=1"], "must begin with one of the places"),
    ],
)
def test_errors_are_one_sentence(
    board: FakeBoard, folder: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(folder=folder) for argument in arguments]) == 2
    out, err = lines(capsys)
    assert out == "" and err.startswith("Error: ") and told in err and err.count("\n") == 1


def test_a_failed_transfer_is_one_sentence(board: FakeBoard, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board.short = 2
    assert main(["selftest", str(folder), "--place", "fake"]) == 2
    assert capsys.readouterr().err.startswith("Error: The transfer was short: ")


def test_a_changed_byte_is_refused_by_the_command(folder: Path) -> None:
    (folder / "sums.bit").write_text("Bitfile")
    run = subprocess.run(
        [sys.executable, "-m", "codesign_board", "selftest", str(folder)],
        env={"PYTHONPATH": str(Path(__file__).parents[1])}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 2 and "Traceback" not in run.stderr
    assert run.stderr.startswith(f"Error: {folder / 'sums.bit'} was changed since it was made")


def test_packages_are_found_where_they_may_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work" / "notebooks"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CODESIGN_PACKAGES", "")
    assert find_packages() == []
    above = write_package(tmp_path / "work")
    assert find_packages() == [above]
    deploy = write_package(work / "deploy")
    mine = [write_package(tmp_path / "home" / "codesign" / name) for name in ("a", "b")]
    (tmp_path / "home" / "codesign" / "c").mkdir()
    assert find_packages() == [deploy, above, *mine]
    many, one = tmp_path / "many", write_package(tmp_path / "one")
    inside = [write_package(many / name) for name in ("x", "y")]
    monkeypatch.setenv("CODESIGN_PACKAGES", f"{many}:{one}:{one}")
    assert find_packages() == [*inside, one, deploy, above, *mine]


def test_zips_are_found_where_packages_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    write_package(tmp_path / "made")
    (tmp_path / "many").mkdir()
    zipped = Path(shutil.make_archive(str(tmp_path / "many" / "sums"), "zip", tmp_path / "made"))
    shutil.make_archive(str(tmp_path / "many" / "other"), "zip", Path(__file__).parent / "places")
    (tmp_path / "many" / "broken.zip").write_text("no zip")
    monkeypatch.chdir(tmp_path / "many")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CODESIGN_PACKAGES", str(tmp_path / "many"))
    assert find_packages() == [zipped]
    assert Package.load(zipped).model == "sums"
