"""Operators of data movement to be, before they have names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign.graph import MatMul, Operator, Reshape
from codesign.graph.operators.channel_shuffle import ChannelShuffle
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.expand import Expand
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.transpose import Transpose
from codesign.graph.operators.upsample import Upsample

Shape = tuple[int, ...]
Make = Callable[[tuple[str, ...], str], Operator]


@dataclass(frozen=True, eq=False)
class Move:
    """One operator: ``make(inputs, output)``; it reads the results of the moves ``reads`` (-1: the source)."""

    make: Make
    reads: tuple[int, ...]
    shape: Shape
    kind: type[Operator]


class Plan:
    """A chain of operators under construction; each method appends one, unless it would do nothing.

    Attributes:
        source: shape of the frame that it starts from, channels last.
        moves: in order.
        at: the move whose result is the chain's end; -1: the source.
    """

    def __init__(self, source: Shape) -> None:
        self.source = source
        self.moves: list[Move] = []
        self.at = -1

    @property
    def shape(self) -> Shape:
        """Shape of the chain's end."""
        return self.source if self.at < 0 else self.moves[self.at].shape

    def reshape(self, to: Shape) -> None:
        """Two reshapes in a row are one."""
        while self.at >= 0 and self.moves[self.at].kind is Reshape:
            self.at = self.moves[self.at].reads[0]
        if self.shape != to:
            self._add(lambda i, o: Reshape(inputs=i, output=o, to=to))

    def slice(self, ranges: list[range]) -> None:
        """One rising range for each axis."""
        if any(r != range(n) for r, n in zip(ranges, self.shape, strict=True)):
            starts, steps = tuple(r.start for r in ranges), tuple(r.step if len(r) > 1 else 1 for r in ranges)
            stops = tuple(r[-1] + 1 for r in ranges)
            self._add(lambda i, o: Slice(inputs=i, output=o, starts=starts, stops=stops, steps=steps))

    def shuffle(self, order: np.ndarray) -> None:
        """Permute the channels."""
        if not np.array_equal(order, np.arange(len(order))):
            self._add(lambda i, o: ChannelShuffle(inputs=i, output=o, order=order.astype(np.int64)))

    def select(self, channels: np.ndarray) -> None:
        """Channels in any order, any of them several times or not at all: a matrix of zeros and ones."""
        weights = np.eye(self.shape[-1], dtype=np.int64)[channels]
        self._add(lambda i, o: MatMul(inputs=i, output=o, weights=weights))

    def upsample(self, factors: Shape) -> None:
        """Repeat positions."""
        if any(f > 1 for f in factors):
            self._add(lambda i, o: Upsample(inputs=i, output=o, factors=factors))

    def expand(self, to: Shape) -> None:
        """Repeat axes of length 1."""
        if self.shape != to:
            self._add(lambda i, o: Expand(inputs=i, output=o, to=to))

    def transpose(self, axes: Shape) -> None:
        """Where only axes of length 1 change places, a reshape does it."""
        moving = [a for a in axes if self.shape[a] > 1]
        if moving == sorted(moving):
            self.reshape(tuple(self.shape[a] for a in axes))
        else:
            self._add(lambda i, o: Transpose(inputs=i, output=o, axes=axes))

    def pieces(self, axis: int, ranges: list[tuple[range, int]]) -> None:
        """Put slices along one axis one after the other, each position of a slice ``times`` times."""
        start, ends = self.at, []
        whole = [range(n) for n in self.shape]
        for part, times in ranges:
            self.at = start
            self.slice([*whole[:axis], part, *whole[axis + 1 :]])
            if len(part) == 1:
                self.expand((*self.shape[:axis], times, *self.shape[axis + 1 :]))
            else:
                self.upsample(tuple(times if a == axis else 1 for a in range(len(whole) - 1)))
            ends.append(self.at)
        self._add(lambda i, o: Concat(inputs=i, output=o, axis=axis - len(whole)), *ends)

    def emitted(self) -> list[int]:
        """The moves that the chain's end needs, in order."""
        needed, todo = set(), [self.at]
        while todo:
            move = todo.pop()
            if move >= 0 and move not in needed:
                needed.add(move)
                todo += self.moves[move].reads
        return sorted(needed)

    def _add(self, make: Make, *reads: int) -> None:
        reads = reads or (self.at,)
        operator = make(("",) * len(reads), "")
        shape = operator.shape(*(self.source if r < 0 else self.moves[r].shape for r in reads))
        self.moves.append(Move(make, reads, shape, type(operator)))
        self.at = len(self.moves) - 1
