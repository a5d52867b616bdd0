import dataclasses

import numpy as np
import pytest

from codesign.errors import UserError
from codesign.graph import bits_for
from hw.kernels.conformance import check_resources, conform, simulator
from hw.kernels.stream_multiply.kernel import StreamMultiply


def multiply(
    channels: int, positions: int, x: tuple[int, bool], y: tuple[int, bool], pe: int = 1, more: int = 0
) -> StreamMultiply:
    """Factors of (bits, signed) over their whole range; the product's bits hold it, and ``more`` besides."""
    ends = [(-(1 << (b - 1)) if s else 0, (1 << (b - s)) - 1) for b, s in (x, y)]
    corners = [a * b for a in ends[0] for b in ends[1]]
    bits, signed = bits_for(min(corners), max(corners))
    return StreamMultiply(channels, positions, *x, *y, bits + more, signed, pe)


PLAIN = multiply(6, 5, (4, False), (5, True), pe=3)


@pytest.mark.parametrize(
    "kernel",
    [
        PLAIN,
        multiply(4, 3, (8, True), (3, False), pe=2),
        multiply(2, 4, (16, True), (16, True)),
        multiply(2, 4, (16, False), (16, False), pe=2, more=3),
        multiply(3, 2, (1, False), (7, True)),
        multiply(3, 2, (6, False), (1, False), pe=3),
        multiply(2, 2, (1, True), (6, True), more=2),
        multiply(1, 1, (1, True), (1, True)),
    ],
    ids=lambda k: f"{k.x_bits}{'us'[k.x_signed]}x{k.y_bits}{'us'[k.y_signed]}-{k.pe}",
)
def test_conforms(kernel: StreamMultiply) -> None:
    conform(kernel, guarded=kernel is PLAIN)


@pytest.mark.parametrize(
    ("kernel", "family"),
    [
        (multiply(8, 4, (4, True), (4, True), pe=4), "ecp5"),
        (multiply(8, 4, (8, False), (8, True), pe=4), "ecp5"),
        (multiply(8, 4, (8, False), (8, True), pe=4), "xc7"),
        (multiply(8, 4, (1, False), (8, True), pe=4), "xcup"),
    ],
)
def test_resources(kernel: StreamMultiply, family: str) -> None:
    check_resources(kernel, family)


def test_products_that_are_known_to_be_small_take_fewer_bits() -> None:
    kernel = dataclasses.replace(multiply(2, 8, (6, True), (6, True)), bits=5)
    x, y = np.tile([[-3], [2], [0], [5]], (6, 4, 1)), np.tile([[3], [-4], [-31], [3]], (6, 4, 1))
    conform(kernel, stimulus=lambda rng, frames: [x, y], frames=6, guarded=False)


def test_a_late_stream_is_waited_for() -> None:
    x = np.arange(30).reshape(10, 3) % 16
    with simulator(PLAIN) as simulation:
        given = simulation.run_words([(x, np.arange(10) == 9), (x[:4], np.zeros(4, bool))], [4], drain=50)
    np.testing.assert_array_equal(given.outputs[0], x[:4] ** 2)
    assert len(given.taken[0]) == 6  # the four that met their partners, and the slice's two


def test_pe_must_divide_the_channels() -> None:
    with pytest.raises(UserError, match="PE must divide channels=6, not 4"):
        PLAIN.fold(pe=4)
