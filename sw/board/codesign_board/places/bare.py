"""An accelerator that is nothing but a stream between a DMA's two channels, as in hls4ml's block designs: no registers.

Nothing says what is in the fabric: the self-test with the package's samples does (``Accelerator.selftest``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from codesign_board.errors import TransferError
from codesign_board.package import Package
from codesign_board.patience import Patience
from codesign_board.places.axi import AxiPlace
from codesign_board.places.axi_host import AxiHost

PATIENCE_S = 10.0
"""Seconds after which a transfer is given up: nothing tells of progress within one."""


class BarePlace(AxiPlace):
    """An accelerator behind an AXI DMA, without registers and without a reset of its own; see ``AxiPlace``."""

    def __init__(self, package: Package, host: AxiHost, name: str, where: str, patience_s: float = PATIENCE_S) -> None:
        super().__init__(package, host, name, where, patience_s)

    def prove(self, advice: str) -> None:
        """There is nothing to ask."""

    def reset(self) -> None:
        """Load the bitfile again: nothing less brings the accelerator to a frame's start."""
        self._check_loaded()
        with contextlib.suppress(TransferError):
            self._dma.reset()  # it must not touch memory that is given back
        self._free_all()  # PYNQ refuses to load one while there are buffers
        self._load()
        self._restart()
        self._most = self._limit

    def read(self, register: str) -> int:
        """Return 0: no register counts or reports anything."""
        return 0

    def write(self, register: str, value: int) -> None:
        """There is nothing to write."""

    def _restart(self) -> None:
        self._check_loaded()
        self._dma.reset()

    def _patience(self, cycles: int, moved: Callable[[], tuple[int, ...]]) -> Patience:
        return super()._patience(0, moved)  # nothing counts them

    def _counters(self) -> dict[str, int]:
        return {}
