"""Imports go only where the architecture allows: the table of README.md, "Where things are"."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMON = ("codesign.errors", "codesign.files", "codesign.records", "codesign.graph")
ALLOWED: dict[str, tuple[str, ...]] = {
    "codesign/graph": ("codesign_board", *COMMON),
    "quant": ("quant", *COMMON),
    "hw": ("hw", "boards", "codesign_board", *COMMON),
    "boards": ("boards", "codesign.errors"),
    "codesign": ("codesign", "codesign_board", "quant", "hw", "boards"),
    "sw": ("codesign_board",),
    "sw/simboard": ("sw.simboard", "codesign_board", "hw.sim", "hw.shell", "boards"),
}
OURS = ("codesign", "codesign_board", "quant", "hw", "boards", "sw")
WITNESSES = {"finn": "hw/finn", "hls4ml": "hw/hls4ml", "da4ml": "hw/da4ml"}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def layer(path: Path) -> str:
    """The most specific folder of the table that holds the file."""
    name = path.relative_to(ROOT).as_posix()
    return max((folder for folder in ALLOWED if name.startswith(f"{folder}/")), key=len)


def files() -> list[Path]:
    found = [p for folder in ("codesign", "quant", "hw", "boards", "sw") for p in sorted((ROOT / folder).rglob("*.py"))]
    assert len(found) > 50
    return found


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == p or module.startswith(f"{p}.") for p in packages)


@pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_stay_in_their_layer(path: Path) -> None:
    allowed = ALLOWED[layer(path)]
    ours = [m for m in imports(path) if within(m, OURS)]
    assert [m for m in ours if not within(m, allowed)] == []
    for package, folder in WITNESSES.items():
        if not path.relative_to(ROOT).as_posix().startswith(folder):
            assert not any(within(m, (package,)) for m in imports(path))
