import pytest

from codesign.errors import UserError
from hw.design.stream import Stream
from hw.kernels.conformance import FAMILIES, check_resources, conform
from hw.kernels.register_slice.kernel import RegisterSlice


@pytest.mark.parametrize(("stream", "words"), [(Stream(3, 5, signed=True), 7), (Stream(1, 1), 1), (Stream(16, 8), 3)])
def test_conforms(stream: Stream, words: int) -> None:
    conform(RegisterSlice(stream, words))


@pytest.mark.parametrize("family", FAMILIES)
def test_resources(family: str) -> None:
    check_resources(RegisterSlice(Stream(8, 4), 16), family)


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(UserError, match="words must be at least 1, not 0"):
        RegisterSlice(Stream(1, 8), 0)
