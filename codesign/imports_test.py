"""What a module depends on: seen in our own code, and in a small tree whose files are changed one by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codesign import imports
from codesign.imports import closure, code_of

FILES = {
    "hw/a.py": "import os, numpy\nfrom hw.b import thing\ndef f():\n    from hw.c import late\n",
    "hw/b.py": "thing = 1\n",
    "hw/c/__init__.py": "late = 2\n",
    "hw/c/unread.py": "import torch\n",
    "hw/c/a_table.sv": "module x; endmodule\n",
    "hw/found/__init__.py": "import importlib\nimportlib.import_module(f'hw.found.{1}')\n",
    "hw/found/one.py": "import hw.b\n",
    "hw/found/one_test.py": "import hw.d\n",
    "hw/d.py": "from hw import found\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    monkeypatch.setattr(imports, "BASES", (tmp_path,))
    return tmp_path


def changes(tree: Path, module: str, own: str = "") -> set[str]:
    """The files that make another digest when a line is added to them."""
    before, found = _fresh(module, own), set()
    for name in FILES:
        (tree / name).write_text(FILES[name] + "# more\n")
        if _fresh(module, own) != before:
            found.add(name)
        (tree / name).write_text(FILES[name])
    return found


def _fresh(module: str, own: str = "") -> str:
    imports.code_of.cache_clear()
    imports._imported.cache_clear()
    return code_of(module, own=own)


def test_what_is_imported_counts_and_nothing_else(tree: Path) -> None:
    assert changes(tree, "hw.a") == {"hw/a.py", "hw/b.py", "hw/c/__init__.py", "hw/c/a_table.sv"}
    assert changes(tree, "hw.d") == {"hw/d.py", "hw/found/__init__.py", "hw/found/one.py", "hw/b.py"}
    assert changes(tree, "hw.b", own="hw.a") == {"hw/a.py", "hw/b.py"}
    assert changes(tree, "hw.c.unread") == {"hw/c/unread.py", "hw/c/a_table.sv"}


def test_a_packages_version_counts(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _fresh("hw.a")
    monkeypatch.setattr(imports.importlib.metadata, "version", lambda name: f"{name} 99")
    assert _fresh("hw.a") != before
    assert _fresh("hw.b") == _fresh("hw.b")
    with pytest.raises(ValueError, match=r"no module hw\.nothing"):
        code_of("hw.nothing")


def test_all_that_python_loads_of_ours_is_in_it() -> None:
    """The interpreter's own list of what an import loads, packages' ``__init__`` aside, against what was read."""
    command = "import sys; from hw.lowering import lower; from codesign.graph.examples import residual_1d; "
    command += "lower(residual_1d(3)[0], 'xc7'); print(*(getattr(m, '__file__', '') for m in sys.modules.values()))"
    done = subprocess.run([sys.executable, "-c", command], cwd=imports.ROOT, capture_output=True, text=True, check=True)
    ours = {Path(file) for file in done.stdout.split() if file.startswith(str(imports.ROOT / "hw"))}
    files = closure("hw.lowering.lower")[0]
    modules = {file for file in ours if file.name != "__init__.py"}
    assert len(modules) > 50 and modules <= files
    assert any(file.suffix == ".sv" for file in files)
