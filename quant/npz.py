"""Reading .npz files that may be damaged."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from codesign.errors import UserError

# What numpy and zipfile raise on truncated, altered or foreign files.
DAMAGE = (ValueError, OSError, EOFError, KeyError, AttributeError, SyntaxError, zipfile.BadZipFile, zlib.error)


def read(path: Path, what: str) -> dict[str, np.ndarray]:
    """All arrays of `path`, which exists (no pickles); `what` names the file in the sentence that refuses it."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (*DAMAGE, NotImplementedError) as error:
        raise UserError(f"The {what} {path} is truncated or corrupt ({error}): copy it again.") from error
