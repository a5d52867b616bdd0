"""Where packages are looked for when nobody names one."""

from __future__ import annotations

import os
from pathlib import Path

from codesign_board.package import MANIFEST, SUMS

VARIABLE = "CODESIGN_PACKAGES"


def find_packages() -> list[Path]:
    """Return packages, folders and zips, as ``Accelerator.load`` takes them; their hashes are not checked.

    They are looked for in the folders of the variable CODESIGN_PACKAGES (each a package, or a folder of packages), in
    ``deploy``, here, one up, and in ``~/codesign``, in this order.
    """
    named = [Path(name).expanduser() for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    home = Path.home() / "codesign"
    candidates = [found for path in named for found in (path, *_inside(path))]
    candidates += [Path("deploy"), Path(), Path(".."), *_inside(home)]
    return list(dict.fromkeys(path.resolve() for path in candidates if _is_package(path)))


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() and not _is_package(folder) else []


def _is_package(path: Path) -> bool:
    if path.is_dir():
        return (path / MANIFEST).is_file() and (path / SUMS).is_file()
    if path.suffix != ".zip":
        return False
    import zipfile  # here: importing it takes long

    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.rsplit("/", 1)[-1] == MANIFEST for name in archive.namelist())
    except Exception:  # half copied, or no zip at all: zipfile raises many things
        return False
