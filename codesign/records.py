"""Dataclasses as JSON records, with their arrays in an .npz beside."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


def pack(item: Any, key: str, arrays: Arrays) -> dict[str, Any]:
    """Return ``item``'s fields as JSON values; arrays go into ``arrays`` under ``key`` and leave their name."""
    return {field.name: _pack(getattr(item, field.name), f"{key}.{field.name}", arrays) for field in fields(item)}


def _pack(value: Any, key: str, arrays: Arrays) -> Any:
    if isinstance(value, np.ndarray):
        arrays[key] = value
        return {"array": key}
    if is_dataclass(value) and not isinstance(value, type):
        return {"record": type(value).__name__, "fields": pack(value, key, arrays)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        return [_pack(v, f"{key}.{i}", arrays) for i, v in enumerate(value)]
    return value


def unpack(record: dict[str, Any], arrays: Any, kinds: dict[str, type] | None = None) -> dict[str, Any]:
    """Return the keyword arguments that rebuild what ``pack`` took apart.

    Args:
        record: what ``pack`` returned, after a trip through JSON.
        arrays: mapping from names to arrays, such as an open .npz.
        kinds: dataclasses that may be fields, by name.
    """
    return {name: _unpack(value, arrays, kinds or {}) for name, value in record.items()}


def _unpack(value: Any, arrays: Any, kinds: dict[str, type]) -> Any:
    if isinstance(value, dict) and "array" in value:
        return arrays[value["array"]]
    if isinstance(value, dict) and "record" in value:
        return kinds[value["record"]](**unpack(value["fields"], arrays, kinds))
    if isinstance(value, list):  # JSON has no tuples, our dataclasses no lists
        return tuple(_unpack(v, arrays, kinds) for v in value)
    return value
