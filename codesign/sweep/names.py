"""Names that people type."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from codesign.errors import UserError


def unknown(name: object, what: str, known: Iterable[str]) -> UserError:
    """Return the refusal of ``name``, which is no ``what``: it lists the known ones and names the closest."""
    names = list(known)
    close = difflib.get_close_matches(str(name).lower(), names, 1, cutoff=0.6)
    meant = f"; did you mean {close[0]}?" if close else "."
    return UserError(f"There is no {what} {name!r}: there are {', '.join(names)}{meant}")
