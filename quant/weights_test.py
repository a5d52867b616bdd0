"""Weight files: what was saved comes back; what is damaged is refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UserError
from quant import weights

STATE: dict[str, np.ndarray] = {
    "a": np.arange(600, dtype=np.float32).reshape(20, 30),
    "b": np.array(3.0, dtype=np.float32),
}
SHAPES = {name: value.shape for name, value in STATE.items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    weights.save(tmp_path / "net.npz", STATE, {"split": 1})
    return tmp_path / "net.npz"


def test_round_trip(file: Path) -> None:
    back = weights.load(file, SHAPES)
    assert all((back[k] == STATE[k]).all() for k in STATE)
    assert json.loads(file.with_suffix(".json").read_text())["split"] == 1
    assert sorted(p.name for p in file.parent.iterdir()) == ["net.json", "net.npz"]


def test_same_state_same_bytes(file: Path) -> None:
    before = file.read_bytes()
    weights.save(file, STATE, {})
    assert file.read_bytes() == before


@pytest.mark.parametrize("keep", [0, 20, 500, -1])
def test_truncated(file: Path, keep: int) -> None:
    file.with_suffix(".json").unlink()
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(UserError, match="truncated or corrupt"):
        weights.load(file, SHAPES)


def test_altered_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    with pytest.raises(UserError, match="SHA-256"):
        weights.load(file, SHAPES)
    file.with_suffix(".json").unlink()
    with pytest.raises(UserError, match="truncated or corrupt"):
        weights.load(file, SHAPES)


def test_pickles_are_refused(file: Path) -> None:
    np.savez(file, a=np.array([{}], dtype=object))
    file.with_suffix(".json").unlink()
    with pytest.raises(UserError, match="truncated or corrupt"):
        weights.load(file, SHAPES)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        weights.load(tmp_path / "none.npz", SHAPES)


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        (SHAPES | {"c": (1,)}, "lacks c"),
        ({"a": (20, 30)}, "has b, which this model lacks"),
        (SHAPES | {"a": (30, 20)}, r"has a of shape \[20, 30\]; this model needs \[30, 20\]"),
    ],
)
def test_weights_of_another_model(file: Path, expected: dict[str, tuple[int, ...]], says: str) -> None:
    with pytest.raises(UserError, match=says):
        weights.load(file, expected)


def test_not_finite(tmp_path: Path) -> None:
    weights.save(tmp_path / "net.npz", {"a": np.array([1.0, np.inf])}, {})
    with pytest.raises(UserError, match="not finite"):
        weights.load(tmp_path / "net.npz", {"a": (2,)})


def test_unreadable_note(file: Path) -> None:
    file.with_suffix(".json").write_text("{")
    with pytest.raises(UserError, match="no readable JSON"):
        weights.load(file, SHAPES)
