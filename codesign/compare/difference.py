"""Where a back end first leaves the graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from codesign.compare.column import Stage


@dataclass(frozen=True)
class Difference:
    """The first integer that differs, in the order of the computation, then by frame and position.

    Attributes:
        operator: the output's name of the operator.
        kind: the operator's class.
        place: the back end's kernel, layer or node.
        frame: index of the frame.
        index: position in the frame.
        expected: the IntegerGraph's integer.
        found: the back end's.
    """

    operator: str
    kind: str
    place: str
    frame: int
    index: tuple[int, ...]
    expected: int
    found: float

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.operator} ({self.place}), frame {self.frame}, index {list(self.index)}: "
            f"expected {self.expected}, found {self.found:.15g}"
        )


def first_difference(stages: Iterable[Stage]) -> Difference | None:
    """Return the first difference of ``stages``, or None; what is behind it is not asked for."""
    for stage in stages:
        where = np.argwhere(stage.expected != stage.found)
        if len(where):
            at = tuple(int(i) for i in where[0])
            return Difference(
                stage.operator,
                stage.kind,
                stage.place,
                at[0],
                at[1:],
                int(stage.expected[at]),
                stage.found[at].item(),
            )
    return None
