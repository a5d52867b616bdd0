"""The boards: one declarative file each, found by themselves."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache

from boards.board import Board
from codesign.errors import UserError

__all__ = ["Board", "get", "names"]


@cache
def _boards() -> dict[str, Board]:
    """Return the boards of this folder's files, by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name == "board" or module.name.endswith("_test"):
            continue
        board: Board = importlib.import_module(f"{__name__}.{module.name}").BOARD
        if board.name != module.name:
            raise UserError(f"Board {board.name!r} must have its file's name: boards/{module.name}.py")
        found[board.name] = board
    return found


def names() -> tuple[str, ...]:
    """Return the boards' names, sorted."""
    return tuple(sorted(_boards()))


def get(name: str) -> Board:
    """Return the board of that name; case and ``-`` for ``_`` don't matter.

    Raises:
        UserError: there is none.
    """
    wanted = name.strip().lower().replace("-", "_")
    if wanted in _boards():
        return _boards()[wanted]
    close = difflib.get_close_matches(wanted, names(), 1, cutoff=0.5)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise UserError(f"No board is named {name!r}: the boards are {', '.join(names())}{meant}")
