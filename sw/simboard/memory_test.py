"""Memory: pieces that never overlap, and two views that only flushing and invalidating make equal."""

from __future__ import annotations

import numpy as np
import pytest

from sw.simboard.memory import BASE, PAGE, POISON, Memory

SIZE = 64 * PAGE


def test_random_allocations_never_overlap_and_nothing_is_lost() -> None:
    memory, rng = Memory(SIZE), np.random.default_rng(0)
    held: list[tuple[int, int]] = []
    refused = 0
    for _ in range(3_000):
        if held and rng.random() < 0.5:
            offset, _ = held.pop(int(rng.integers(len(held))))
            memory.release(offset)
            continue
        size = int(rng.integers(1, 12 * PAGE))
        most = memory.available
        try:
            offset = memory.take(size)
        except MemoryError:
            refused += 1
            assert size > most
            continue
        assert offset % PAGE == 0 and offset + size <= SIZE and size <= most
        assert all(offset + size <= other or other + length <= offset for other, length in held)
        held.append((offset, size))
    assert refused > 50
    for offset, _ in held:
        memory.release(offset)
    assert memory.available == SIZE, "holes grow together again"
    memory.release(memory.take(SIZE))
    with pytest.raises(MemoryError, match=f"no room for {SIZE + 1} bytes in the {SIZE} bytes"):
        memory.take(SIZE + 1)


def test_a_buffer_has_two_views() -> None:
    memory = Memory(SIZE)
    memory.allocate(100)
    buffer, next_one = memory.allocate(5_000), memory.allocate(5_000)
    next_one.array[:] = 7
    seen = memory.at(buffer.device_address, 5_000)
    assert seen is not None and set(seen) == {POISON} and not buffer.array.any()
    data = np.random.default_rng(1).integers(0, 256, 5_000).astype(np.uint8)
    buffer.array[:] = data
    assert set(seen) == {POISON}, "not flushed"
    buffer.flush(1_000, 2_000)
    assert np.array_equal(seen[1_000:3_000], data[1_000:3_000])
    assert set(seen[:1_000]) == set(seen[3_000:]) == {POISON}
    seen[:] = data[::-1]
    assert np.array_equal(buffer.array, data), "not invalidated"
    buffer.invalidate(4_000, 10_000)
    buffer.flush(4_999, 10_000)
    behind = memory.at(next_one.device_address, 5_000)
    assert set(next_one.array) == {7} and behind is not None and set(behind) == {POISON}, "nothing of the next one's"
    assert np.array_equal(buffer.array[4_000:], data[::-1][4_000:]) and np.array_equal(
        buffer.array[:4_000], data[:4_000]
    )


def test_what_is_not_cached_needs_no_flush() -> None:
    memory = Memory(SIZE)
    buffer = memory.allocate(10, cacheable=False)
    buffer.array[:] = range(10)
    seen = memory.at(buffer.device_address, 10)
    assert seen is not None and list(seen) == list(range(10))
    buffer.flush(0, 10)
    buffer.invalidate(0, 10)
    assert list(buffer.array) == list(range(10))


def test_freed_memory_is_poisoned_when_it_is_used_again() -> None:
    memory = Memory(PAGE)
    first = memory.allocate(PAGE)
    first.array[:] = 1
    first.flush(0, PAGE)
    first.free()
    second = memory.allocate(PAGE)
    seen = memory.at(second.device_address, PAGE)
    assert second.device_address == first.device_address and seen is not None and set(seen) == {POISON}


@pytest.mark.parametrize(("address", "size"), [(BASE - 1, 1), (BASE + SIZE, 1), (BASE + SIZE - 4, 5), (0, 1)])
def test_addresses_beyond_memory(address: int, size: int) -> None:
    assert Memory(SIZE).at(address, size) is None
