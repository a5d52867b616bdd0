"""What a measurement gives: figures with their unit, their source and what was asked."""

from __future__ import annotations

from dataclasses import dataclass

SOURCES = (
    "measured (RTL)",
    "measured (netlist)",
    "C simulation",
    "measured",
    "yosys estimate",
    "nextpnr",
    "model",
    "proven",
)


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        what: what was measured, in words that stay the same from run to run.
        value: the figure.
        unit: of the value, such as ``LUT``, ``cycles``, ``s``, ``%``.
        source: one of SOURCES; wall-clock times and accuracies are ``measured``.
        at_most, at_least: what is asked of it, where something is.
    """

    what: str
    value: float
    unit: str
    source: str
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"The source of {self.what!r} must be one of {', '.join(SOURCES)}, not {self.source!r}.")

    @property
    def holds(self) -> bool:
        """Whether it is what was asked."""
        low, high = self.at_least, self.at_most
        return (low is None or self.value >= low) and (high is None or self.value <= high)
