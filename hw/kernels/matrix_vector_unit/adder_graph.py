"""Constant weights as a graph of adders, in which sums that several rows need are made once.

Each weight is written in canonical signed digits (Reitwieser 1960), so that a row is a sum of inputs that are shifted
and negated. The pair of terms that occurs most often, in any row and at any common shift, becomes a node of its own
until no pair occurs twice (two-term common subexpressions: Hartley 1996, Potkonjak et al. 1996); then each row adds
what is left, the terms of least depth first.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from codesign.graph import bits_for


@dataclass(frozen=True)
class Term:
    """``sign * (value of source << shift)``; sources are the inputs, then the nodes."""

    source: int
    shift: int
    sign: int


@dataclass(frozen=True)
class Adder:
    """``(left << left_shift) ± (right << right_shift)``; without a left operand it only negates."""

    left: int | None
    right: int
    left_shift: int
    right_shift: int
    subtract: bool
    level: int
    bits: int


@dataclass(frozen=True)
class AdderGraph:
    """What computes ``weights @ x``.

    Attributes:
        inputs: how many (MW).
        input_bits: of an input as a signed integer.
        adders: the nodes, each after its operands.
        outputs: of each row its term, never negated, or None where the row is zero.
    """

    inputs: int
    input_bits: int
    adders: tuple[Adder, ...]
    outputs: tuple[Term | None, ...]

    def run(self, x: np.ndarray) -> np.ndarray:
        """Return the rows' sums, int64 [n, rows], of inputs int64 [n, inputs]."""
        values = list(x.T)
        for adder in self.adders:
            left = 0 if adder.left is None else values[adder.left] << adder.left_shift
            right = values[adder.right] << adder.right_shift
            values.append(left - right if adder.subtract else left + right)
        zero = np.zeros(len(x), np.int64)
        return np.stack([zero if t is None else values[t.source] << t.shift for t in self.outputs], axis=1)

    def level(self, source: int) -> int:
        """Adders one after the other from the inputs to a source."""
        return 0 if source < self.inputs else self.adders[source - self.inputs].level

    def bits(self, source: int) -> int:
        """Bits of a source as a signed integer."""
        return self.input_bits if source < self.inputs else self.adders[source - self.inputs].bits

    @property
    def depth(self) -> int:
        """Adders one after the other, at most."""
        return max((self.level(t.source) for t in self.outputs if t), default=0)


def adder_graph(weights: np.ndarray, low: int, high: int) -> AdderGraph:
    """Return the graph for weights int64 [MH, MW] and inputs from ``low`` to ``high``."""
    return _made(weights.astype(np.int64).tobytes(), weights.shape, low, high)


@lru_cache(maxsize=64)
def _made(weights: bytes, shape: tuple[int, int], low: int, high: int) -> AdderGraph:
    """The graph; kept, because it takes a while, and a search for folds asks for the same one many times."""
    return _Maker(np.frombuffer(weights, np.int64).reshape(shape), low, high).make()


def signed_digits(weight: int) -> list[tuple[int, int]]:
    """Return an integer's canonical signed digits as (shift, sign): no two neighbours, the fewest that there are."""
    digits, shift = [], 0
    while weight:
        if weight & 1:
            sign = 2 - (weight & 3)
            digits.append((shift, sign))
            weight -= sign
        weight >>= 1
        shift += 1
    return digits


_Pair = tuple[int, int, int, int]
"""Two terms but for a common shift and sign: sources, the second's shift less the first's, product of the signs."""


