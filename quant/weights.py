"""Trained weights on disk: a plain .npz (no pickle) with a JSON beside it that says where they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import UserError
from quant import npz


def save(path: Path, state: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> None:
    """Write `state` to `path` (.npz) and `about`, with the file's SHA-256, to the .json beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part.npz")
    np.savez_compressed(part, allow_pickle=False, **dict(state))
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    note = path.with_suffix(".json")
    note_part = note.with_name(f".{note.stem}.part.json")
    note_part.write_text(json.dumps({**about, "sha256": digest}, indent=2) + "\n")
    part.replace(path)
    note_part.replace(note)


def load(path: Path, expected: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """The arrays of `path`, which must be exactly those of `expected` (name -> shape).

    Raises:
        UserError: the file is missing, truncated, altered since its JSON was written, or of another model.
    """
    if not path.is_file():
        raise UserError(f"The weight file {path} does not exist: give another, or train the model first.")
    note = path.with_suffix(".json")
    if note.is_file() and _digest(note) not in (None, hashlib.sha256(path.read_bytes()).hexdigest()):
        raise UserError(f"The weight file {path} is not the one that {note.name} describes (SHA-256): copy both again.")
    state = npz.read(path, "weight file")
    for name, shape in expected.items():
        if name not in state:
            raise UserError(f"The weight file {path} lacks {name}: it belongs to another model.")
        if state[name].shape != tuple(shape):
            found = list(state[name].shape)
            raise UserError(f"The weight file {path} has {name} of shape {found}; this model needs {list(shape)}.")
        if not np.isfinite(state[name]).all():
            raise UserError(f"The weight file {path} has a value in {name} that is not finite: train again.")
    if extra := sorted(set(state) - set(expected)):
        raise UserError(f"The weight file {path} has {extra[0]}, which this model lacks: it belongs to another model.")
    return state


def _digest(note: Path) -> str | None:
    try:
        value = json.loads(note.read_text()).get("sha256")
    except (ValueError, AttributeError, OSError) as error:
        raise UserError(f"{note} is no readable JSON ({error}): copy it again, or remove it.") from error
    return value if isinstance(value, str) else None
