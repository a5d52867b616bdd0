"""The driver as a wheel: the same sources give the same bytes, with no network and no other process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flit_core.wheel import make_wheel_in

from codesign.deploy.sources import DRIVER, NOTEBOOKS

LEFT_OUT = ("*_test.py", "testdata", "__pycache__", "*.so", ".*")
EPOCH = "315532800"
"""1 January 1980: the earliest date that a zip can hold, so that no wheel differs by when it was made."""


def build_wheel(folder: Path) -> Path:
    """Build the driver's wheel, without its tests and with the notebooks, in ``folder`` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "driver"
        shutil.copytree(DRIVER, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for notebook in NOTEBOOKS.glob("*.ipynb"):
            shutil.copy(notebook, copy / "codesign_board" / "notebooks")
        with _dated(EPOCH):
            return Path(make_wheel_in(copy / "pyproject.toml", folder).file)


@contextmanager
def _dated(seconds: str) -> Iterator[None]:
    """The date that flit_core gives to what it packs (https://reproducible-builds.org/specs/source-date-epoch)."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = seconds
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
