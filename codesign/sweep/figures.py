"""The figures that a design point has: one entry each; an objective, a constraint or a column is one of them."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.errors import UserError


@dataclass(frozen=True)
class Figure:
    """A figure of a design point.

    Attributes:
        name: as in a study.
        unit: of its value; empty for a share or a count.
        more: whether more of it is better.
        meaning: for people.
    """

    name: str
    unit: str
    more: bool
    meaning: str


FIGURES = {
    figure.name: figure
    for figure in (
        Figure("accuracy", "", True, "share of the validation samples that are recognised"),
        Figure("test_accuracy", "", True, "share of the test samples that are recognised; nothing is chosen by it"),
        Figure("error", "", False, "relative L2 error on the validation samples"),
        Figure("test_error", "", False, "relative L2 error on the test samples; nothing is chosen by it"),
        Figure("fps", "frames/s", True, "frames a second in steady state"),
        Figure("interval", "cycles", False, "cycles a frame in steady state"),
        Figure("latency_us", "µs", False, "first word in to last word out of one frame"),
        Figure("lut", "LUT", False, "look-up tables beside the shell"),
        Figure("ff", "FF", False, "flip-flops beside the shell"),
        Figure("bram", "RAMB18", False, "block RAM of 18 kbit"),
        Figure("dsp", "DSP", False, "multipliers"),
        Figure("uram", "URAM", False, "ultra RAM"),
        Figure("share", "", False, "of the board's scarcest resource, what is taken; above 1 it does not fit"),
        Figure("energy_uj", "µJ", False, "energy of a frame, a rough model: for ordering only"),
        Figure("weight_kbit", "kbit", False, "the weights' memory"),
        Figure("macs", "", False, "multiply-accumulates a frame"),
    )
}


def figure(name: str) -> Figure:
    """Return the figure called ``name``; refuses an unknown name with the known ones."""
    if name not in FIGURES:
        raise UserError(f"There is no figure {name!r}; the figures are {', '.join(FIGURES)}.")
    return FIGURES[name]
