"""A window onto registers against a bus that remembers every access."""

import numpy as np
import pytest

from sw.simboard.registers import Window

BASE = 0xA000_0000


class Bus:
    """Words that count how often they were read."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.words = {BASE + 4 * i: int(word) for i, word in enumerate(random.integers(0, 2**32, 16))}
        self.log: list[tuple[str, int]] = []

    def read(self, address: int) -> int:
        self.log.append(("read", address))
        return self.words[address]

    def write(self, address: int, value: int) -> None:
        self.log.append(("write", address))
        self.words[address] = value


@pytest.fixture
def bus() -> Bus:
    return Bus(7)


def test_an_element_is_read_from_the_bus_every_time(bus: Bus) -> None:
    window = Window.over(bus, BASE, 64)
    assert int(window[3]) == bus.words[BASE + 12]
    bus.words[BASE + 12] = 5
    assert int(window[3]) == 5
    assert int(window[-1]) == bus.words[BASE + 60]
    assert bus.log == [("read", BASE + 12), ("read", BASE + 12), ("read", BASE + 60)]
    with pytest.raises(IndexError):
        window[16]


def test_an_element_is_written_to_the_bus(bus: Bus) -> None:
    window = Window.over(bus, BASE, 64)
    window[2] = np.uint32(0xFFFF_FFFF)
    window[4:6] = [7, 9]
    assert [bus.words[BASE + 4 * i] for i in (2, 4, 5)] == [0xFFFF_FFFF, 7, 9]
    assert bus.log == [("write", BASE + 8), ("write", BASE + 16), ("write", BASE + 20)]


def test_slices_and_wider_views_stay_on_the_bus(bus: Bus) -> None:
    window = Window.over(bus, BASE, 64)
    part = window[5:9][1:]
    assert part.tolist() == [bus.words[BASE + 4 * i] for i in (6, 7, 8)]
    part[1] = 3
    assert bus.words[BASE + 28] == 3
    wide = window[8:].view("u8")
    assert int(wide[1]) == bus.words[BASE + 40] + (bus.words[BASE + 44] << 32)
    wide[1] = (6 << 32) + 5
    assert (bus.words[BASE + 40], bus.words[BASE + 44]) == (5, 6)


def test_a_view_reads_nothing_before_it_is_used(bus: Bus) -> None:
    Window.over(bus, BASE, 64).view("u4")
    assert bus.log == []


def test_what_is_computed_is_an_ordinary_array(bus: Bus) -> None:
    window = Window.over(bus, BASE, 64)
    result = window[0:4] & np.uint32(0xFF)
    copy = window[0:4].copy()
    bus.log.clear()
    result[0] = copy[0] = 1
    assert int(result[1]) == bus.words[BASE + 4] & 0xFF and int(copy[1]) == bus.words[BASE + 4]
    assert bus.log == []
