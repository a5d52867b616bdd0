"""One operator with several sets of numbers: a set for each index of the frame's outermost axis."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from codesign.graph.operator import Operator, Range


@dataclass(frozen=True, eq=False, kw_only=True)
class EachSet(Operator):
    """``out[s] = parts[s](x[s])`` along the frame's outermost axis, whose length is the number of sets.

    What an operator computes is stated in the parts, and only there; their own names are not looked at.

    Attributes:
        parts: operators of one kind and one geometry, such as convolutions of the same shape with other weights.
    """

    parts: tuple[Operator, ...]

    def __post_init__(self) -> None:
        if not self.parts or any(_form(part) != _form(self.parts[0]) for part in self.parts):
            raise ValueError(
                f"{self.output} must have parts of one kind that differ in nothing but their arrays' values"
            )

    @property
    def sets(self) -> int:
        return len(self.parts)

    def run(self, *x: np.ndarray) -> np.ndarray:
        rows = [part.run(*(tensor[:, s] for tensor in x)) for s, part in enumerate(self.parts)]
        return np.stack(rows, 1)

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        if any(shape[0] != self.sets for shape in shapes):
            raise ValueError(f"{self.output} takes {self.sets} sets, not {' and '.join(str(s[0]) for s in shapes)}")
        return (self.sets, *self.parts[0].shape(*(shape[1:] for shape in shapes)))

    def range(self, *ranges: Range) -> Range:
        lows, highs = zip(*(part.range(*ranges) for part in self.parts), strict=True)
        return np.min(lows, 0), np.max(highs, 0)


def _form(part: Operator) -> list[object]:
    """What a part must share with the others: its kind, its numbers that are not in arrays, its arrays' shapes."""
    values = {f.name: getattr(part, f.name) for f in fields(part) if f.name not in ("inputs", "output", "source")}
    shared = [(name, v.shape if isinstance(v, np.ndarray) else v) for name, v in values.items()]
    return [type(part), *shared]
