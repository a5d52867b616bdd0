import numpy as np
import pytest

from hw.design.stream import Stream
from hw.kernels.conformance import check_resources, conform, simulator
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.sim import Stalls

WORD = Stream(3, 5, signed=True)


@pytest.mark.parametrize("depth", [1, 3, 4, 16, 17, 64, 200])
def test_conforms(depth: int) -> None:
    conform(StreamFifo(WORD, 13, depth), guarded=depth in (4, 200))


@pytest.mark.parametrize("depth", [2, 3, 17, 200])
def test_it_holds_its_depth(depth: int) -> None:
    kernel = StreamFifo(WORD, 100, depth)
    words = WORD.random(np.random.default_rng(0), 40, 100)
    with simulator(kernel) as simulation:
        result = simulation.run([words], stalls=Stalls(0.01, burst=500, inputs=False))
    cycles = np.arange(result.cycles)
    taken, moved = (np.searchsorted(times, cycles, "right") for times in (result.taken[0], result.moved[0]))
    assert (taken - moved).max() == kernel.capacity >= depth


@pytest.mark.parametrize(("depth", "family"), [(28, "ecp5"), (28, "xc7"), (1000, "ecp5"), (1000, "xcup")])
def test_resources(depth: int, family: str) -> None:
    kernel = StreamFifo(Stream(4, 4), 16, depth)
    assert kernel.form == ("block" if depth > 100 else "lut")
    check_resources(kernel, family)
