"""Reads the nodes one by one, keeps what is known of every tensor, and builds the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod

import numpy as np

from codesign.errors import Reason, Reject
from codesign.graph import Head, IntegerGraph, Operator, Requantize, Reshape, Tail, Tensor, bits_for
from codesign.graph.operators.pad import Pad
from codesign.ingest import refusal_hints, rules
from codesign.ingest.boundary import integer_input
from codesign.ingest.boundary.head import LARGEST_FRAME, axes_of
from codesign.ingest.boundary.tail import tail_of
from codesign.ingest.file.model import Model, Node
from codesign.ingest.functions import clamped, ending
from codesign.ingest.functions.quantizer import Quantizer
from codesign.ingest.movement import movement
from codesign.ingest.movement.in_place import in_place
from codesign.ingest.movement.view import Mixed
from codesign.ingest.operands import FloatRead, whole_source
from codesign.ingest.report import HeadReport, SegmentReport
from codesign.ingest.state import Broken, Constant, FloatInput, IntegerTensor, Quantized, Segment, State

WIDEST_ACCUMULATOR = 32
BETWEEN = ("Clip", "DequantizeLinear", "Identity", "Dropout")
"""What may stand between a QuantizeLinear and its DequantizeLinear."""


class Compiler:
    """State of one ingest.

    Attributes:
        states: what is known of each tensor of the model, by name.
        tensors, operators, head: the graph so far; head_report: how the head came about.
        reasons: why the model is refused, empty as long as it is not.
        segments: reports of the compiled segments.
    """

    def __init__(self, model: Model, tie_distance: float, input_type: str | None = None) -> None:
        self.model = model
        self.input_type = input_type
        self.tie_distance = tie_distance
        self.states: dict[str, State] = {
            name: Constant(value, type=model.types.get(name, "")) for name, value in model.constants.items()
        }
        self.states |= dict.fromkeys(model.unmade, Broken())
        self.tensors: dict[str, Tensor] = {}
        self.operators: list[Operator] = []
        self.head: Head | None = None
        self.head_report = HeadReport("quantizer")
        self.input = ""
        self.reasons: list[Reason] = list(model.faults)
        self.segments: list[SegmentReport] = []
        self.clamped: dict[tuple[object, ...], IntegerTensor] = {}
        self._unknown: set[str] = set()
        self._folds = False
        self._moved: dict[tuple[str, tuple[int, ...], bytes], IntegerTensor] = {}

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
        """``x`` as it stands in the model: what the model has moved or padded is moved and padded in the graph."""
        if x.view is not None:
            key = (x.tensor.name, x.shape, x.view.tobytes())
            if key not in self._moved:
                self._moved[key] = movement.apply(self, x)
            x = replace(self._moved[key], scale=x.scale, shift=x.shift, pads=x.pads)
        shape = (*x.shape[1:], x.shape[0])
        if x.tensor.shape != shape:
            bare = (x.tensor.name, shape, b"")
            if bare not in self._moved:
                name = f"{x.tensor.name}_as_{'x'.join(map(str, shape))}"
                operator = Reshape(inputs=(x.tensor.name,), output=name, to=shape)
                self._moved[bare] = self.emit(operator, [x], x.shape, x.scale)
            x = replace(x, tensor=self._moved[bare].tensor)
        return self._pad(x) if x.padded else x

    def _pad(self, x: IntegerTensor) -> IntegerTensor:
        """A Pad of its own, for who cannot pad by itself."""
        bare, pads = self.centred(replace(x, pads=())), x.pads
        text = "_".join(f"{a}_{b}" for a, b in pads)
        name = f"{bare.tensor.name}_padded_{text}"
        spatial = tuple(n + a + b for n, (a, b) in zip(bare.shape[1:], pads, strict=True))
        if name not in self.tensors:
            self.emit(Pad(inputs=(bare.tensor.name,), output=name, pads=pads), [bare], bare.shape, bare.scale)
        return IntegerTensor(self.tensors[name], (bare.shape[0], *spatial), bare.scale)

    def centred(self, x: IntegerTensor) -> IntegerTensor:
        """``x`` with integers whose zero is the real zero: bipolar values as -1 and 1.

        Raises:
            Reject: it has an offset that is no small fraction of its step.
        """
        if not any(x.shifts):
            return replace(x, shift=())
        halves = {s * 2 for s in x.shifts}
        if any(h.denominator != 1 for h in halves):
            raise Reject(
                "reads values with an offset (a bias without a quantizer behind it)", "put a quantizer before it"
            )
        whole = whole_source(x)
        name = f"{x.tensor.name}_centred"
        if name not in self.tensors:
            low, high = self.tensors[x.tensor.name].low, self.tensors[x.tensor.name].high
            offset = np.array([int(s * 2) for s in whole.shifts], np.int64)
            operator = Requantize(
                inputs=(x.tensor.name,),
                output=name,
                multiplier=np.full(len(offset), 2, np.int64),
                offset=offset,
                shift=0,
                low=int((2 * low + offset).min()),
                high=int((2 * high + offset).max()),
            )
            self.emit(operator, [whole], whole.shape, tuple(s / 2 for s in whole.scale))
        return replace(x, tensor=self.tensors[name], scale=tuple(s / 2 for s in x.scale), shift=())

    def quantize(
        self, segment: Segment, quantizer: Quantizer, node: Node, scale: np.ndarray | None = None
    ) -> IntegerTensor | Segment:
        """Compile a segment with the quantizer that ends it; ``scale`` [C]: of the result, if not the quantizer's."""
        return ending.end(self, segment, quantizer, node.outputs[0], node.name, scale)

    # ------------------------------------------------------------------ the walk

    def _read_input(self) -> None:
        if len(self.model.inputs) != 1:
            names = ", ".join(self.model.inputs) or "none"
            self.refuse("model", f"it has {len(self.model.inputs)} inputs ({names}), not one", "export one input")
        for name, shape in self.model.inputs.items():
            self.states[name] = Broken()
            if any(known.node == f"input '{name}'" for known in self.model.faults):
                continue
            if not shape or shape[0] not in (None, 1):
                self.refuse(f"input '{name}'", f"its shape is {shape}", "export it with a batch of 1 as first axis")
            elif None in shape[1:] or 0 in shape[1:]:
                dims = ", ".join("?" if d is None else str(d) for d in shape)
                self.refuse(f"input '{name}'", f"its shape ({dims}) is not fixed", "export with a fixed frame size")
            else:
                frame = tuple(int(d or 0) for d in shape[1:])
                try:
                    self.states[name] = self._input(name, frame)
                except Reject as error:
                    self.refuse(f"input '{name}'", error.reason, error.remedy)

    def _input(self, name: str, frame: tuple[int, ...]) -> State:
        """The model's input: floats, or integers where it is declared so."""
        stored, annotated = self.model.types.get(name, "float"), self.model.annotations.get(name, "")
        ends = integer_input.settle(stored, annotated, self.input_type)
        if ends is None:
            return FloatInput(name, frame, frame)
        if prod(frame) > LARGEST_FRAME:
            raise Reject(f"its frame {frame} has more than {LARGEST_FRAME} values", "use smaller frames")
        one = (Fraction(1),) * frame[0]
        low, high = (np.full(frame[0], v) for v in ends)
        tensor = self.add_tensor(name, (*frame[1:], frame[0]), low, high, one)
        self.input, self.head_report = name, HeadReport("integer")
        self.head = Head(frame, axes_of(frame), np.ones(1), np.zeros(1), *ends, integer=True)
        return IntegerTensor(tensor, frame, one)

    def _node(self, node: Node) -> None:
        inputs: list[State | None] = []
        for name in node.inputs:
            if name and name not in self.states:
                self.refuse(node.title, f"reads '{name}', which nothing before it makes", "export the whole model")
                self.states[name] = Broken()
            inputs.append(self.states[name] if name else None)
        result: State | tuple[State, ...] = Broken()
        rule = rules.find(node.op)
        waiting = next((x for x in inputs if isinstance(x, Quantized)), None)
        if any(node.title == known.node for known in self.model.faults):
            pass
        elif node.fault:
            self.refuse(node.title, f"is not as ONNX defines it ({node.fault})", "export the model again")
        elif waiting is not None and node.op not in BETWEEN:
            reason = f"it stands between {waiting.node.title} and its DequantizeLinear"
            self.refuse(node.title, reason, "move it behind the DequantizeLinear; only Clip may stand there")
        elif rule is None:
            self._without_rule(node, inputs)
        elif rule.takes_broken or not any(isinstance(x, Broken) for x in inputs):
            try:
                if not rule.takes_pads:
                    inputs = [self.dense(x) if isinstance(x, IntegerTensor) and x.padded else x for x in inputs]
                result = self._applied(rule, node, inputs)
            except Reject as error:
                self.refuse(node.title, error.reason, error.remedy)
            except (ValueError, IndexError, TypeError, ArithmeticError) as error:
                # Shapes and attributes that contradict each other are too many to list.
                self.refuse(node.title, f"does not hold together ({error})", "export the model again")
        # A rule makes one output, or a tuple of them; whoever reads another is told that nothing makes it.
        if isinstance(result, Broken):
            result = (result,) * len(node.outputs)
        for output, state in zip(node.outputs, result if isinstance(result, tuple) else (result,), strict=False):
            self.states[output] = Broken() if output in self.model.unmade else state

    def _applied(self, rule: rules.Rule, node: Node, inputs: list[State | None]) -> State | tuple[State, ...]:
        """What the rule makes; where it cannot read its inputs as they are, of what can be made of them first."""
        for _ in range(2):
            before = len(self.operators), dict(self.tensors), dict(self._moved), dict(self.clamped)
            try:
                return rule.apply(node, inputs, self)
            except (FloatRead, Mixed) as error:
                count, self.tensors, self._moved, self.clamped = before  # else it would be made twice
                del self.operators[count:]
                prepare = clamped.as_integers if isinstance(error, FloatRead) else in_place
                inputs = prepare(self, inputs)
        return rule.apply(node, inputs, self)

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
            remedy = refusal_hints.remedy(node.op, rules.operators())
            self.refuse(node.title + more, f"no exact integer rule for {node.op}", remedy)

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
        if isinstance(state, Quantized):
            self.refuse(f"output '{name}'", f"it ends in {state.node.title}", "add its DequantizeLinear")
            return None
        try:
            return tail_of(clamped.as_integers(self, [state])[0] or state, self.dense)
        except Reject as error:
            self.refuse(f"output '{name}'", error.reason, error.remedy)
            return None
