import pytest

from codesign.errors import UserError
from hw.design.stream import Stream
from hw.kernels.conformance import check_resources, conform
from hw.kernels.width_converter.kernel import WidthConverter


@pytest.mark.parametrize(
    ("lanes_in", "lanes_out", "words"),
    [(1, 2, 8), (2, 6, 9), (1, 5, 5), (2, 1, 4), (6, 2, 1), (7, 1, 3), (3, 3, 4), (6, 4, 4), (4, 6, 6), (2, 5, 10)],
)
def test_conforms(lanes_in: int, lanes_out: int, words: int) -> None:
    conform(WidthConverter(Stream(lanes_in, 3, signed=True), words, lanes_out), guarded=lanes_in + lanes_out == 3)


@pytest.mark.parametrize(
    ("lanes_in", "lanes_out", "family"), [(2, 8, "ecp5"), (8, 2, "ecp5"), (8, 2, "xc7"), (6, 4, "xcup")]
)
def test_resources(lanes_in: int, lanes_out: int, family: str) -> None:
    check_resources(WidthConverter(Stream(lanes_in, 4), 12, lanes_out), family)


def test_a_frame_of_broken_words_is_refused() -> None:
    with pytest.raises(UserError, match="lanes_out must divide the 6 integers of a frame, not be 4"):
        WidthConverter(Stream(2, 3), 3, 4)
