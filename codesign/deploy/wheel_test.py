"""The driver's wheel: the same bytes whenever it is built, without tests, and what a board's pip takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from codesign.deploy import sources, wheel
from codesign.deploy.wheel import build_wheel


def test_it_is_always_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = build_wheel(tmp_path / "one")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", sources.DRIVER, copy], check=True)
    for path in copy.rglob("*.py"):
        os.utime(path, (1.5e9, 1.5e9))
        path.chmod(0o600)
    monkeypatch.setattr(wheel, "DRIVER", copy)
    other = build_wheel(tmp_path / "other")
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()
    assert os.environ["SOURCE_DATE_EPOCH"] == "1700000000"
    (copy / "codesign_board/place.py").write_text("changed = True\n")
    assert build_wheel(tmp_path / "changed").read_bytes() != one.read_bytes()


def test_it_holds_the_driver_and_no_tests(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build_wheel(tmp_path)).namelist()
    modules = {p.relative_to(sources.DRIVER).as_posix() for p in sources.DRIVER.rglob("codesign_board/**/*.py")}
    assert modules > {"codesign_board/package.py", "codesign_board/packing_test.py"}
    assert {n for n in names if n.endswith(".py")} == {n for n in modules if not n.endswith("_test.py")}
    assert "codesign_board/packing.c" in names
    assert not [n for n in names if n.endswith(("_test.py", ".pyc", ".so"))]


def test_pip_installs_it_with_nothing_else(tmp_path: Path) -> None:
    built, target = build_wheel(tmp_path), tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", target, built], check=True, timeout=120)
    run = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(target)!r}); import codesign_board as c; "
           "print(c.__file__, c.__version__)"]  # fmt: skip
    file, version = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()
    assert Path(file).is_relative_to(target)
    assert version == built.name.split("-")[1]
