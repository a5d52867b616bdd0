"""One engine for all parts of a network: groups of channels that never meet become sets, one behind the other.

A region in which every convolution has G groups (or a multiple of it), and everything between is done channel by
channel, computes G networks of one form side by side. Its frames [T, G * C] become [G, T, C]: hardware then computes
part after part, and needs the weights of one part at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from codesign.graph.graph import IntegerGraph
from codesign.graph.operator import Operator
from codesign.graph.operators.add import Add
from codesign.graph.operators.conv import Conv
from codesign.graph.operators.each_set import EachSet
from codesign.graph.operators.global_sum import GlobalSum
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.requantize import Requantize
from codesign.graph.operators.reshape import Reshape
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.operators.table import Table
from codesign.graph.operators.threshold import Threshold
from codesign.graph.operators.transpose import Transpose
from codesign.graph.tensor import Tensor

AXES = 1
"""Spatial axes of frames that are shared, at most: the sets are one more, and kernels count along two."""


def share(graph: IntegerGraph) -> IntegerGraph:
    """Return an equal graph in which the region of most weights runs set after set; ``graph`` where there is none."""
    regions = [
        _region(graph, start, op.groups)
        for start, op in enumerate(graph.operators)
        if isinstance(op, Conv) and op.groups > 1 and op.weights.shape[-1] > 1
    ]
    best = max(regions, key=lambda region: region.weights, default=None)
    return _Sharing(graph, best).run() if best is not None and best.operators else graph


@dataclass(frozen=True)
class _Region:
    """Operators, by their outputs, that nothing outside stands between."""

    sets: int
    operators: frozenset[str]
    weights: int


def _region(graph: IntegerGraph, start: int, sets: int) -> _Region:
    """The region that begins with the convolution at ``start``, and with others behind it that do not depend on it."""
    inside: set[str] = set()
    behind: set[str] = set()  # made outside, of what was made inside
    weights = 0
    for op in graph.operators[start:]:
        reads = not inside.isdisjoint(op.inputs)
        late = not behind.isdisjoint(op.inputs)
        if not late and (reads or isinstance(op, Conv)) and _separable(graph, op, sets):
            inside.add(op.output)
            weights += op.weights.size if isinstance(op, Conv) else 0
        elif reads or late:
            behind.add(op.output)
    return _Region(sets, frozenset(inside), weights)


def _separable(graph: IntegerGraph, op: Operator, sets: int) -> bool:
    """Whether each of ``sets`` blocks of the operator's output channels depends on that block of its inputs alone."""
    shapes = [graph.tensors[name].shape for name in (*op.inputs, op.output)]
    if type(op) not in _SHARED or any(s[-1] % sets or len(s) > AXES + 1 for s in shapes):
        return False
    return not isinstance(op, Conv) or op.groups % sets == 0


