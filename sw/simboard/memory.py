"""The board's memory, and the processor's view of it: what is not flushed does not arrive, in either direction.

Whoever forgets to flush or to invalidate is told so. On a board nothing would tell, and data would be wrong at times.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import numpy as np
from codesign_board.errors import TransferError

from sw.simboard.faults import Fault


class Incoherent(TransferError):
    """A buffer was used without the flush or the invalidation that it needs."""


BASE = 0x1000_0000
"""Device address of the arena."""
PAGE = 4096
POISON = 0xA5
"""What memory holds until something is flushed to it or a DMA writes to it."""


class Memory:
    """An arena that buffers are allocated from.

    Attributes:
        size: bytes.
        memory: what a DMA sees, uint8 [size].
        cached: what the processor sees of cacheable buffers, uint8 [size]; ``flush`` and ``invalidate`` copy between
            the two.
    """

    def __init__(self, size: int, faults: Sequence[Fault] = ()) -> None:
        self.size = size
        self.memory, self.cached = (np.frombuffer(mmap.mmap(-1, size), np.uint8) for _ in range(2))
        self._faults = faults
        self._free = [(0, size)]
        self._taken: dict[int, int] = {}
        self._cacheable: set[int] = set()
        self._unseen: list[tuple[int, int]] = []
        """What a DMA wrote to cacheable buffers and was not invalidated since: first and last byte plus one."""

    def allocate(self, size: int, cacheable: bool = True) -> Buffer:
        """Return a buffer of ``size`` bytes; those of the processor's view are 0.

        Raises:
            MemoryError: there is no room.
        """
        return Buffer(self, self.take(size, cacheable), size, cacheable)

    def take(self, size: int, cacheable: bool = True) -> int:
        """Return the offset of ``size`` bytes that are now taken.

        Raises:
            MemoryError: there is no room.
        """
        pages = -(-max(size, 1) // PAGE) * PAGE
        refused = sum(fault.refuses_memory() for fault in self._faults) > 0
        place = None if refused else next((hole for hole in self._free if hole[1] >= pages), None)
        if place is None:
            raise MemoryError(f"There is no room for {size} bytes in the {self.size} bytes of the board's memory.")
        start, length = place
        self._free.remove(place)
        if length > pages:
            self._free.append((start + pages, length - pages))
            self._free.sort()
        self._taken[start] = pages
        if cacheable:
            self._cacheable.add(start)
        self.memory[start : start + pages] = POISON
        self.cached[start : start + pages] = 0
        return start

    def release(self, offset: int) -> None:
        """Give back what ``take`` returned."""
        size = self._taken.pop(offset)
        self._cacheable.discard(offset)
        self._unseen = [(start, end) for start, end in self._unseen if not offset <= start < offset + size]
        holes = sorted([*self._free, (offset, size)])
        joined = [holes[0]]
        for start, length in holes[1:]:
            before, extent = joined[-1]
            if before + extent == start:
                joined[-1] = (before, extent + length)
            else:
                joined.append((start, length))
        self._free = joined

    def flush(self, offset: int, size: int) -> None:
        """Bring what the processor wrote to the memory."""
        if not sum(fault.loses_flush() for fault in self._faults):
            self.memory[offset : offset + size] = self.cached[offset : offset + size]

    def invalidate(self, offset: int, size: int) -> None:
        """Let the processor see what is in the memory."""
        if not sum(fault.loses_invalidate() for fault in self._faults):
            self.cached[offset : offset + size] = self.memory[offset : offset + size]
            self._unseen = [(start, end) for start, end in self._unseen if start < offset or end > offset + size]

    def unflushed(self, address: int, size: int) -> int:
        """Return how many bytes of a cacheable buffer at a device address are not what the processor wrote there."""
        start = address - BASE
        if not self._is_cacheable(start):
            return 0
        return int(np.count_nonzero(self.memory[start : start + size] != self.cached[start : start + size]))

    def written(self, address: int, size: int) -> None:
        """Take note that a DMA wrote there."""
        start = address - BASE
        if size and self._is_cacheable(start):
            self._unseen.append((start, start + size))

    def unseen(self) -> tuple[int, int] | None:
        """Return device address and size of what a DMA wrote and nobody has invalidated since; it is then forgotten."""
        found = (BASE + self._unseen[0][0], self._unseen[0][1] - self._unseen[0][0]) if self._unseen else None
        self._unseen.clear()
        return found

    def _is_cacheable(self, offset: int) -> bool:
        return any(start <= offset < start + self._taken[start] for start in self._cacheable)

    def at(self, address: int, size: int) -> np.ndarray | None:
        """Return the bytes that a DMA reaches at a device address, None where not all of them are memory."""
        start = address - BASE
        return self.memory[start : start + size] if 0 <= start <= self.size - size else None

    @property
    def available(self) -> int:
        """Bytes of the largest buffer that there is room for."""
        return max((length for _, length in self._free), default=0)


class Buffer:
    """A piece of the memory.

    Attributes:
        array: as the processor sees it, uint8 [size].
        device_address: as a DMA sees it.
    """

    def __init__(self, memory: Memory, offset: int, size: int, cacheable: bool) -> None:
        self._memory, self._offset, self._size, self._cacheable = memory, offset, size, cacheable
        self.array = (memory.cached if cacheable else memory.memory)[offset : offset + size]
        self.device_address = BASE + offset

    def flush(self, offset: int, size: int) -> None:
        """Bring ``size`` bytes from ``offset`` on that the processor wrote to the memory."""
        if self._cacheable:
            self._memory.flush(self._offset + offset, min(size, self._size - offset))

    def invalidate(self, offset: int, size: int) -> None:
        """Let the processor see ``size`` bytes from ``offset`` on as they are in the memory."""
        if self._cacheable:
            self._memory.invalidate(self._offset + offset, min(size, self._size - offset))

    def free(self) -> None:
        """Give it back; ``array`` is then anybody's."""
        self._memory.release(self._offset)
