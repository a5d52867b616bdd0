"""A package of which one byte was changed is refused, and the file named."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from codesign_board.errors import PackageError
from codesign_board.package import MANIFEST, SUMS, Package
from codesign_board.packages import find_packages

from codesign.deploy.package import write_zip


@pytest.fixture
def package(simulated_board: Path, tmp_path: Path) -> Path:
    shutil.copytree(simulated_board / "deploy", tmp_path / "deploy")
    assert Package.load(tmp_path / "deploy").model == "skeleton-tiny"
    return tmp_path / "deploy"


@pytest.mark.parametrize("role", ["bitfile", "handoff", "wheel", "manifest", "samples", "model"])
def test_one_byte_of_a_file(role: str, package: Path) -> None:
    files = {**Package.load(package).manifest["files"], "manifest": MANIFEST}
    path = package / files[role]
    whole = path.read_bytes()
    random = np.random.default_rng(len(whole))
    for at in random.integers(len(whole), size=10):
        changed = bytearray(whole)
        changed[at] ^= random.integers(1, 256)
        path.write_bytes(changed)
        with pytest.raises(PackageError) as refused:
            Package.load(package)
        assert str(path) in str(refused.value) and "was changed since it was made" in str(refused.value)
    path.write_bytes(whole)
    assert Package.load(package).model == "skeleton-tiny"


def test_a_damaged_zip(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever zipfile makes of it, the zip is named, and it does not hide the packages beside it."""
    (package / "model.onnx").unlink()
    path = tmp_path / "home" / "whole.zip"
    path.parent.mkdir()
    write_zip(package, path)
    whole, damaged = path.read_bytes(), path.with_name("damaged.zip")
    monkeypatch.setenv("CODESIGN_PACKAGES", str(path.parent))
    random = np.random.default_rng(1)
    wrong = 0
    for at in [*random.integers(len(whole), size=60), *range(len(whole) - 400, len(whole), 5)]:
        changed = bytearray(whole)
        changed[at] ^= random.integers(1, 256)
        damaged.write_bytes(changed)
        with pytest.raises(PackageError) as refused:
            Package.load(damaged)
        wrong += "damaged.zip" not in str(refused.value) and "model.onnx" not in str(refused.value)
        assert path.resolve() in find_packages()
    assert wrong < 60  # else a file inside is named: its contents were changed


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "Expecting"), ("[]", "list"), ('{"format": 2}', "files"), ('{"format": 2, "files": []}', "values"),
     ('{"format": 2, "files": {}}', "cycles"), ('{"format": 1}', "is of format 1")],
)  # fmt: skip
def test_a_manifest_that_was_never_right(package: Path, text: str, told: str) -> None:
    (package / MANIFEST).write_text(text)
    lines = (package / SUMS).read_text().splitlines()
    digest = hashlib.sha256(text.encode()).hexdigest()
    (package / SUMS).write_text(
        "".join(f"{digest}  {MANIFEST}\n" if MANIFEST in line else f"{line}\n" for line in lines)
    )
    with pytest.raises(PackageError, match=f"{MANIFEST}.*{told}"):
        Package.load(package)


def test_every_byte_of_the_sums(package: Path) -> None:
    path = package / SUMS
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    line_ends = b"\r\x0b\x0c\x1c\x1d\x1e\x85"  # what Python takes for the end of a line, too
    for at, byte in enumerate(whole):
        for other in line_ends if byte == ord("\n") else [byte ^ int(random.integers(1, 256))]:
            path.write_bytes(whole[:at] + bytes([other]) + whole[at + 1 :])
            with pytest.raises(PackageError, match=SUMS):
                Package.load(package)
