"""The fields on disk: a file a simulation, each whole or not there, so that a killed run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from codesign.errors import UserError
from codesign.files import cache_folder, replacing, write_json
from quant import npz
from quant.data.wave.problems import random_problem
from quant.data.wave.simulate import Simulation
from quant.data.wave.sizes import Size

GENERATION = 1
"""Counts up with every change of what is computed, so that files of before are not taken."""
SOURCE = (
    "Own finite-element data set (scikit-fem, linear triangles, explicit central differences): u_tt = div(c^2 grad u) "
    "+ f on the unit square. The mesh, media and sources of arXiv 2304.04964 are not published; these are not its data."
)
ABOUT = "about.json"


def folder(size: Size, cache: Path | None = None) -> Path:
    """The folder of a size's files in ``cache``, or in the project's cache; another for other settings."""
    key = hashlib.sha256(f"{GENERATION} {size!r}".encode()).hexdigest()[:12]
    return (cache or cache_folder() / "wave") / f"{size.name}-{key}"


def make(size: Size, cache: Path | None = None, tell: Callable[[int], None] | None = None) -> Path:
    """Simulate what is not there yet, or is damaged; return the folder.

    Args:
        size: of the data set.
        cache: folder of all sizes.
        tell: called with the number of each simulation that is there.
    """
    into, digests = folder(size, cache), {}
    for number in range(size.simulations):
        path = into / f"{number:04d}.npz"
        if _read(path, size) is None:
            field = Simulation(size, random_problem(size, number)).fields()
            with replacing(path) as temporary:
                np.savez(temporary, field=field.astype(np.float32))
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        if tell is not None:
            tell(number)
    about = {"source": SOURCE, "size": repr(size), "sha256": digests}
    if _about(into) != about:
        write_json(into / ABOUT, about)
    return into


def fields(size: Size, cache: Path | None = None, tell: Callable[[int], None] | None = None) -> np.ndarray:
    """The fields of all simulations, float32 [simulations, frames, grid, grid]; made first as ``make`` does."""
    into = make(size, cache, tell)
    return np.stack([npz.read(into / f"{n:04d}.npz", "wave data file")["field"] for n in range(size.simulations)])


def _read(path: Path, size: Size) -> np.ndarray | None:
    """The field in ``path``, or None where it is missing or damaged (zip's checksums tell)."""
    if not path.is_file():
        return None
    try:
        field = npz.read(path, "wave data file").get("field")
    except UserError:
        return None
    shape = (size.frames, size.grid, size.grid)
    whole = field is not None and field.shape == shape and field.dtype == np.float32 and np.isfinite(field).all()
    return field if whole else None


def _about(into: Path) -> object:
    try:
        return json.loads((into / ABOUT).read_text())
    except (OSError, ValueError):
        return None
