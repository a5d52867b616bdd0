"""Words against whole numbers of Python, made lane by lane: both implementations, every width, any number of lanes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from codesign_board import fields, native
from codesign_board.errors import InputError
from codesign_board.package import Port
from codesign_board.packing import pack, unpack

LANES = (1, 2, 3, 4, 5, 8, 9, 16, 21, 33, 64, 100)
FRAMES = 3


@pytest.fixture(params=["numpy", "c"], autouse=True)
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CODESIGN_BOARD_NATIVE", "1" if request.param == "c" else "0")
    if request.param == "c" and not native.available():
        pytest.skip("there is no C compiler here")
    yield


def port(lanes: int, bits: int, signed: bool, word_bytes: int | None = None, words: int = 7) -> Port:
    size = word_bytes or -(-lanes * bits // 8)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    return Port(lanes, bits, signed, words, size, low, high, (words, lanes))


def sizes(lanes: int, bits: int) -> list[int]:
    """Exact bytes, one more, and the beats that the word fits, of which there may be none."""
    exact = -(-lanes * bits // 8)
    return [exact, exact + 1, *(beat for beat in (1, 2, 4, 8, 16) if beat > exact + 1)]


def random(of: Port, rng: np.random.Generator, frames: int = FRAMES) -> np.ndarray:
    """Integers of the whole range; the extremes are among them."""
    values = rng.integers(of.low, of.high, (frames, *of.shape), endpoint=True)
    values.flat[:2] = of.low, of.high
    return values


def reference(values: np.ndarray, of: Port) -> bytes:
    """Each word as one whole number of Python."""
    words = []
    for word in values.reshape(-1, of.lanes).tolist():
        number = 0
        for lane, value in enumerate(word):
            number |= value % (1 << of.bits) << lane * of.bits
        words.append(number.to_bytes(of.bytes_per_word, "little"))
    return b"".join(words)


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("bits", range(1, 33))
def test_words_are_the_reference_s(bits: int, signed: bool) -> None:
    rng = np.random.default_rng(bits)
    for lanes in LANES:
        for size in sizes(lanes, bits):
            of = port(lanes, bits, signed, size)
            values = random(of, rng)
            around = np.full(FRAMES * of.frame_bytes + 16, 0xA5, np.uint8)
            out = around[8:-8]
            pack(values, of, out)
            assert around.tobytes() == b"\xa5" * 8 + reference(values, of) + b"\xa5" * 8, of
            found = unpack(out, of, FRAMES)
            assert np.array_equal(found, values), of
            wanted = np.min_scalar_type(of.low) if signed else np.min_scalar_type(of.high)
            assert found.dtype == wanted, of


@pytest.mark.parametrize(
    ("bits", "lanes", "size"), [(4, 2, 1), (1, 8, 1), (3, 21, 8), (13, 5, 9), (24, 1, 4), (8, 3, 4)]
)
def test_more_than_a_block(bits: int, lanes: int, size: int) -> None:
    of = port(lanes, bits, True, size, words=331)
    values = random(of, np.random.default_rng(7), frames=1000 // lanes)
    out = np.zeros(len(values) * of.frame_bytes, np.uint8)
    pack(values, of, out)
    assert out.tobytes() == reference(values, of)
    assert np.array_equal(unpack(out, of, len(values)), values)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4", "?"])
@pytest.mark.parametrize(("bits", "lanes"), [(1, 3), (1, 8), (4, 2), (5, 3), (8, 4), (11, 3), (32, 1)])
def test_any_type_of_integers(dtype: str, bits: int, lanes: int) -> None:
    signed = dtype[-2] == "i" if len(dtype) > 1 else False
    of = port(lanes, bits, signed)
    limits = np.iinfo(dtype if dtype != "?" else "u1")
    low, high = max(of.low, int(limits.min)), 1 if dtype == "?" else min(of.high, int(limits.max))
    low, high = (0, 1) if dtype == "?" and not signed else (low, high)
    values = np.random.default_rng(3).integers(low, high, (FRAMES, of.frame_integers), np.int64, endpoint=True)
    assert bits == 1 or dtype == "?" or ((values < 0).any() == (low < 0))
    values = values.astype(dtype)
    out = np.zeros(FRAMES * of.frame_bytes, np.uint8)
    pack(values, of, out)
    assert out.tobytes() == reference(values.astype(object), of)


def test_integers_beyond_the_range_leave_their_neighbours_alone() -> None:
    of = port(3, 5, True)
    values = np.random.default_rng(4).integers(-1000, 1000, (FRAMES, *of.shape))
    out = np.zeros(FRAMES * of.frame_bytes, np.uint8)
    pack(values, of, out)
    assert out.tobytes() == reference(values, of)


def test_integers_that_are_not_contiguous() -> None:
    of = port(4, 6, True)
    values = random(of, np.random.default_rng(5))
    spread = np.zeros((FRAMES, 4, 14), np.int16)[:, ::-1, ::2]
    spread[...] = values.transpose(0, 2, 1)
    out = np.zeros(FRAMES * of.frame_bytes, np.uint8)
    pack(spread.transpose(0, 2, 1), of, out)
    assert out.tobytes() == reference(values, of)


def test_the_buffer_may_be_a_subclass_longer_and_at_any_address(tmp_path: Path) -> None:
    of = port(5, 13, False, 16)
    values = random(of, np.random.default_rng(6))
    size = FRAMES * of.frame_bytes
    file = np.memmap(tmp_path / "buffer", np.uint8, "w+", shape=(size + 9,))
    file[:] = 0x5A
    out = file[1:]
    pack(values, of, out)
    assert file.tobytes() == b"\x5a" + reference(values, of) + b"\x5a" * 8
    found = unpack(out, of, FRAMES)
    assert np.array_equal(found, values) and type(found) is np.ndarray


@pytest.mark.parametrize("bits", range(1, 33))
def test_unpacking_writes_what_it_says_and_no_more(bits: int) -> None:
    for lanes in LANES:
        of = port(lanes, bits, True)
        values = random(of, np.random.default_rng(bits), 1)
        data = np.frombuffer(reference(values, of), np.uint8)
        kind = fields.container(bits)
        around = np.full(values.size + 16, 0x25, kind)
        arguments = data, of.bytes_per_word, around[8:-8], lanes, bits, True
        if not native.unpack(*arguments):
            fields.unpack(*arguments)
        assert np.array_equal(around[8:-8].view(f"i{kind.itemsize}"), values.reshape(-1)), of
        assert np.all(around[:8] == 0x25) and np.all(around[-8:] == 0x25), of


@pytest.mark.parametrize("lanes", [3, 8])
def test_no_frames(lanes: int) -> None:
    of = port(lanes, 5, True)
    pack(np.zeros((0, *of.shape), np.int64), of, np.zeros(0, np.uint8))
    assert unpack(np.zeros(0, np.uint8), of, 0).shape == (0, *of.shape)


def test_what_cannot_be() -> None:
    of = port(2, 4, True)
    values = np.zeros((2, *of.shape), np.int8)
    with pytest.raises(InputError, match="2 frames of 7 bytes take 14 bytes"):
        pack(values, of, np.zeros(13, np.uint8))
    with pytest.raises(InputError, match="contiguous uint8"):
        pack(values, of, np.zeros(28, np.uint8)[::2])
    with pytest.raises(InputError, match="The buffer is int8"):
        pack(values, of, np.zeros(14, np.int8))
    with pytest.raises(InputError, match="13 integers are no whole number of frames, which have 14"):
        pack(values.reshape(-1)[:13], of, np.zeros(14, np.uint8))
    with pytest.raises(InputError, match="these are float32"):
        pack(values.astype(np.float32), of, np.zeros(14, np.uint8))
    with pytest.raises(InputError, match="2 frames of 7 bytes take 14 bytes"):
        unpack(np.zeros(13, np.uint8), of, 2)
