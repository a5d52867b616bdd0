"""What the options of a simulated board may be; they come from command lines, and are whatever was typed there."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from codesign_board.errors import PlaceError

WHOLE = (int, np.integer)
REAL = (*WHOLE, float, np.floating)


def probability(option: str, value: Any) -> float:
    """Return the value of an option that is a probability, and not certainty: nothing would ever move.

    Raises:
        PlaceError: it is none.
    """
    if not (_is(value, REAL) and 0 <= value < 1):
        raise refusal(option, value, "a probability, from 0 to less than 1")
    return float(value)


def whole(option: str, value: Any, least: int, most: int, what: str = "a whole number") -> int:
    """Return the value of an option that is a whole number in a range, both ends of which it may be.

    Raises:
        PlaceError: it is none.
    """
    if not (_is(value, WHOLE) and least <= value <= most):
        raise refusal(option, value, f"{what} from {least} to {most}")
    return int(value)


def seconds(option: str, value: Any) -> float:
    """Return the value of an option that is a time.

    Raises:
        PlaceError: it is none.
    """
    if not (_is(value, REAL) and 0 < value <= sys.float_info.max):
        raise refusal(option, value, "a positive, finite number of seconds")
    return float(value)


def refusal(option: str, value: Any, wanted: str) -> PlaceError:
    """Return the error of an option that must be something else."""
    return PlaceError(f"The option {option}={value!r} of the simulated board must be {wanted}.")


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    """Whether a value is a number of these kinds; Python counts True and False as whole numbers."""
    return isinstance(value, kinds) and not isinstance(value, bool)
