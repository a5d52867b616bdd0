"""The back ends that can stand side by side, by the names that ``--backends`` takes."""

from __future__ import annotations

from codesign.compare.column import Column
from codesign.compare.da4ml import Da4ml
from codesign.compare.finn import Finn
from codesign.compare.hls4ml import Hls4ml
from codesign.compare.native import Native
from codesign.errors import UserError

COLUMNS: dict[str, type[Column]] = {column.name: column for column in (Native, Hls4ml, Finn, Da4ml)}
NAMES = {alias: name for name, column in COLUMNS.items() for alias in (name, *column.aliases)}


def chosen(text: str) -> list[type[Column]]:
    """Return the columns that a list of names with commas asks for, in its order.

    Raises:
        UserError: a name is unknown, given twice or missing.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    known = ", ".join(f"{name} (or {', '.join(c.aliases)})" if c.aliases else name for name, c in COLUMNS.items())
    for name in names:
        if name not in NAMES:
            raise UserError(f"--backends {name!r} is no back end that can be compared: it must be of {known}.")
    found = [NAMES[name] for name in names]
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice or not found:
        said = f"names {twice} twice" if twice else "names none"
        raise UserError(f"--backends {text!r} {said}: give back ends with commas between them, of {known}.")
    return [COLUMNS[name] for name in found]
