"""Weights that are not in the bitstream: a DMA of their own brings them, after a reset or for each frame."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from codesign_board.dma import LONGEST, MM2S, AxiDma, Mmio, Watch
from codesign_board.errors import PlaceError, TransferTimeout
from codesign_board.package import Weights
from codesign_board.places.axi_host import AxiBuffer

WORD_BYTES = 8
"""Of a beat of the weights' stream."""
TRANSFER_BYTES = 2**20
"""What a transfer of frames' weights should have: long beside what it takes to start one."""


class WeightPort:
    """Keeps one accelerator supplied with its weights.

    Those of frames come over and over, also while no frame is under way: then the accelerator holds the next ones and
    takes no more, and the transfer waits for the next frame.

    Args:
        weights: the package's.
        mmio: registers of the weights' DMA.
        allocate: returns a buffer of some bytes.

    Raises:
        PlaceError: one transfer cannot hold them.
    """

    def __init__(self, weights: Weights, mmio: Mmio, allocate: Callable[[int], AxiBuffer]) -> None:
        self._weights, self._allocate = weights, allocate
        self._dma = AxiDma(mmio, channels=(MM2S,), name="weights DMA")
        self._buffer: AxiBuffer | None = None
        self._busy = False
        if max(weights.start_bytes, weights.frame_bytes) > LONGEST:
            raise PlaceError(f"The weights in {weights.file} are longer than the DMA's {LONGEST} bytes a transfer.")
        self._frame_bytes = weights.frame_bytes * max(1, TRANSFER_BYTES // max(1, weights.frame_bytes))

    @property
    def size(self) -> int:
        """Bytes of memory that it takes."""
        return self._weights.start_bytes + self._frame_bytes

    def wanted(self, frames: int) -> int:
        """Return the packets that the accelerator must have taken to give one more frame than ``frames``."""
        return int(self._weights.start_bytes > 0) + (frames + 1) * self._weights.frame_packets

    def load(self, watch: Watch, taken: Callable[[], int]) -> None:
        """Bring the accelerator, just reset, what it needs before its first frame.

        Args:
            watch: says when waiting has become hanging.
            taken: returns the packets that the accelerator has taken since its reset.

        Raises:
            MemoryError: there is no room for them.
            TransferError: the DMA reports an error.
            TransferTimeout: nothing has moved for too long.
        """
        buffer = self._filled()
        if self._weights.start_bytes:
            self._dma.send(buffer.device_address, self._weights.start_bytes)
            while not (self._dma.sent() and taken()):
                if watch.hangs():
                    raise TransferTimeout(
                        f"The accelerator does not take its weights: nothing has moved for too long ({watch}).",
                        self.state(),
                    )
                time.sleep(0)  # others may run
        self.feed()

    def feed(self) -> None:
        """Begin the next transfer of frames' weights where the last one is done; to be called again and again.

        Raises:
            TransferError: the DMA reports an error.
        """
        if self._frame_bytes and (not self._busy or self._dma.sent()):
            self._busy = True
            self._dma.send(self._filled().device_address + self._weights.start_bytes, self._frame_bytes)

    def reset(self) -> None:
        """Stop the DMA; ``load`` is next.

        Raises:
            TransferTimeout: the DMA does not answer.
        """
        self._busy = False
        self._dma.reset()

    def state(self) -> dict[str, int]:
        """Return the DMA's registers."""
        return {f"WEIGHTS_{name}": value for name, value in self._dma.state().items()}

    def free(self) -> None:
        """Give the memory back; the DMA must have been stopped."""
        if self._buffer is not None:
            self._buffer.free()
        self._buffer = None

    def _filled(self) -> AxiBuffer:
        """Return the buffer: the start's packet, and behind it as many frames' as a transfer has."""
        if self._buffer is None:
            start, found = self._weights.start_bytes, np.fromfile(self._weights.file, np.uint8)
            self._buffer = self._allocate(self.size)
            self._buffer.array[:start] = found[:start]
            if self._frame_bytes:
                self._buffer.array[start:].reshape(-1, self._weights.frame_bytes)[:] = found[start:]
            self._buffer.flush(self.size)
        return self._buffer
