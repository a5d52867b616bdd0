"""Folding: rates that forks, joins and kernels without lanes allow, and few width converters."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from codesign.graph.examples import Builder
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.slice import Slice
from codesign.graph.operators.top_k import TopK
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.folding.greedy import Greedy
from hw.design.design import Design
from hw.lowering import fold, lower
from hw.lowering.adapt import Folder


def folded(b: Builder, output: str, interval: int) -> Design:
    lowered = lower(b.graph(output), "ecp5")
    return fold(lowered, fold_for_interval(lowered, interval))


def test_a_forked_input_comes_as_fast_as_its_readers_take_it() -> None:
    b = Builder((6, 8), 0, 15, 1)
    output = b.add(b.requantize(b.conv("x", 8, (1,)), 0, 15), b.requantize("x", 0, 15))
    design = folded(b, output, 12)
    assert design.interval <= 12  # 48 integers a frame
    assert design.input.stream.lanes == 4  # as the requantizer takes them; the convolution takes 8


def test_lanes_pass_through_forks_and_joins() -> None:
    """The unit has 16 lanes; three would do for what follows."""
    b = Builder((10, 7), 0, 3, 1)
    first = b.requantize(b.conv("x", 48, (1,)), 0, 15)
    gate = b.threshold(b.requantize(first, 0, 15), 3)
    output = b.append(Mul(inputs=(first, gate), output="gated"))
    design = folded(b, output, 210)
    lanes = {n: k.outputs[0].stream.lanes for n, k in design.kernels.items() if n != "frame_guard_0"}
    lanes.pop("width_converter_0")  # to the output, whose words are 64 bits wide
    assert set(lanes.values()) == {16}


def test_a_kernel_takes_lanes_that_need_no_common_multiple() -> None:
    """Behind 16 lanes, 3 would be enough, but take a converter of 48 lanes: 4 are a plain narrowing."""
    b = Builder((10, 7), 0, 3, 1)
    wide = b.matmul("x", 48)
    output = b.append(Slice(inputs=(wide,), output="half", starts=(0, 0), stops=(10, 24), steps=(1, 1)))
    folding = fold_for_interval(lower(b.graph(output), "ecp5"), 210)
    assert folding["matrix_vector_unit_0"] == {"pe": 16, "simd": 1}
    assert folding["stream_slice_0"] == {"pe": 4}


def test_a_kernel_without_lanes_says_what_it_takes() -> None:
    b = Builder((4, 6), 0, 15, 1)
    output = b.append(TopK(inputs=(b.matmul("x", 10),), output="y", k=1, indices=True))
    with pytest.raises(UserError, match=r"top_k_0 takes 40 cycles a frame with any folding, more than the 39 that"):
        folded(b, output, 39)
    assert folded(b, output, 40).interval == 40


def test_the_input_is_no_wider_than_a_dmas_word() -> None:
    b = Builder((4, 32), 0, 255, 1)
    output = b.requantize(b.matmul("x", 4))
    assert folded(b, output, 16).interval == 16  # 128 bytes, 8 a cycle
    with pytest.raises(
        UserError, match="frame_guard_0 at the input, whose words have 64 bits at most, takes 16 cycles"
    ):
        folded(b, output, 15)


@pytest.mark.parametrize("interval", [10**6, 91, 14])
def test_prime_channels_fold_all_or_not_at_all(interval: int) -> None:
    b = Builder((7, 13), 0, 3, 1)
    output = b.requantize(b.threshold("x", 3), 0, 3)
    design = folded(b, output, interval)
    assert design.interval == (7 if interval < 91 else 91)
    x = b.frames(2)
    found = design.run(x.reshape(2, design.input.words, -1)).reshape(x.shape)
    np.testing.assert_array_equal(found, b.graph(output).run(x))


def test_what_is_kept_changes_no_folding() -> None:
    """Targets one after another, the fast ones first, give what each gives by itself."""
    b = Builder((10, 7), 0, 3, 1)
    half = b.append(Slice(inputs=(b.matmul("x", 48),), output="half", starts=(0, 0), stops=(10, 24), steps=(1, 1)))
    lowered = lower(b.graph(b.requantize(half)), "ecp5")
    greedy = Greedy(Folder(lowered))
    for speed in range(48, 0, -1):
        interval = lowered.interval // speed
        assert greedy.fold(interval)[0] == fold_for_interval(lowered, interval), interval
