"""The cache: what is found, what is made again, and what processes do that want the same."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from codesign.sweep.cache import Cache, canonical, key


@dataclass(frozen=True)
class Net:
    width: int
    scale: float = 0.5


@dataclass(frozen=True)
class Board:
    width: int
    scale: float = 0.5


class Maker:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def folder(self, folder: Path) -> None:
        self.calls += 1
        (folder / "inner").mkdir()
        (folder / "inner" / "a.bin").write_bytes(bytes(range(200)))

    def value(self) -> dict[str, float]:
        self.calls += 1
        return {"lut": 12, "fps": 0.1}


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    make = Maker()
    cache, other = Cache(tmp_path), Cache(tmp_path)
    place = cache.get("net", [1], make.folder)
    assert (place / "inner" / "a.bin").read_bytes() == bytes(range(200))
    assert cache.get("net", [1], make.folder) == other.get("net", [1], make.folder) == place and make.calls == 1
    assert cache.get("net", [2], make.folder) != place and cache.get("other", [1], make.folder) != place
    assert make.calls == 3
    for each in (cache, cache, other):
        assert each.value("figures", [1], make.value) == {"lut": 12, "fps": 0.1}
    assert make.calls == 4


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        Cache(tmp_path).get("net", 1, fails)
    make = Maker()
    assert not (Cache(tmp_path).get("net", 1, make.folder) / "half").exists() and make.calls == 1


@pytest.mark.parametrize("damage", ["changed", "truncated", "removed", "added", "unsealed"])
def test_a_damaged_folder_is_made_again(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    make = Maker()
    place = Cache(tmp_path).get("net", 1, make.folder)
    file = place / "inner" / "a.bin"
    {
        "changed": lambda: file.write_bytes(bytes(range(199)) + b"\0"),
        "truncated": lambda: os.truncate(file, 100),
        "removed": file.unlink,
        "added": lambda: (place / "more").write_text(""),
        "unsealed": (place / ".sha256").unlink,
    }[damage]()
    with caplog.at_level(logging.WARNING):
        again = Cache(tmp_path).get("net", 1, make.folder)
    assert again == place and file.read_bytes() == bytes(range(200)) and make.calls == 2
    assert not (place / "more").exists()
    assert caplog.messages == [f"cache: {place} is damaged and is made again"]
    assert Cache(tmp_path).get("net", 1, make.folder) == place and make.calls == 2


@pytest.mark.parametrize("text", ["", '{"sha256": "0", "value": {}}', "[1, 2", '{"value": 3}', "[]", "half"])
def test_a_damaged_value_is_made_again(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    make = Maker()
    Cache(tmp_path).value("figures", 1, make.value)
    (file,) = (tmp_path / "figures").glob("*.json")
    file.write_text(file.read_text().replace("12", "13") if text == "half" else text)
    assert Cache(tmp_path).value("figures", 1, make.value) == {"lut": 12, "fps": 0.1} and make.calls == 2
    assert "is damaged" in caplog.text


def test_the_key_changes_with_each_ingredient(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    folder.mkdir()
    file.write_text("x")
    keys = [key([file]), key([folder])]
    file.write_text("y")
    (folder / "a").write_text("")
    keys += [key([file]), key([folder])]
    parts: tuple[object, ...] = (
        *(None, True, 1, 1.0, "1", b"1", [1], [[1]], {1: 1}, {1}, {"1": 1}, [None], [], {}, 0.1 + 0.2, 0.3),
        *(Net(1), Net(2), Net(1, 0.25), Board(1), "x", "y", [1, 2], [2, 1], [1, [2]], {"a": 1, "b": 2}),
        *(np.arange(4), np.arange(4).astype(np.int32), np.arange(4).reshape(2, 2), np.array([0, 1, 2, 4])),
        *(np.zeros(4, kind) for kind in (np.int32, np.uint32, np.float32)),
    )
    keys += [key(part) for part in parts]
    assert len(set(keys)) == len(keys)


def test_what_is_equal_has_one_key(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    assert key(tmp_path / "a") == key(tmp_path / "b")
    assert key({"a": 1, "b": 2}) == key({"b": 2, "a": 1}) and key((1, 2)) == key([1, 2]) and key({2, 1}) == key({1, 2})
    assert key(np.float64(0.5)) == key(0.5) and key(np.arange(6).reshape(2, 3).T.copy()) == key(
        np.arange(6).reshape(2, 3).T
    )
    with pytest.raises(TypeError, match="function cannot be part"):
        canonical({"make": test_what_fails_leaves_nothing})


RACE = """
import sys, time
from pathlib import Path
from codesign.sweep.cache import Cache
def make(folder):
    with (Path(sys.argv[1]) / "made").open("a") as log: log.write("x")
    (folder / "started").write_text("")
    time.sleep(float(sys.argv[2]))
    (folder / "who").write_text(sys.argv[3])
print((Cache(Path(sys.argv[1])).get("net", [1, 2], make) / "who").read_text())
"""


def process(folder: Path, seconds: float, who: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RACE, str(folder), str(seconds), who]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def test_of_processes_that_want_the_same_one_makes_it(tmp_path: Path) -> None:
    both = [process(tmp_path, 0.4, who) for who in "ab"]
    said = {each.communicate(timeout=60)[0] for each in both}
    assert len(said) == 1 and (tmp_path / "made").read_text() == "x"


def test_one_that_is_killed_holds_nobody_up(tmp_path: Path) -> None:
    first = process(tmp_path, 600, "a")
    for _ in range(600):
        if list(tmp_path.glob("net/.*.new/started")):
            break
        time.sleep(0.05)
    (lock,) = (tmp_path / "locks").glob("net-*.lock")
    with pytest.raises(TimeoutError):
        FileLock(lock, timeout=0).acquire()  # it is held
    first.send_signal(signal.SIGKILL)
    first.wait()
    place = Cache(tmp_path).get("net", [1, 2], _mine)
    assert (place / "who").read_text() == "b" and not (place / "started").exists()
    assert (tmp_path / "made").read_text() == "x"


def _mine(folder: Path) -> None:
    (folder / "who").write_text("b")
