"""Axes: those of the hardware are one entry each here, those of training are the model's variations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import boards
from codesign.errors import UserError
from codesign.sweep.point import Value
from quant.model import Model, Variation

FORMS = ("auto", "lut", "dsp")


@dataclass(frozen=True)
class Axis:
    """Something that a study may vary or fix.

    Attributes:
        name: as in a study.
        meaning: for people.
        default: where a study says nothing of it; None: the board's or the model's.
        take: a value as written -> the same as it is meant; UserError where the axis cannot be that.
        ordered: whether its values are numbers, which have a range.
        whole: whether they are whole numbers.
    """

    name: str
    meaning: str
    default: Value | None
    take: Callable[[Value], Value]
    ordered: bool = False
    whole: bool = False


def _board(value: Value) -> Value:
    return boards.get(str(value)).name


def _form(value: Value) -> Value:
    if value not in FORMS:
        raise UserError(f"The axis form is one of {', '.join(FORMS)}, not {value!r}.")
    return value


def number(value: Value, axis: str, low: float, high: float, whole: bool = False) -> Value:
    """Return ``value``, a number from ``low`` to ``high``; YAML reads 1e3 as text.

    Raises:
        UserError: it is none, or beyond.
    """
    try:
        found = float(value) if not isinstance(value, bool) else float("nan")
    except ValueError:
        found = float("nan")
    if not low <= found <= high or (whole and not found.is_integer()):
        kind = "whole number" if whole else "number"
        raise UserError(f"The axis {axis} must be a {kind} from {low:,g} to {high:,g}, not {value!r}.")
    return int(found) if found.is_integer() else found


def _positive(name: str, high: float, low: float = 1e-3) -> Callable[[Value], Value]:
    return lambda value: number(value, name, low, high)


HARDWARE: Mapping[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis("board", "the board", "pynq_z2", _board),
        Axis("target_fps", "frames a second to fold for", None, _positive("target_fps", 1e9), ordered=True),
        Axis("clock_mhz", "the accelerator's clock in MHz", None, _positive("clock_mhz", 1000, 1), ordered=True),
        Axis(
            "form", "multipliers: the cheaper of both, LUTs only, or DSPs where a unit has such a form", "auto", _form
        ),
    )
}


def training_axis(name: str, variation: Variation) -> Axis:
    """Return a model's variation as an axis, of whole numbers."""

    def take(value: Value) -> Value:
        return number(value, name, variation.low, variation.high, whole=True)

    return Axis(name, variation.meaning, None, take, ordered=True, whole=True)


def axes_of(model: Model | None) -> dict[str, Axis]:
    """Return all axes that a study of ``model`` may have, by name; of a QONNX file (None) the hardware's alone."""
    variations = model.variations if model else {}
    return {**HARDWARE, **{name: training_axis(name, variation) for name, variation in variations.items()}}
