import pytest

from hw.design.stream import Stream
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.frame_guard.kernel import FrameGuard


@pytest.mark.parametrize(("stream", "words"), [(Stream(3, 5, signed=True), 7), (Stream(1, 8), 1), (Stream(1, 8), 2)])
def test_conforms(stream: Stream, words: int) -> None:
    conform(FrameGuard(stream, words))


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(FrameGuard(Stream(2, 8), 1000), family)
