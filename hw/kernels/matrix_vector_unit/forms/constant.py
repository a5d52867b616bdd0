"""Constant weights: where one word holds them all, each sum is made of shifted inputs, shared between the rows."""

from __future__ import annotations

from functools import cached_property
from itertools import chain

from hw.design.stream import Stream
from hw.kernels.kernel import Resources
from hw.kernels.matrix_vector_unit.adder_graph import AdderGraph, Term, adder_graph
from hw.kernels.matrix_vector_unit.forms.adders import adder
from hw.kernels.matrix_vector_unit.forms.form import Form

LARGEST = 1024
"""Weights of which the common sums are looked for in seconds."""
LETTERS = "@ABCDEFGHIJKLMNO"
"""Digits of ``constant_products.sv``."""


class Constant(Form):
    """``constant_products.sv``: a graph of adders, with a register every second level."""

    name = "constant"
    multiplier = "lut"
    rtl = ("constant_products",)

    @property
    def fits(self) -> bool:
        """Whether the weights never change, and there is something to share."""
        return self.operands.words == 1 and 1 < self.operands.tiles.size <= LARGEST

    @cached_property
    def graph(self) -> AdderGraph:
        """The adders."""
        inputs = Stream(1, self.operands.bits, self.operands.signed)
        return adder_graph(self.operands.weights[0], inputs.low, inputs.high)

    @property
    def sum_bits(self) -> int:
        return max((self.graph.bits(t.source) + t.shift for t in self.graph.outputs if t), default=1)

    @property
    def cycles(self) -> int:
        """Cycles to the deepest row, which is registered."""
        return max(1, (self.graph.depth + 1) // 2)

    @cached_property
    def kept(self) -> list[int]:
        """Cycles that each source is kept for whoever waits for it."""
        kept = [0] * (self.graph.inputs + len(self.graph.adders))
        for source, wait in self._waits():
            kept[source] = max(kept[source], wait)
        return kept

    def _waits(self) -> list[tuple[int, int]]:
        """Each use of a source, and how long it waits there."""
        graph = self.graph
        adders = ((s, (a.level - 1) // 2) for a in graph.adders for s in (a.left, a.right) if s is not None)
        outputs = ((t.source, self.cycles) for t in graph.outputs if t)
        return [(source, at - graph.level(source) // 2) for source, at in chain(adders, outputs)]

    def resources(self) -> Resources:
        graph, family = self.graph, self.operands.family
        more = 1 if family == "ecp5" else -1  # the carry's end takes one on ECP5; the sign often needs none on AMD
        lut = sum(adder(a.bits - max(a.left_shift, a.right_shift) + more, family) for a in graph.adders)
        ff = sum(a.bits for a in graph.adders if a.level % 2 == 0)
        bits = [graph.bits(source) for source in range(len(self.kept))]
        return Resources(lut=lut, ff=ff + sum(b * k for b, k in zip(bits, self.kept, strict=True)))

    def verilog_parameters(self) -> dict[str, int | str]:
        graph = self.graph
        adders = "".join(map(self._record, range(len(graph.adders))))
        if not adders:  # one that nobody reads: the RTL has no empty list
            adders = 2 * _operand(graph, Term(0, 0, 1), 0) + _digits(graph.input_bits, 2) + _digits(0, 4)
        rows = "".join(_operand(graph, t, self.cycles) + "A" if t else "@" * 5 + "A" + "@" * 5 for t in graph.outputs)
        return super().verilog_parameters() | {"GRAPH": adders + rows}

    @property
    def layout(self) -> int:
        """Number of adders, and above it the cycles that inputs are kept."""
        return max(1, len(self.graph.adders)) | max(self.kept[: self.graph.inputs]) << 24

    def _record(self, number: int) -> str:
        graph, adder = self.graph, self.graph.adders[number]
        at, right = (adder.level - 1) // 2, Term(adder.right, adder.right_shift, 1)
        left = right if adder.left is None else Term(adder.left, adder.left_shift, 1)
        operation = 2 if adder.left is None else int(adder.subtract)
        fields = (adder.bits, 2), (self.kept[graph.inputs + number], 2), (operation, 1), (int(adder.level % 2 == 0), 1)
        return _operand(graph, left, at) + _operand(graph, right, at) + "".join(_digits(*field) for field in fields)


def _operand(graph: AdderGraph, term: Term, at: int) -> str:
    """A source with its bits, its shift, and how long it waits to be used at a time."""
    wait = at - graph.level(term.source) // 2
    fields = (term.source, 4), (graph.bits(term.source), 2), (term.shift, 2), (wait, 2)
    return "".join(_digits(*field) for field in fields)


def _digits(value: int, count: int) -> str:
    return "".join(LETTERS[value >> 4 * i & 15] for i in reversed(range(count)))
