"""Folds that do not divide: more channels along a whole chain, the same integers."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder, plain_2d, residual_1d
from codesign.graph.operators.mul import Mul
from hw.design.design import Design
from hw.kernels.kernel import Kernel
from hw.kernels.padding import Padding
from hw.lowering import fold, lower
from hw.lowering.padding import INPUT, OUTPUT, Classes, folds_of


def gated() -> tuple[IntegerGraph, np.ndarray]:
    """13 channels through a fork, both joins, a pool, thresholds of both directions, a flattening product."""
    b = Builder((6, 5), 1, 3, 7)  # no zero comes: padded channels must not widen a range
    first = b.requantize(b.conv("x", 13, (2,)), 3, 9)
    gate = b.threshold(b.conv(first, 13, (3,), ((1, 1),), groups=13), 3)
    both = b.append(Mul(inputs=(first, gate), output="gated"))
    summed = b.requantize(b.add(both, first, (3, -2)), -4, 4)
    flat = b.reshape(summed, (65,))
    return b.graph(b.matmul(flat, 3), "gated"), b.frames(5)


def everywhere(design: Design, value: int) -> dict[str, dict[str, int]]:
    """The same value for every fold whose channels may grow."""
    classes = Classes(design)
    return {
        name: {f: value for end in (INPUT, OUTPUT) for f in folds_of(k, end) if not classes.of[name, end].fixed}
        for name, k in design.kernels.items()
    }


@pytest.mark.parametrize("lanes", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("make", [residual_1d, plain_2d, gated])
def test_a_padded_design_computes_the_same_integers(make: type, lanes: int) -> None:
    graph, x = make()
    lowered = lower(graph, "ecp5")
    design = fold(lowered, everywhere(lowered, lanes))
    found = design.run(x.reshape(len(x), design.input.words, -1)).reshape(len(x), -1)
    np.testing.assert_array_equal(found, graph.run(x).reshape(len(x), -1))
    for name, kernel in design.kernels.items():
        assert all(getattr(kernel, fold) in (1, lanes) for fold in kernel.folds), name
        for port in kernel.outputs:  # copies of a channel need no more bits
            same = lowered.kernels.get(name)
            assert same is None or kernel.folds == () or port.stream.bits == same.outputs[0].stream.bits


def test_channels_grow_to_what_all_folds_divide() -> None:
    graph, _ = residual_1d()
    lowered = lower(graph, "ecp5")
    design = fold(lowered, {"matrix_vector_unit_0": {"pe": 3}, "requantizer_1": {"pe": 4}})
    assert design.kernels["matrix_vector_unit_0"].fold_limits()["pe"] == 12  # of 8: the least multiple of 3 and 4
    assert design.kernels["matrix_vector_unit_1"].fold_limits() == {"pe": 12, "simd": 60}
    assert design.kernels["matrix_vector_unit_2"].fold_limits() == {"pe": 4, "simd": 36}
    plain = fold(lowered, {"matrix_vector_unit_0": {"pe": 2, "simd": 9}, "requantizer_1": {"pe": 4}})
    assert plain.kernels["matrix_vector_unit_0"].fold_limits() == {"pe": 8, "simd": 18}


def test_a_fold_across_taps_needs_only_its_share_of_the_channels() -> None:
    """SIMD 10 over 5 taps of 8 channels divides 40; 25 needs 10 channels, 50 columns."""
    graph, _ = residual_1d()
    lowered = lower(graph, "ecp5")
    for simd, columns in ((10, 40), (25, 50)):
        design = fold(lowered, {"matrix_vector_unit_1": {"simd": simd}})
        assert design.kernels["matrix_vector_unit_1"].fold_limits()["simd"] == columns


@pytest.mark.parametrize(
    ("make", "name", "folds", "message"),
    [
        (
            residual_1d,
            "matrix_vector_unit_0",
            {"simd": 4},
            "SIMD = 4, which must divide 18, because the design",
        ),
        (residual_1d, "matrix_vector_unit_3", {"pe": 2}, "PE = 2, which must divide 5, because the design's input"),
        (plain_2d, "depthwise_unit_0", {"pe": 4}, "PE = 4, which must divide 6, because reorder_0 takes no more"),
        (residual_1d, "requantizer_0", {"pe": 0}, "requantizer_0 PE = 0, which must be one of 1, 2, 4, 8"),
        (residual_1d, "requantizer_0", {"serial": 3}, "requantizer_0 serial = 3, which must be one of False, True"),
        (residual_1d, "requantizer_0", {"simd": 2}, "requantizer_0 SIMD, but its folds are: pe, serial"),
    ],
)
def test_what_cannot_be_is_one_sentence(make: type, name: str, folds: dict[str, int], message: str) -> None:
    with pytest.raises(UserError, match=message):
        fold(lower(make()[0], "ecp5"), {name: folds})


def kernels_that_can() -> list[tuple[str, Kernel, Padding]]:
    """Every kernel of the three networks whose channels can grow, with its class's count."""
    found = []
    for make in (residual_1d, plain_2d, gated):
        design = lower(make()[0], "ecp5")
        for channels in Classes(design).all:
            for name, end in channels.sides if not channels.fixed else ():
                kernel = design.kernels[name]
                if kernel.folds and end == INPUT:
                    found.append((f"{make.__name__}.{name}", kernel, Padding(channels.count, channels.count + 3)))
    return found


@pytest.mark.parametrize(
    ("name", "kernel", "padding"), kernels_that_can(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_padded_kernel_gives_its_channels_whatever_the_others_are(
    name: str, kernel: Kernel, padding: Padding
) -> None:
    """Garbage in the padding: a unit ignores it, what has the same channels on both sides keeps it apart."""
    padded = kernel.padded(padding, Padding(1, 1))
    assert padded is not None
    rng = np.random.default_rng(0)
    words = [port.stream.random(rng, 2, port.words) for port in kernel.inputs]
    wide = [port.stream.random(rng, 2, port.words) for port in padded.inputs]
    for x, y in zip(words, wide, strict=True):
        y.reshape(-1, padding.to)[:, : padding.count] = x.reshape(-1, padding.count)
    expected, found = kernel.reference(*words)[0], padded.reference(*wide)[0]
    if "simd" not in kernel.folds or "pe" not in kernel.folds:
        found = found.reshape(-1, padding.to)[:, : padding.count]
    np.testing.assert_array_equal(found.reshape(-1), expected.reshape(-1))
