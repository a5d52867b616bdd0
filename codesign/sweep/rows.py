"""Rows as JSON, in a storage and in files."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from codesign.sweep.point import Row


def dump(row: Row) -> dict[str, Any]:
    """Return ``row`` as what JSON can hold; numbers of NumPy become Python's."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(row), default=_plain))
    return plain


def load(value: dict[str, Any]) -> Row:
    """Return the row that ``dump`` was given."""
    return Row(**value)


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    return dict(value)
