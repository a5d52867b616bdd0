"""Inputs that are integers already: declared by the model's own type, a QONNX annotation, or the caller."""

from __future__ import annotations

import re

from codesign.errors import Reject, UserError

FLOATS = ("float", "float16", "float32", "float64", "bfloat16", "double")
NAMED = {"binary": (0, 1), "bipolar": (-1, 1), "ternary": (-1, 1), "bool": (0, 1)}
WIDEST = 16


def range_of(name: str) -> tuple[int, int] | None:
    """Smallest and largest value of an integer type such as 'uint8', 'INT4' or 'BIPOLAR'; None for a float type.

    Raises:
        ValueError: no such type.
    """
    plain = name.strip().lower()
    if plain in FLOATS:
        return None
    if plain in NAMED:
        return NAMED[plain]
    found = re.fullmatch(r"(u?)int(\d{1,2})", plain)
    if not found or not 1 <= int(found[2]) <= 64:
        raise ValueError(f"{name!r} is no data type")
    bits = int(found[2])
    return (0, 2**bits - 1) if found[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def name_of(low: int, high: int) -> str:
    """The type with this range, as ``range_of`` reads it."""
    if (low, high) == (-1, 1):
        return "ternary"
    return f"uint{high.bit_length()}" if low == 0 else f"int{(-low).bit_length()}"


def check(name: str) -> None:
    """Check what a caller declares.

    Raises:
        UserError: it is no data type.
    """
    try:
        range_of(name)
    except ValueError:
        raise UserError(
            f"The input type {name!r} is unknown: it must be float32, or an integer type such as uint8 or int4."
        ) from None


def settle(stored: str, annotated: str, declared: str | None) -> tuple[int, int] | None:
    """The input's integer range, or None where it is float.

    Args:
        stored: the ONNX element type; annotated: QONNX's, or ''; declared: the caller's.

    Raises:
        Reject: they contradict each other, or the type is wider than any datapath here.
    """
    own = range_of(stored)
    name = declared or annotated or stored
    try:
        chosen = range_of(name)
    except ValueError:
        if declared or "FIXED" not in annotated.upper():
            raise Reject(f"its data type is {name}", "annotate an integer type such as UINT8, or none") from None
        chosen = None
    if own is not None and (chosen is None or chosen[0] < own[0] or chosen[1] > own[1]):
        raise Reject(f"it is {stored} in the file, but declared as {name}", f"declare {stored}, or a narrower type")
    if chosen is not None and chosen[1] - chosen[0] >= 2**WIDEST:
        raise Reject(
            f"its integers are {name}, wider than {WIDEST} bits", "declare what it really holds (--input-type uint8)"
        )
    return chosen
