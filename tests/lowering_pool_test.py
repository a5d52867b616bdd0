"""Pooling and padding, lowered: by the kernels' references over many geometries, and as Verilog under stalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.pad import Pad
from codesign.graph.operators.sum_pool import SumPool
from codesign.graph.windows import Windows
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.lowering import fold, lower
from hw.lowering.pooling import stream_bits
from hw.sim import Stalls, compile_simulator

Pads = tuple[tuple[int, int], ...]


def pool(
    b: Builder,
    kind: type[MaxPool] | type[SumPool],
    x: str,
    kernel: tuple[int, ...],
    stride: tuple[int, ...] | None = None,
    pads: Pads | None = None,
    dilation: int = 1,
) -> str:
    rank = len(kernel)
    given = {"stride": stride or kernel, "pads": pads or ((0, 0),) * rank, "dilation": (dilation,) * rank}
    return b.append(kind(inputs=(x,), output=f"pool{len(b.operators)}", kernel=kernel, **given))  # type: ignore[arg-type]


def pad(b: Builder, x: str, pads: Pads, value: int) -> str:
    return b.append(Pad(inputs=(x,), output=f"pad{len(b.operators)}", pads=pads, value=value))


def image() -> tuple[IntegerGraph, np.ndarray]:
    """Overlapping largest with padding on signed data, tiles that leave a row over, a sum of all that is left."""
    b = Builder((13, 11, 3), -8, 7, 1)
    x = b.requantize(b.conv("x", 6, (3, 3), ((1, 1), (1, 1))), -8, -1)
    x = pool(b, MaxPool, x, (3, 3), (1, 2), ((1, 1), (1, 1)))
    x = pool(b, SumPool, x, (2, 2))
    x = b.requantize(x)
    x = pool(b, SumPool, x, (3, 3), (1, 1), ((1, 1), (1, 1)))
    x = b.requantize(x, -4, 3)
    return b.graph(b.matmul(b.reshape(pool(b, SumPool, x, (6, 3)), (6,)), 5), "image"), b.frames(4)


def series() -> tuple[IntegerGraph, np.ndarray]:
    """One axis: uneven padding, ceil mode's last window, dilation, a stride beyond the kernel, a constant around."""
    b = Builder((41, 4), -8, 7, 2)
    x = b.requantize(b.conv("x", 6, (4,), ((1, 2),)))
    x = pool(b, MaxPool, x, (4,), (4,), ((0, 3),))
    x = pad(b, x, ((2, 1),), -9)
    x = pool(b, MaxPool, x, (3,), (1,), ((2, 1),), 2)
    x = b.requantize(pool(b, SumPool, x, (2,), (3,)), 0, 15)
    return b.graph(b.conv(pool(b, MaxPool, x, (2,), (1,), ((1, 0),)), 3, (2,)), "series"), b.frames(4)


def reduced() -> tuple[IntegerGraph, np.ndarray]:
    """The largest of whole frames."""
    b = Builder((6, 5, 4), -8, 7, 3)
    x = b.requantize(b.conv("x", 8, (3, 3)), -8, -2)
    return b.graph(b.matmul(b.reshape(pool(b, MaxPool, x, (4, 3)), (8,)), 3), "reduced"), b.frames(4)


def rows() -> tuple[IntegerGraph, np.ndarray]:
    """Units that are as slow as each other on both sides of what sends its words in rows."""
    b = Builder((12, 12, 4), -8, 7, 4)
    x = b.requantize(b.conv("x", 8, (3, 3), ((1, 1), (1, 1))))
    x = b.requantize(b.conv(pool(b, MaxPool, x, (2, 2)), 32, (1, 1)), -4, 3)
    return b.graph(b.conv(pad(b, x, ((1, 2), (1, 1)), 3), 4, (1, 1))), b.frames(4)


NETS = {"image": image, "series": series, "reduced": reduced, "rows": rows}


def words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


@pytest.mark.parametrize(
    ("name", "interval"),
    [*((name, n) for name in ("image", "series", "reduced") for n in (10**6, 2500)), ("rows", 9000)],
)
def test_verilog_gives_the_graphs_integers_at_the_predicted_rate(name: str, interval: int, tmp_path: Path) -> None:
    graph, x = NETS[name]()
    x = np.concatenate([x, x[::-1], x])
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, interval)))
    expected = graph.run(x)
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG])
    free = simulator.run([words(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert design.interval <= free.interval <= 1.01 * design.interval
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.01, 400)]):
        stalled = simulator.run([words(design, x)], stalls=Stalls(probability, burst, seed))
        np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
        assert stalled.flags == {ERROR_FLAG: 0}


