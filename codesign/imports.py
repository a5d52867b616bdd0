"""The code that a module's results depend on: its own, that of our modules that it imports, the packages beyond.

Imports are read, not run, those inside functions too. A module that imports by names that it makes up
(``import_module``) depends on all of its folder; one with files beside it that are no Python (Verilog, C++, weights)
depends on those. A package's ``__init__`` counts where something is imported from it, not where a module below it is.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from codesign.digests import ROOT, SOURCES, digest

OURS = ("boards", "codesign", "codesign_board", "hw", "quant", "sw")
BASES = (ROOT, ROOT / "sw" / "board")


@cache
def code_of(*modules: str, own: str = "") -> str:
    """SHA-256 of the sources of ``modules`` and of all that they import, with the versions of the packages among it.

    Args:
        modules: what does the work.
        own: the module that calls them: its own file counts, not all that it imports.

    Raises:
        ValueError: one of them is not ours.
    """
    files, packages = closure(*modules)
    files |= {_existing(own)} if own else set()
    lines = [f"{file.relative_to(ROOT)} {digest(file)}" for file in sorted(files)]
    lines += [f"{package} {version}" for package, version in versions(packages).items()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def closure(*modules: str) -> tuple[set[Path], set[str]]:
    """Return our files that ``modules`` depend on, and the names of other packages that those import."""
    files, packages, todo = set[Path](), set[str](), list[Path]()
    todo += map(_existing, modules)
    while todo:
        file = todo.pop()
        if file not in files:
            files |= {file, *_beside(file)}
            ours, others = _imported(file)
            todo += ours
            packages |= others
    return files, packages


def versions(packages: set[str]) -> Mapping[str, str]:
    """Return the versions of importable names that no Python comes with; ``absent`` where they are not installed."""
    outside = sorted(packages - sys.stdlib_module_names)
    distributions = importlib.metadata.packages_distributions() if outside else {}
    return {
        name: " ".join(sorted({f"{each} {importlib.metadata.version(each)}" for each in distributions.get(name, ())}))
        or "absent"
        for name in outside
    }


@cache
def _imported(file: Path) -> tuple[tuple[Path, ...], frozenset[str]]:
    text = file.read_text()
    ours, others = set[Path](), set[str]()
    for name in _names(ast.parse(text)):
        top = name.split(".")[0]
        if top not in OURS:
            others.add(top)
        elif found := _file(name) or _file(name.rpartition(".")[0]):  # the last part may be something in a module
            ours.add(found)
    if "import_module" in text:
        ours |= {p for p in file.parent.rglob("*.py") if not p.name.endswith("_test.py")}
    return tuple(ours), frozenset(others)


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _existing(module: str) -> Path:
    found = _file(module)
    if found is None:
        raise ValueError(f"there is no module {module}")
    return found


def _file(module: str) -> Path | None:
    if module.split(".")[0] not in OURS:
        return None
    for base in BASES:
        place = base / module.replace(".", "/")
        for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if file.is_file():
                return file
    return None


def _beside(file: Path) -> Iterator[Path]:
    return (p for p in file.parent.iterdir() if p.suffix in SOURCES and p.suffix != ".py")
