"""Files of fields: the same bytes from the same seed, whole or made again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quant.data.wave import sizes, storage
from quant.data.wave.problems import random_problem
from quant.data.wave.simulate import Simulation

SIZE = replace(sizes.get("tiny"), simulations=3, frames=12)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return storage.make(SIZE, tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_bytes_again(made: Path, tmp_path: Path) -> None:
    again = storage.make(SIZE, tmp_path / "again")
    assert contents(again) == contents(made)
    assert sorted(contents(made)) == ["0000.npz", "0001.npz", "0002.npz", "about.json"]
    other = storage.make(replace(SIZE, seed=7, simulations=1), tmp_path)
    assert contents(other)["0000.npz"] != contents(made)["0000.npz"]


def test_fields_are_those_simulated(made: Path, tmp_path: Path) -> None:
    found = storage.fields(SIZE, tmp_path)
    assert (found.shape, found.dtype) == ((3, 12, 32, 32), np.float32)
    expected = Simulation(SIZE, random_problem(SIZE, 2)).fields()
    np.testing.assert_array_equal(found[2], expected.astype(np.float32))


def test_what_is_there_is_not_made_again(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.iterdir()}
    monkeypatch.setattr(storage, "Simulation", None)
    told: list[int] = []
    storage.make(SIZE, tmp_path, told.append)
    assert told == [0, 1, 2]
    assert {path: path.stat().st_mtime_ns for path in made.iterdir()} == before


def test_a_killed_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = contents(storage.make(SIZE, tmp_path / "whole"))
    simulated: list[int] = []

    def dies(size: sizes.Size, problem: object) -> Simulation:
        if len(simulated) == 2:
            raise KeyboardInterrupt
        simulated.append(1)
        return Simulation(size, problem)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "Simulation", dies)
    with pytest.raises(KeyboardInterrupt):
        storage.make(SIZE, tmp_path)
    assert sorted(contents(storage.folder(SIZE, tmp_path))) == ["0000.npz", "0001.npz"]
    simulated[:] = [1]
    assert contents(storage.make(SIZE, tmp_path)) == whole


def test_a_run_killed_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(path: Path, **_: np.ndarray) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", dies)
    with pytest.raises(KeyboardInterrupt):
        storage.make(SIZE, tmp_path)
    assert contents(storage.folder(SIZE, tmp_path)) == {}


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _nan(path: Path) -> None:
    np.savez(path, field=np.full((SIZE.frames, SIZE.grid, SIZE.grid), np.nan, np.float32))


def _other(path: Path) -> None:
    np.savez(path, field=np.zeros((SIZE.frames, SIZE.grid, 7), np.float32))


def _text(path: Path) -> None:
    path.write_text("no data")


@pytest.mark.parametrize("damage", [_truncate, _flip, _nan, _other, _text, Path.unlink])
def test_a_damaged_file_is_made_again(damage: object, made: Path, tmp_path: Path) -> None:
    before = contents(made)
    damage(made / "0001.npz")  # type: ignore[operator]
    assert contents(storage.make(SIZE, tmp_path)) == before


def test_other_settings_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path))
    here = storage.folder(SIZE)
    assert here.parent == tmp_path / "wave"
    assert storage.folder(replace(SIZE, cells=128)) != here
    monkeypatch.setattr(storage, "GENERATION", storage.GENERATION + 1)
    assert storage.folder(SIZE) != here


def test_it_says_what_it_is(made: Path) -> None:
    about = json.loads((made / storage.ABOUT).read_text())
    assert "not published" in about["source"] and "scikit-fem" in about["source"]
    assert list(about["sha256"]) == ["0000.npz", "0001.npz", "0002.npz"]
