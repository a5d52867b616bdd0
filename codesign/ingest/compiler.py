"""Reads the nodes one by one, keeps what is known of every tensor, and builds the graph."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from codesign.graph import Head, IntegerGraph, Operator, Reshape, Tail, Tensor, bits_for
from codesign.ingest import form, requantizer, rules, staircase
from codesign.ingest.function import Function
from codesign.ingest.model import Model, Node
from codesign.ingest.quantizer import Quantizer
from codesign.ingest.refusal import Reason, Reject
from codesign.ingest.report import SegmentReport
from codesign.ingest.state import Broken, Constant, FloatInput, IntegerTensor, Segment, State
from codesign.ingest.tail import tail_of

WIDEST_ACCUMULATOR = 32


class Compiler:
    """State of one ingest.

    Attributes:
        states: what is known of each tensor of the model, by name.
        tensors, operators, head: the graph so far.
        reasons: why the model is refused, empty as long as it is not.
        segments: reports of the compiled segments.
    """

    def __init__(self, model: Model, tie_distance: float) -> None:
        self.model = model
        self.tie_distance = tie_distance
        self.states: dict[str, State] = {name: Constant(value) for name, value in model.constants.items()}
        self.tensors: dict[str, Tensor] = {}
        self.operators: list[Operator] = []
        self.head: Head | None = None
        self.input = ""
        self.reasons: list[Reason] = []
        self.segments: list[SegmentReport] = []
        self._unknown: set[str] = set()
        self._folds = False
        self._reshaped: dict[tuple[str, tuple[int, ...]], IntegerTensor] = {}

    def compile(self, name: str) -> IntegerGraph | None:
        """Build the graph; None where ``reasons`` tells why there is none."""
        self._read_input()
        for node in self.model.nodes:
            self._node(node)
        tail = self._read_output()
        if tail is None or self.reasons or self.head is None:
            return None
        output, tail_end = tail
        graph = IntegerGraph(
            name=name,
            input=self.input,
            output=output,
            tensors=self.tensors,
            operators=self.operators,
            head=self.head,
            tail=tail_end,
        )
        graph.check()
        return graph

    def refuse(self, node: str, reason: str, remedy: str) -> None:
        self.reasons.append(Reason(node, reason, remedy))

    # ------------------------------------------------------------------ what rules use

    def emit(
        self,
        operator: Operator,
        inputs: Sequence[IntegerTensor],
        shape: tuple[int, ...],
        scale: tuple[Fraction, ...],
    ) -> IntegerTensor:
        """Append an operator and return its output; ``shape`` is (C, *spatial) as the model sees it.

        Raises:
            Reject: the output needs more than ``WIDEST_ACCUMULATOR`` bits.
        """
        low, high = operator.range(*((x.tensor.low, x.tensor.high) for x in inputs))
        bits, _ = bits_for(int(low.min()), int(high.max()))
        if bits > WIDEST_ACCUMULATOR:
            raise Reject(
                f"its sums need {bits} bits, more than {WIDEST_ACCUMULATOR}",
                "use fewer weight or activation bits, or fewer inputs per output",
            )
        tensor = self.add_tensor(operator.output, operator.shape(*(x.tensor.shape for x in inputs)), low, high, scale)
        self.operators.append(operator)
        return IntegerTensor(tensor, shape, scale)

    def add_tensor(
        self, name: str, shape: tuple[int, ...], low: np.ndarray, high: np.ndarray, scale: tuple[Fraction, ...]
    ) -> Tensor:
        """Make a tensor of the graph; ``shape`` is channels last."""
        tensor = Tensor(name, shape, low, high, np.array([float(s) for s in scale]))
        self.tensors[name] = tensor
        return tensor

    def dense(self, x: IntegerTensor) -> IntegerTensor:
        """``x`` with the graph's shape equal to the model's, by a Reshape where axes of length 1 came or went.

        Raises:
            Reject: ``x`` has padding that only a convolution can take.
        """
        if any(before or after for before, after in x.pads):
            raise Reject("reads a padded tensor, which only a convolution can", "pad inside the convolution")
        shape = (*x.shape[1:], x.shape[0])
        if x.tensor.shape == shape:
            return x
        key = (x.tensor.name, shape)
        if key not in self._reshaped:
            name = f"{x.tensor.name}_as_{'x'.join(map(str, shape))}"
            operator = Reshape(inputs=(x.tensor.name,), output=name, to=shape)
            self._reshaped[key] = self.emit(operator, [x], x.shape, x.scale)
        return self._reshaped[key]

    def quantize(self, segment: Segment, quantizer: Quantizer, node: Node) -> IntegerTensor:
        """Compile a segment with the quantizer that ends it."""
        source = self.dense(segment.source)
        tensor, output = source.tensor, node.outputs[0]
        function = Function(source.scale, segment.steps, quantizer)
        stairs = staircase.build(function, tensor.low, tensor.high, self.tie_distance)
        line = requantizer.fit(stairs)
        names = (*(s.node for s in segment.steps), node.name)
        operator = form.choose(stairs, line, tensor.name, output, names)
        scale = tuple(Fraction(float(s)) for s in quantizer.scale)
        made = self.emit(operator, [source], segment.shape, scale)
        self.segments.append(_report(stairs, line, operator, source.tensor, made.tensor))
        return made

    # ------------------------------------------------------------------ the walk

    def _read_input(self) -> None:
        if len(self.model.inputs) != 1:
            names = ", ".join(self.model.inputs) or "none"
            self.refuse("model", f"it has {len(self.model.inputs)} inputs ({names}), not one", "export one input")
        for name, shape in self.model.inputs.items():
            self.states[name] = Broken()
            if not shape or shape[0] not in (None, 1):
                self.refuse(f"input '{name}'", f"its shape is {shape}", "export it with a batch of 1 as first axis")
            elif None in shape[1:] or 0 in shape[1:]:
                dims = ", ".join("?" if d is None else str(d) for d in shape)
                self.refuse(f"input '{name}'", f"its shape ({dims}) is not fixed", "export with a fixed frame size")
            else:
                frame = tuple(int(d or 0) for d in shape[1:])
                self.states[name] = FloatInput(name, frame, frame)

    def _node(self, node: Node) -> None:
        inputs: list[State | None] = []
        for name in node.inputs:
            if name and name not in self.states:
                self.refuse(node.title, f"reads '{name}', which nothing before it makes", "export the whole model")
                self.states[name] = Broken()
            inputs.append(self.states[name] if name else None)
        result: State = Broken()
        rule = rules.find(node.op)
        if node.fault:
            self.refuse(node.title, f"is not as ONNX defines it ({node.fault})", "export the model again")
        elif rule is None:
            self._without_rule(node, inputs)
        elif rule.takes_broken or not any(isinstance(x, Broken) for x in inputs):
            try:
                result = rule.apply(node, inputs, self)
            except Reject as error:
                self.refuse(node.title, error.reason, error.remedy)
            except (ValueError, IndexError, TypeError, ArithmeticError) as error:
                # Shapes and attributes that contradict each other are too many to list.
                self.refuse(node.title, f"does not hold together ({error})", "export the model again")
        # A rule makes one output; whoever reads another is told that nothing makes it.
        refused = isinstance(result, Broken)
        for output in node.outputs if refused else node.outputs[:1]:
            self.states[output] = result

    def _without_rule(self, node: Node, inputs: list[State | None]) -> None:
        if all(x is None or isinstance(x, Constant) for x in inputs):
            if not self._folds:
                remedy = "fold constants first (qonnx.util.cleanup.cleanup)"
                self.refuse(node.title, "computes a constant, as other nodes may, which the ingest does not", remedy)
            self._folds = True
        elif node.op not in self._unknown:
            self._unknown.add(node.op)
            others = sum(n.op == node.op for n in self.model.nodes) - 1
            more = f" (and {others} more of this type)" if others else ""
            known = ", ".join(rules.operators())
            self.refuse(node.title + more, f"no exact integer rule for {node.op}", f"use one of {known}")

    def _read_output(self) -> tuple[str, Tail] | None:
        if len(self.model.outputs) != 1:
            names = ", ".join(self.model.outputs) or "none"
            self.refuse("model", f"it has {len(self.model.outputs)} outputs ({names}), not one", "export one output")
            return None
        name = self.model.outputs[0]
        state = self.states.get(name)
        if state is None:
            self.refuse(f"output '{name}'", "nothing makes it", "export the whole model")
            return None
        if isinstance(state, Broken):
            return None
        try:
            return tail_of(state)
        except Reject as error:
            self.refuse(f"output '{name}'", error.reason, error.remedy)
            return None


def _report(
    stairs: staircase.Staircase, line: requantizer.Line | None, operator: Operator, source: Tensor, made: Tensor
) -> SegmentReport:
    return SegmentReport(
        output=operator.output,
        input=source.name,
        form=type(operator).__name__.lower(),
        source=operator.source,
        channels=source.channels,
        input_range=(int(source.low.min()), int(source.high.max())),
        input_bits=source.bits,
        output_range=(int(made.low.min()), int(made.high.max())),
        output_bits=made.bits,
        multiplier_bits=None if line is None else _width(line.multiplier),
        offset_bits=None if line is None else _width(line.offset),
        shift=None if line is None else line.shift,
        levels=stairs.steps.shape[1],
        descending=int(stairs.descending.sum()),
        margin=stairs.margin if np.isfinite(stairs.margin) else None,
        decided_exactly=stairs.decided_exactly,
        near_ties=stairs.near_ties,
    )


def _width(values: np.ndarray) -> int:
    return bits_for(int(values.min(initial=0)), int(values.max(initial=0)))[0]
