import numpy as np
import pytest

from codesign.errors import UserError
from hw.design.stream import Stream
from hw.kernels.conformance import FAMILIES, check_resources, conform, simulator
from hw.kernels.stream_fork.kernel import StreamFork
from hw.sim import Stalls


@pytest.mark.parametrize(("stream", "words", "copies"), [(Stream(3, 5, True), 7, 2), (Stream(1, 4), 1, 3)])
def test_conforms(stream: Stream, words: int, copies: int) -> None:
    conform(StreamFork(stream, words, copies))


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(StreamFork(Stream(8, 4), 16, 2), family)


def test_outputs_are_two_words_apart_at_most() -> None:
    kernel = StreamFork(Stream(1, 8), 50, 2)
    words = kernel.stream.random(np.random.default_rng(0), 20, 50)
    with simulator(kernel) as simulation:
        first, second = simulation.run([words], stalls=Stalls(0.2, burst=20, inputs=False)).moved
    ahead = np.searchsorted(first, np.arange(first[-1]), "right") - np.searchsorted(
        second, np.arange(first[-1]), "right"
    )
    assert (ahead.min(), ahead.max()) == (-2, 2)


def test_a_single_copy_is_refused() -> None:
    with pytest.raises(UserError, match="copies must be at least 2, not 1"):
        StreamFork(Stream(1, 8), 1, 1)
