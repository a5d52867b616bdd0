import numpy as np
import pytest

from hw.design.stream import Stream
from hw.sim import words
from hw.sim.words import pack, unpack


@pytest.mark.parametrize(
    "stream", [Stream(1, 1), Stream(3, 5, True), Stream(7, 13), Stream(2, 40, True), Stream(90, 4)]
)
def test_words_are_lanes_with_last_on_top(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "CHUNK_BITS", 7 * stream.word_bits)  # several chunks
    rng = np.random.default_rng(0)
    values = stream.random(rng, 1, 50)[0]
    values[0], values[1] = stream.low, stream.high
    last = rng.random(50) < 0.5
    rows = pack(stream, values, last)
    for row, lanes, end in zip(rows, values.tolist(), last, strict=True):
        number = sum((lane & ((1 << stream.bits) - 1)) << (stream.bits * i) for i, lane in enumerate(lanes))
        assert int.from_bytes(row.tobytes(), "little") == number | int(end) << stream.data_bits
    found, ends = unpack(stream, rows)
    np.testing.assert_array_equal(found, values)
    np.testing.assert_array_equal(ends, last)