def _conv(op: Conv, sets: int) -> list[Operator]:
    return [replace(op, weights=w, groups=op.groups // sets) for w in np.split(op.weights, sets)]


def _requantize(op: Requantize, sets: int) -> list[Operator]:
    numbers = zip(np.split(op.multiplier, sets), np.split(op.offset, sets), strict=True)
    return [replace(op, multiplier=m, offset=b) for m, b in numbers]


def _threshold(op: Threshold, sets: int) -> list[Operator]:
    numbers = zip(np.split(op.thresholds, sets), np.split(op.descending, sets), strict=True)
    return [replace(op, thresholds=t, descending=d) for t, d in numbers]


def _table(op: Table, sets: int, x: Tensor) -> list[Operator]:
    """All sets' tables begin and end where the sets' common range does; what a set never reads repeats its ends."""
    size = int((x.high - x.low).max()) + 1
    rows = np.split(np.broadcast_to(op.values, (len(op.first), op.values.shape[1])), sets)
    parts: list[Operator] = []
    for values, first in zip(rows, np.split(op.first, sets), strict=True):
        index = np.clip((x.low - first)[:, None] + np.arange(size), 0, values.shape[1] - 1)
        parts.append(replace(op, values=np.take_along_axis(values, index, 1), first=x.low))
    return parts


def _windows(op: MaxPool | SumPool) -> Operator:
    return replace(
        op,
        kernel=(1, *op.kernel),
        stride=(1, *op.stride),
        pads=((0, 0), *op.pads),
        dilation=(1, *op.dilation),
    )


def _all_positions(op: GlobalSum) -> Operator:
    kernel, pads = (op.positions,), ((0, 0),)
    whole = SumPool(inputs=op.inputs, output=op.output, kernel=kernel, stride=(1,), pads=pads, dilation=(1,))
    return _windows(replace(whole, source=op.source))


_SHARED: dict[type[Operator], Callable[..., list[Operator] | Operator]] = {
    Conv: lambda op, sets, x: _conv(op, sets),
    Requantize: lambda op, sets, x: _requantize(op, sets),
    Threshold: lambda op, sets, x: _threshold(op, sets),
    Table: _table,
    Add: lambda op, sets, x: op,
    Mul: lambda op, sets, x: op,
    MaxPool: lambda op, sets, x: _windows(op),
    SumPool: lambda op, sets, x: _windows(op),
    GlobalSum: lambda op, sets, x: _all_positions(op),
}
"""By kind, of (operator, sets, first input in sets): its parts, or the operator on frames of one axis more."""


@dataclass
class _Sharing:
    """The new graph under construction."""

    graph: IntegerGraph
    region: _Region
    operators: list[Operator] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def run(self) -> IntegerGraph:
        graph, inside = self.graph, self.region.operators
        self.tensors[graph.input] = graph.tensors[graph.input]
        for op in graph.operators:
            if op.output not in inside:
                self._append(op, graph.tensors[op.output])
                continue
            for name in op.inputs:
                if _in_sets(name) not in self.tensors:
                    self._enter(name)
            self._share(op)
            if op.output == graph.output or any(reader.output not in inside for reader in graph.readers(op.output)):
                self._leave(op.output)
        shared = replace(graph, tensors=self.tensors, operators=self.operators)
        shared.check()
        return shared

    def _append(self, op: Operator, tensor: Tensor) -> None:
        self.operators.append(op)
        self.tensors[op.output] = tensor

    def _shape(self, name: str) -> tuple[int, ...]:
        """A tensor's shape in sets."""
        *spatial, channels = self.graph.tensors[name].shape
        return (self.region.sets, *spatial, channels // self.region.sets)

    def _tensor(self, name: str, of: str, shape: tuple[int, ...]) -> Tensor:
        """The tensor ``of`` in sets: a channel has the range of all sets, and a scale where theirs are equal."""
        tensor = self.graph.tensors[of]
        low, high, scale = (a.reshape(self.region.sets, -1) for a in (tensor.low, tensor.high, tensor.scale))
        alike = np.where((scale == scale[0]).all(0), scale[0], np.nan)
        return Tensor(name, shape, low.min(0), high.max(0), alike)

    def _enter(self, name: str) -> None:
        """[T, G * C] to [G, T, C]; a vector's sets follow each other already."""
        shape, sets = self._shape(name), _in_sets(name)
        if len(shape) == 2:
            self._append(Reshape(inputs=(name,), output=sets, to=shape), self._tensor(sets, name, shape))
            return
        groups, positions, channels = shape
        apart = f"{name}.groups"
        to = (positions, groups, channels)
        self._append(Reshape(inputs=(name,), output=apart, to=to), self._tensor(apart, name, to))
        self._append(Transpose(inputs=(apart,), output=sets, axes=(1, 0, 2)), self._tensor(sets, name, shape))

    def _leave(self, name: str) -> None:
        """[G, T, C] back to [T, G * C]."""
        shape, sets, tensor = self._shape(name), _in_sets(name), self.graph.tensors[name]
        if len(shape) == 3:
            apart = f"{name}.groups"
            moved = self._tensor(apart, name, (shape[1], shape[0], shape[2]))
            self._append(Transpose(inputs=(sets,), output=apart, axes=(1, 0, 2)), moved)
            sets = apart
        self._append(Reshape(inputs=(sets,), output=name, to=tensor.shape), tensor)

    def _share(self, op: Operator) -> None:
        inputs, output = tuple(map(_in_sets, op.inputs)), _in_sets(op.output)
        tensor = self._tensor(output, op.output, self._shape(op.output))
        made = _SHARED[type(op)](op, self.region.sets, self.tensors[inputs[0]])
        if isinstance(made, list):
            self._append(EachSet(inputs=inputs, output=output, source=op.source, parts=tuple(made)), tensor)
            return
        shape = made.shape(*(self.tensors[name].shape for name in inputs))
        if shape == tensor.shape:
            self._append(replace(made, inputs=inputs, output=output), tensor)
        else:  # windows that see all positions leave an axis of length 1
            pooled = f"{output}.windows"
            self._append(replace(made, inputs=inputs, output=pooled), replace(tensor, name=pooled, shape=shape))
            self._append(Reshape(inputs=(pooled,), output=output, to=tensor.shape), tensor)


def _in_sets(name: str) -> str:
    return f"{name}.sets"
