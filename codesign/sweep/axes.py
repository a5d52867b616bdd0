"""Axes of the hardware: one entry each. Those of training are the model's variations (``quant.model.Variation``)."""

from __future__ import annotations

from dataclasses import dataclass

import boards
from codesign.errors import UserError
from codesign.sweep.point import Value


@dataclass(frozen=True)
class Axis:
    """A choice in hardware.

    Attributes:
        name: as in a study.
        default: where a study says nothing of it; None: the board's.
        meaning: for people.
    """

    name: str
    default: Value | None
    meaning: str

    def check(self, value: Value) -> None:
        """Refuse what the axis cannot be."""
        if self.name == "board":
            boards.get(str(value))
        elif self.name == "form" and value not in FORMS:
            raise UserError(f"The axis form is one of {', '.join(FORMS)}, not {value!r}.")
        elif self.name in ("target_fps", "clock_mhz") and not (isinstance(value, (int, float)) and value > 0):
            raise UserError(f"The axis {self.name} must be a number above 0, not {value!r}.")


FORMS = ("auto", "lut", "dsp")
HARDWARE = {
    axis.name: axis
    for axis in (
        Axis("board", "pynq_z2", "the board"),
        Axis("target_fps", None, "frames a second to fold for"),
        Axis("clock_mhz", None, "the accelerator's clock in MHz"),
        Axis("form", "auto", "multipliers: the cheaper of both, LUTs only, or DSPs where a unit has such a form"),
    )
}
