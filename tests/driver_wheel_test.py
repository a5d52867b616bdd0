"""The driver as boards get it: a small wheel that needs numpy alone, on the oldest and the newest Python and numpy."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from codesign.deploy.wheel import build_wheel
from tests.environments import NUMPY, ROOT, Environment

DRIVER = ROOT / "sw" / "board"
LARGEST = 100_000
"""Bytes of the wheel."""
SMOKE = ROOT / "tests" / "on_board" / "smoke.py"
FOREIGN = {"pynq": ("places/pynq.py",), "matplotlib": ("drawing/",)}
"""What else is imported where it is there, and by which of the driver's files; ``places/`` says what is missing."""
OLDEST = (3, 10)
NEWER = {"tomllib"}
"""The standard library's modules that the oldest Python has not."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_is_small(wheel: Path) -> None:
    assert 10_000 < wheel.stat().st_size <= LARGEST


def test_it_needs_numpy_alone(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert needed == ["Requires-Dist: numpy>=1.21,<3"]
    assert "Requires-Python: >=3.10" in metadata.splitlines()


def sources() -> list[Path]:
    found = sorted((DRIVER / "codesign_board").rglob("*.py"))
    assert len(found) > 20
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(DRIVER).as_posix())
def test_sources_are_of_the_oldest_python_and_import_no_more(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=OLDEST)
    if path.name.endswith("_test.py"):
        return
    place = path.relative_to(DRIVER / "codesign_board").as_posix()
    known = (sys.stdlib_module_names - NEWER) | {"numpy", "codesign_board"}
    known |= {module for module, places in FOREIGN.items() if place.startswith(places)}
    assert {module.partition(".")[0] for module in imported(tree)} <= known


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level and node.module
            found.add(node.module)
    return found


@pytest.fixture(params=NUMPY, ids=lambda e: e.name)
def environment(request: pytest.FixtureRequest) -> Environment:
    found: Environment = request.param
    if not found.ready and found.interpreter() is None:
        pytest.skip(f"{found.name} needs {' or '.join(found.pythons)}, which is not installed here")
    assert found.ready, f"python -m tests.environments {found.name} makes it"
    return found


def run(environment: Environment, arguments: Sequence[str | Path], folder: Path, path: Path | None = None) -> str:
    """Run its Python in a folder, with the modules of ``path`` beside its own; return what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [environment.python, *arguments],
        cwd=folder,
        env={**kept, **({"PYTHONPATH": str(path)} if path else {})},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_installed_it_works(environment: Environment, wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    run(environment, [*pip, "--target", target, wheel], elsewhere)
    said = run(environment, [SMOKE], elsewhere, target).split()
    python, numpy = said[0], said[1]
    assert python == environment.pythons[0].removeprefix("python")
    assert numpy.startswith(environment.name.removeprefix("numpy-"))
    assert said[2:] == ["numpy", "ok", "c", "ok"]


def test_unit_tests_pass(environment: Environment) -> None:
    said = run(environment, ["-m", "pytest", "-x", "-p", "no:cacheprovider", "sw/board"], ROOT)
    assert "[100%]" in said
