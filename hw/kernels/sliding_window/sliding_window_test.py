from __future__ import annotations

from math import prod

import numpy as np
import pytest

from codesign.errors import UserError
from codesign.graph import Conv, MatMul
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.sliding_window.kernel import SlidingWindow


def line(
    length: int,
    kernel: int,
    pads: tuple[int, int] = (0, 0),
    stride: int = 1,
    dilation: int = 1,
    channels: int = 4,
    bits: int = 4,
    simd: int = 2,
    fill: int = 0,
) -> SlidingWindow:
    return SlidingWindow((length,), channels, bits, True, (kernel,), (stride,), (pads,), (dilation,), simd, fill)


def plane(
    shape: tuple[int, int],
    kernel: tuple[int, int],
    pads: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0)),
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    channels: int = 2,
    fill: int = 0,
) -> SlidingWindow:
    return SlidingWindow(shape, channels, 3, False, kernel, stride, pads, dilation, 1, fill)


SAME = ((1, 1), (1, 1))


@pytest.mark.parametrize(
    "kernel",
    [
        line(64, 8, (3, 4), channels=60, bits=8, simd=4),  # the ring in block RAM, 15 words a position
        line(16, 8, (3, 3), stride=2, fill=-8),
        line(16, 3, (1, 1), fill=5),
        line(33, 4, (0, 3), stride=2, channels=16, bits=8, fill=-77),  # pads on one side, the ring in block RAM
        line(9, 2, stride=3),  # skips positions, more words in than out
        line(12, 4, stride=5, channels=16, bits=8),  # likewise, the ring in block RAM
        line(3, 4, (3, 3), dilation=2),  # reaches beyond the frame on both sides at once
        line(16, 1, stride=2),
        plane((5, 7), (3, 3), SAME),
        plane((8, 6), (3, 3), SAME, stride=(2, 2), fill=6),
        plane((7, 6), (3, 3), dilation=(2, 2)),
        plane((2, 4), (1, 3), ((0, 0), (4, 4)), stride=(2, 3), dilation=(2, 2)),  # ends before the frame does
        plane((7, 3), (2, 2), ((2, 2), (0, 1)), (2, 2), (2, 2)),  # the next row's windows start before this one's last
        plane((5, 4), (1, 1), stride=(3, 2), channels=3),
    ],
    ids=lambda k: f"{k.shape}-{k.kernel}-{k.stride}-{k.pads}-{k.dilation}",
)
def test_conforms(kernel: SlidingWindow) -> None:
    conform(kernel)


def random_window(rng: np.random.Generator) -> SlidingWindow:
    axes = int(rng.integers(1, 3))
    kernel, dilation = rng.integers(1, 5, axes), rng.integers(1, 3, axes)
    span = (kernel - 1) * dilation + 1
    pads = tuple((int(rng.integers(s)), int(rng.integers(s))) for s in span)
    simd, groups = (int(n) for n in rng.integers(1, 4, 2))
    shape, stride = span + rng.integers(0, 6, axes), rng.integers(1, 4, axes)
    sizes = [tuple(values.tolist()) for values in (shape, kernel, stride, dilation)]
    return SlidingWindow(sizes[0], simd * groups, 4, True, sizes[1], sizes[2], pads, sizes[3], simd)


@pytest.mark.parametrize("seed", range(30))
def test_windows_times_weights_are_the_convolution(seed: int) -> None:
    rng = np.random.default_rng(seed)
    window = random_window(rng)
    weights = rng.integers(-8, 8, (5, *window.kernel, window.channels))
    axes = {"stride": window.stride, "pads": window.pads, "dilation": window.dilation}
    conv = Conv(inputs=("x",), output="y", weights=weights, **axes)  # type: ignore[arg-type]
    x = window.inputs[0].stream.random(rng, 3, window.inputs[0].words)
    (windows,) = window.reference(x)
    vectors = windows.reshape(3, prod(window.out_shape), -1)
    expected = conv.run(x.reshape(3, *window.shape, window.channels))
    assert window.out_shape == expected.shape[1:-1]
    found = MatMul(inputs=("x",), output="y", weights=weights.reshape(5, -1)).run(vectors)
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)


@pytest.mark.parametrize("seed", range(30))
def test_neither_side_waits_for_room(seed: int) -> None:
    window = random_window(np.random.default_rng(seed))
    assert window.cycles().interval == max(window.inputs[0].words, window.outputs[0].words)


def test_same_convolution_keeps_little_more_than_a_window() -> None:
    assert line(64, 8, (3, 4)).ring == 16
    assert plane((28, 28), (3, 3), SAME).ring == 64  # two rows and three positions are 59


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(line(64, 8, (3, 4), channels=60, bits=8, simd=4), family)


@pytest.mark.parametrize(
    "kernel",
    [line(64, 3, (1, 1)), line(64, 1, stride=2, channels=16), plane((28, 28), (3, 3), SAME, channels=16)],
)
def test_more_resources(kernel: SlidingWindow) -> None:
    check_resources(kernel, "ecp5")


def test_parameters_are_checked() -> None:
    with pytest.raises(UserError, match="simd must divide channels=4, not 3"):
        line(8, 3, (1, 1), simd=3)
    with pytest.raises(UserError, match=r"fill must lie in \[-8, 7\], not 8"):
        line(8, 3, fill=8)
    with pytest.raises(UserError, match="pads must be less than the kernel's span"):
        line(8, 3, (3, 0))
    with pytest.raises(UserError, match="must fit into the padded"):
        line(2, 4, (0, 1))
    with pytest.raises(UserError, match="stride must have 1 axes"):
        SlidingWindow((8,), 4, 4, True, (3,), (1, 1), ((1, 1),), (1,))