def random_pool(seed: int) -> tuple[IntegerGraph, np.ndarray]:
    """A pool of any geometry that is one, on a range that may lie wholly below or above zero."""
    rng = np.random.default_rng(seed)
    while True:
        rank = int(rng.integers(1, 3))
        kernel, stride, dilation = (tuple(rng.integers(1, n, rank).tolist()) for n in (5, 5, 3))
        if rng.random() < 0.4:
            stride, dilation = kernel, (1,) * rank
        pads = tuple(tuple(rng.integers(0, 4, 2).tolist()) for _ in range(rank))
        shape = tuple(rng.integers(1, 9, rank).tolist())
        kind = MaxPool if rng.random() < 0.5 else SumPool
        windows = Windows(kernel, stride, pads, dilation)
        span_fits = all(n + a + b >= s for n, (a, b), s in zip(shape, pads, windows.span, strict=True))
        if span_fits and not (kind is MaxPool and windows.only_padding(shape)):
            break
    low = int(rng.integers(-9, 6))
    b = Builder((*shape, int(rng.integers(1, 4))), low, low + int(rng.integers(0, 9)), seed)
    op = kind(inputs=("x",), output="y", kernel=kernel, stride=stride, pads=pads, dilation=dilation)
    return b.graph(b.requantize(b.append(op))), b.frames(3)


@pytest.mark.parametrize("seed", range(80))
def test_any_geometry_by_references(seed: int) -> None:
    graph, x = random_pool(seed)
    design = lower(graph, "ecp5")
    expected = graph.run(x)
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)


def kernels(op: MaxPool | SumPool, shape: tuple[int, ...]) -> list[str]:
    b = Builder(shape, -8, 7)
    design = lower(b.graph(b.append(op)), "ecp5")
    return [kernel.module for kernel in design.kernels.values()][1:]


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "pads", "expected"),
    [
        ((8, 8, 4), (8, 8), (1, 1), ((0, 0), (0, 0)), ["pool"]),  # a whole frame is one window
        ((8, 8, 4), (2, 8), (2, 8), ((0, 0), (0, 0)), ["pool"]),  # rows as a whole
        ((9, 9, 4), (2, 2), (2, 2), ((0, 0), (0, 0)), ["pool", "pool"]),  # tiles, with a rest
        ((9, 9, 4), (2, 2), (2, 2), ((0, 1), (0, 1)), ["pool", "pool"]),  # and with a padded last one
        ((8, 8, 4), (3, 1), (2, 1), ((1, 1), (0, 0)), ["sliding_window", "pool"]),
        ((8, 4), (1,), (2,), ((0, 0),), ["subsampler"]),
        ((8, 4), (1,), (1,), ((0, 0),), []),
        ((4, 6, 8, 4), (2, 2, 2), (2, 2, 2), ((0, 0),) * 3, ["pool"] * 3),  # tiles along any number of axes
    ],
)
def test_no_window_is_cut_where_the_stream_brings_them_in_turn(
    shape: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], pads: Pads, expected: list[str]
) -> None:
    op = MaxPool(inputs=("x",), output="y", kernel=kernel, stride=stride, pads=pads, dilation=(1,) * len(kernel))
    assert kernels(op, shape) == expected


def test_a_sum_that_cannot_be_negative_keeps_its_streams_sign() -> None:
    assert [stream_bits(0, 56, False), stream_bits(0, 56, True), stream_bits(-1, 3, True)] == [6, 7, 3]


def test_only_the_last_kernel_makes_the_operators_tensor() -> None:
    b = Builder((6, 6, 2), -8, 7)
    design = lower(b.graph(pool(b, MaxPool, "x", (3, 3), (1, 1), ((1, 1), (1, 1)))), "ecp5")
    assert [name for name, tensor in design.tensors.items() if tensor == "pool0"] == ["pool_1"]


def test_what_no_kernel_serves_is_refused() -> None:
    b = Builder((4, 6, 8, 2), -8, 7)
    with pytest.raises(Refused, match="MaxPool 'pool0': its windows overlap along the middle one of three"):
        lower(b.graph(pool(b, MaxPool, "x", (1, 3, 1), (1, 1, 1))), "ecp5")
    b = Builder((9, 2), -(2**33), 7)
    with pytest.raises(Refused, match="must lose against integers down to -8589934592"):
        lower(b.graph(pool(b, MaxPool, "x", (3,), (1,), ((1, 1),))), "ecp5")
    b = Builder((2, 3, 4, 2), -8, 7)
    with pytest.raises(Refused, match="Pad 'pad0': it pads along 3 spatial axes, and no kernel has more than 2"):
        lower(b.graph(pad(b, "x", ((0, 1),) * 3, 0)), "ecp5")
