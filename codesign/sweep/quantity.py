"""Quantities that people type, such as 1ms, 95% or 20k."""

from __future__ import annotations

import re
from math import isfinite

from codesign.errors import UserError
from codesign.sweep.figures import Figure

TEXT = re.compile(r"\s*([-+]?[\d._]+(?:[eE][-+]?\d+)?)\s*([^\d\s]*)\s*")
UNITS = {
    "µs": {"us": 1.0, "µs": 1.0, "ns": 1e-3, "ms": 1e3, "s": 1e6},
    "µJ": {"uj": 1.0, "µj": 1.0, "nj": 1e-3, "mj": 1e3, "j": 1e6},
    "kbit": {"kbit": 1.0, "bit": 1e-3, "mbit": 1e3},
    "": {"%": 0.01},
}
COUNTS = {"k": 1e3, "m": 1e6}


def parse(text: str, figure: Figure) -> float:
    """Return ``text`` in the unit of ``figure``; a number without a unit is in it already.

    Raises:
        UserError: it is no number, or the unit is of something else.
    """
    found = TEXT.fullmatch(text)
    units = {"": 1.0, figure.unit.lower(): 1.0, **UNITS.get(figure.unit, COUNTS)}
    try:
        value = float(found[1]) * units[found[2].lower()] if found else float("nan")
    except (ValueError, KeyError):
        value = float("nan")
    if not isfinite(value):
        known = ", ".join(unit for unit in units if unit)
        raise UserError(f"{text!r} is no {figure.name}: give a number, with one of the units {known} or none.")
    return value
