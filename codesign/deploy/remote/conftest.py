"""A board behind a local ssh server, and a person's machine with nothing of the real one."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from codesign_board.package import SUMS

from codesign.deploy import remote
from codesign.deploy.remote.testing import Bench, bench

PLACE = "codesign/residual"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's machine, with nothing of the real one."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


@pytest.fixture
def board(home: Path) -> Iterator[Bench]:
    with bench(home) as found:
        found.board.fake_python()
        yield found


def send(found: Bench, package: Path, **options: object) -> list[str]:
    """Deploy; return what was said."""
    said: list[str] = []
    target = remote.Target("127.0.0.1", "xilinx", found.port)
    asyncio.run(remote.deploy(remote.package_at(package), target, say=said.append, **options))  # type: ignore[arg-type]
    return said


def hashes(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def changed_package(package: Path, folder: Path, name: str, data: bytes) -> Path:
    """The package with another file, and sums that fit."""
    changed = folder / "changed"
    shutil.copytree(package, changed)
    (changed / name).write_bytes(data)
    names = [line.split("  ")[1] for line in (package / SUMS).read_text().splitlines()]
    sums = hashes(changed)
    (changed / SUMS).write_text("".join(f"{sums[n]}  {n}\n" for n in names))
    return changed
