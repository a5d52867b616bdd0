import dataclasses

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform, simulator
from hw.kernels.stream_add.kernel import StreamAdd

PLAIN = StreamAdd(6, 5, 4, False, 4, False, (1, 1), 5, False, pe=3)
WEIGHTED = StreamAdd(4, 3, 5, True, 3, False, (13, -7), 10, True, pe=2)


@pytest.mark.parametrize(
    "kernel",
    [
        PLAIN,
        WEIGHTED,
        StreamAdd(1, 1, 1, False, 1, True, (1, -1), 2, False),
        StreamAdd(2, 4, 8, True, 7, True, (-4, 2), 12, True, pe=1),
        StreamAdd(2, 3, 32, True, 3, False, (1, 100003), 34, True, pe=1),
    ],
)
def test_conforms(kernel: StreamAdd) -> None:
    conform(kernel, guarded=kernel is PLAIN)


@pytest.mark.parametrize(
    ("kernel", "family"),
    [(dataclasses.replace(PLAIN, channels=8, pe=8), "ecp5"), (WEIGHTED, "ecp5"), (WEIGHTED, "xc7"), (PLAIN, "xcup")],
)
def test_resources(kernel: StreamAdd, family: str) -> None:
    check_resources(kernel, family)


def test_a_late_stream_is_waited_for() -> None:
    x = np.arange(30).reshape(1, 10, 3) % 16
    with simulator(PLAIN) as simulation:
        given = simulation.run_words([(x[0], np.arange(10) == 9), (x[0][:4], np.zeros(4, bool))], [4], drain=50)
    np.testing.assert_array_equal(given.outputs[0], 2 * x[0][:4])
    assert len(given.taken[0]) == 6  # the four that met their partners, and the slice's two


def test_pe_must_divide_the_channels() -> None:
    with pytest.raises(UserError, match="PE must divide channels=6, not 4"):
        PLAIN.fold(pe=4)
