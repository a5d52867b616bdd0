"""Small random graphs for tests, with ranges from the operators themselves."""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.graph import (
    Add,
    Conv,
    GlobalSum,
    Head,
    IntegerGraph,
    MatMul,
    Operator,
    Requantize,
    Reshape,
    Tail,
    Tensor,
    Threshold,
)


class Builder:
    """Appends operators to a graph; every method returns its output's name."""

    def __init__(self, shape: tuple[int, ...], low: int, high: int, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.tensors = {"x": Tensor("x", shape, low, high, 1.0)}  # type: ignore[arg-type]
        self.operators: list[Operator] = []

    def append(self, op: Operator) -> str:
        """Append ``op`` with the shape and range that it claims."""
        ins = [self.tensors[name] for name in op.inputs]
        low, high = op.range(*((t.low, t.high) for t in ins))
        shape = op.shape(*(t.shape for t in ins))
        self.tensors[op.output] = Tensor(op.output, shape, low, high, 1.0)  # type: ignore[arg-type]
        self.operators.append(op)
        return op.output

    def conv(
        self,
        x: str,
        outputs: int,
        kernel: tuple[int, ...],
        pads: tuple[tuple[int, int], ...] | None = None,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
    ) -> str:
        """A convolution with random weights in [-7, 7]."""
        channels, rank = self.tensors[x].channels, len(kernel)
        return self.append(
            Conv(
                inputs=(x,),
                output=f"conv{len(self.operators)}",
                weights=self.random.integers(-7, 8, (outputs, *kernel, channels // groups)),
                stride=(stride,) * rank,
                pads=pads or ((0, 0),) * rank,
                dilation=(dilation,) * rank,
                groups=groups,
            )
        )

    def requantize(self, x: str, low: int = -8, high: int = 7, rising: bool = False) -> str:
        """A requantizer whose multipliers are of either sign (unless ``rising``) and use the whole output range."""
        t = self.tensors[x]
        shift = 12
        span = np.maximum(t.high - t.low, 1)
        multiplier = (self.random.uniform(2, 6, t.channels) * (high - low) * 2**shift / span).astype(np.int64)
        if not rising:
            multiplier *= self.random.choice([-1, 1], t.channels)
            multiplier[0] = -abs(multiplier[0])
        offset = ((low + high) / 2 * 2**shift - multiplier * ((t.low + t.high) // 2)).astype(np.int64)
        name = f"requantize{len(self.operators)}"
        op = Requantize(inputs=(x,), output=name, multiplier=multiplier, offset=offset, shift=shift, low=low, high=high)
        return self.append(op)

    def threshold(self, x: str, levels: int = 3) -> str:
        """Thresholds within the input's inner range; the first channel descends, the others at random."""
        t = self.tensors[x]
        quarter = np.maximum((t.high - t.low) // 4, 1)
        drawn = self.random.integers(t.low + quarter, t.high - quarter + 1, (levels, t.channels))
        descending = self.random.random(t.channels) < 0.5
        descending[0] = True
        name = f"threshold{len(self.operators)}"
        thresholds = np.sort(drawn, 0).T
        return self.append(Threshold(inputs=(x,), output=name, thresholds=thresholds, descending=descending, low=-1))

    def add(self, x: str, y: str, coefficients: tuple[int, int] = (1, 1)) -> str:
        """A weighted sum."""
        return self.append(Add(inputs=(x, y), output=f"add{len(self.operators)}", coefficients=coefficients))

    def global_sum(self, x: str) -> str:
        """Sum over all positions."""
        positions = prod(self.tensors[x].shape[:-1])
        return self.append(GlobalSum(inputs=(x,), output=f"sum{len(self.operators)}", positions=positions))

    def matmul(self, x: str, outputs: int) -> str:
        """A fully connected layer with random weights in [-7, 7]."""
        weights = self.random.integers(-7, 8, (outputs, self.tensors[x].channels))
        return self.append(MatMul(inputs=(x,), output=f"matmul{len(self.operators)}", weights=weights))

    def reshape(self, x: str, to: tuple[int, ...]) -> str:
        """Axes of length 1 more or fewer."""
        return self.append(Reshape(inputs=(x,), output=f"reshape{len(self.operators)}", to=to))

    def graph(self, output: str, name: str = "example") -> IntegerGraph:
        """The graph so far, checked."""
        ends = [self.tensors["x"].shape, self.tensors[output].shape]
        axes = [tuple(range(len(shape))) for shape in ends]
        head = Head(ends[0], axes[0], np.ones(1), np.zeros(1), -(2**15), 2**15)
        tail = Tail(np.ones(1), np.zeros(1), axes[1], ends[1])
        graph = IntegerGraph(name, "x", output, self.tensors, self.operators, head, tail)
        graph.check()
        return graph

    def frames(self, count: int) -> np.ndarray:
        """Random input over its whole range, int64 [count, *shape]."""
        t = self.tensors["x"]
        return self.random.integers(t.low, t.high + 1, (count, *t.shape))


def residual_1d(seed: int = 0) -> tuple[IntegerGraph, np.ndarray]:
    """A 1-D net with a fork, a residual add of unequal coefficients, falling channels, pooling, scores."""
    b = Builder((20, 6), -8, 7, seed)
    first = b.requantize(b.conv("x", 8, (3,), ((1, 1),)))
    branch = b.requantize(b.conv(first, 8, (5,), ((2, 2),)))
    joined = b.requantize(b.add(first, branch, (3, -2)), 0, 15)
    down = b.threshold(b.conv(joined, 4, (3,), ((2, 0),), stride=2, dilation=1))
    return b.graph(b.matmul(b.global_sum(down), 5), "residual_1d"), b.frames(4)


def plain_2d(seed: int = 0) -> tuple[IntegerGraph, np.ndarray]:
    """A 2-D net with uneven pads, stride, dilation, groups and a depthwise convolution."""
    b = Builder((9, 7, 4), 0, 15, seed)
    one = b.requantize(b.conv("x", 6, (3, 3), ((1, 1), (0, 2)), stride=2))
    two = b.requantize(b.conv(one, 6, (3, 3), ((1, 1), (1, 1)), groups=6), 0, 7)
    three = b.threshold(b.conv(two, 4, (2, 2), ((1, 1), (1, 1)), dilation=2, groups=2), 2)
    wide = b.conv(three, 3, (1, 1))
    return b.graph(b.requantize(b.matmul(wide, 3)), "plain_2d"), b.frames(4)


def awkward(seed: int = 0) -> tuple[IntegerGraph, np.ndarray]:
    """A forked input, one tensor added to itself, a reshape that FINN must see, an output that is read as well."""
    b = Builder((1, 6, 4), -3, 3, seed)
    flat = b.reshape("x", (6, 4))
    twice = b.add(flat, flat, (1, 2))
    falling = b.requantize(twice)
    other = b.requantize(b.conv("x", 4, (1, 3), ((0, 0), (1, 1))))
    joined = b.add(b.reshape(other, (6, 4)), falling)
    output = b.requantize(joined, -2, 2)
    b.threshold(output)
    return b.graph(output, "awkward"), b.frames(4)