class _Maker:
    """The graph under construction. ``forms`` holds each source as its coefficients, which give its range."""

    def __init__(self, weights: np.ndarray, low: int, high: int) -> None:
        self.rows = [
            {Term(c, shift, sign) for c, weight in enumerate(row.tolist()) for shift, sign in signed_digits(weight)}
            for row in weights
        ]
        self.low, self.high, self.inputs = low, high, weights.shape[1]
        self.forms = list(np.eye(self.inputs, dtype=np.int64))
        self.adders: list[Adder] = []
        self.levels = [0] * self.inputs
        self.places: dict[_Pair, set[int]] = defaultdict(set)
        self.counts: Counter[_Pair] = Counter()
        self.heap: list[tuple[int, int, _Pair]] = []

    def make(self) -> AdderGraph:
        for number, row in enumerate(self.rows):
            terms = sorted(row, key=lambda t: (t.source, t.shift))
            for index, term in enumerate(terms):
                for other in terms[:index]:
                    self._count(number, other, term, 1)
        while pair := self._most_frequent():
            self._share(pair)
        outputs = tuple(self._sum(row) for row in self.rows)
        bits, signed = bits_for(self.low, self.high)
        return AdderGraph(self.inputs, bits + (not signed), tuple(self.adders), outputs)

    def _count(self, number: int, a: Term, b: Term, by: int) -> None:
        pair = _pair(a, b)
        self.counts[pair] += by
        if by > 0:
            self.places[pair].add(number)
            if self.counts[pair] > 1:
                depth = max(self.levels[a.source], self.levels[b.source])
                heapq.heappush(self.heap, (-self.counts[pair], depth, pair))

    def _most_frequent(self) -> _Pair | None:
        while self.heap:
            count, depth, pair = heapq.heappop(self.heap)
            now = self.counts[pair]
            if now == -count:
                return pair
            if now > 1:
                heapq.heappush(self.heap, (-now, depth, pair))
        return None

    def _share(self, pair: _Pair) -> None:
        """Make the pair's sum, and put it into every row that has the pair, as often as it has it."""
        first, second, step, sign = pair
        node: int | None = None
        for number in sorted(self.places.pop(pair)):
            row = self.rows[number]
            for a in sorted(row, key=lambda t: (t.source, t.shift)):
                b = Term(second, a.shift + step, a.sign * sign)
                if a.source != first or a not in row or b not in row or a == b:
                    continue
                if node is None:
                    node = self._adder(Term(first, max(0, -step), 1), Term(second, max(0, step), sign))
                self._leave(number, a)
                self._leave(number, b)
                self._enter(number, Term(node, min(a.shift, b.shift), a.sign))
        self.counts[pair] = 0

    def _leave(self, number: int, term: Term) -> None:
        row = self.rows[number]
        row.remove(term)
        for other in row:
            self._count(number, other, term, -1)

    def _enter(self, number: int, term: Term) -> None:
        row = self.rows[number]
        for other in row:
            self._count(number, other, term, 1)
        row.add(term)

    def _sum(self, row: set[Term]) -> Term | None:
        """Add a row's terms, the shallowest first, positive ones in front of negative ones."""
        heap = [(self.levels[t.source], t.source, t.shift, t.sign) for t in row]
        heapq.heapify(heap)
        while len(heap) > 1:
            a, b = (Term(*heapq.heappop(heap)[1:]) for _ in range(2))
            if a.sign < b.sign:
                a, b = b, a
            shift = min(a.shift, b.shift)
            left, right = Term(a.source, a.shift - shift, 1), Term(b.source, b.shift - shift, a.sign * b.sign)
            node = self._adder(left, right)
            heapq.heappush(heap, (self.levels[node], node, shift, a.sign))
        if not heap:
            return None
        term = Term(*heap[0][1:])
        return term if term.sign > 0 else Term(self._adder(None, Term(term.source, 0, -1)), term.shift, 1)

    def _adder(self, left: Term | None, right: Term) -> int:
        form = self.forms[right.source] * (right.sign << right.shift)
        level = self.levels[right.source] + 1
        if left:
            form = form + (self.forms[left.source] << left.shift)
            level = max(level, self.levels[left.source] + 1)
        ends = (
            np.where(form > 0, form * self.low, form * self.high),
            np.where(form > 0, form * self.high, form * self.low),
        )
        bits, signed = bits_for(int(ends[0].sum()), int(ends[1].sum()))
        self.forms.append(form)
        self.levels.append(level)
        shift = left.shift if left else 0
        source = left.source if left else None
        self.adders.append(Adder(source, right.source, shift, right.shift, right.sign < 0, level, bits + (not signed)))
        return len(self.forms) - 1


def _pair(a: Term, b: Term) -> _Pair:
    if (b.source, b.shift) < (a.source, a.shift):
        a, b = b, a
    return a.source, b.source, b.shift - a.shift, a.sign * b.sign
