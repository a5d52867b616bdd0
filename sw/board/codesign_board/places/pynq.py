"""The board itself, through stock PYNQ (3.0, 3.1, 4.0)."""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import Any

import numpy as np

from codesign_board.dma import Mmio
from codesign_board.errors import PackageError, PlaceError
from codesign_board.package import Package
from codesign_board.places.axi import AxiPlace
from codesign_board.places.bare import BarePlace

CLOCK_STEPS = (1.0, 0.98, 0.95, 0.92, 0.88, 0.83, 0.76, 0.67, 0.5)
"""What is asked for in turn, relative to the accelerator's clock, until what comes is not faster than it."""
CLOCK_SLACK = 1.005
"""How much faster the clock may be: crystals and rounded dividers."""


def pynq(package: Package, patience_s: float | None = None) -> AxiPlace:
    """Return the package's accelerator on this board.

    Args:
        package: what is to run.
        patience_s: seconds without progress after which a transfer is given up; 1, or 10 where nothing tells of any.

    Raises:
        PlaceError: this is no PYNQ board, or not the package's, or something else answers.
        PackageError: the package has no bitfile.
    """
    if package.io != "axi":
        raise PlaceError(f"{package.board} does not run PYNQ: it is on a {package.io} line; use the place serial.")
    board = os.environ.get("BOARD", "")
    if package.core:
        raise PlaceError(f"This package {package.core}")
    _check_board(package, board)
    kind = AxiPlace if "accelerator" in package.manifest["cells"] else BarePlace
    given = {} if patience_s is None else {"patience_s": patience_s}
    return kind(package, PynqHost(package), "pynq", board or package.board, **given)


class PynqHost:
    """An overlay with the accelerator; see ``AxiHost``."""

    dma: Mmio
    accelerator: Mmio
    weights: Mmio | None = None

    def __init__(self, package: Package) -> None:
        try:
            import pynq
        except ImportError as error:
            raise PlaceError(
                f"PYNQ is missing ({error}): on a PYNQ board it is there, in the environment that Jupyter runs in; "
                f"elsewhere do 'pip install pynq' on the board, or name another place."
            ) from error
        self._pynq: Any = pynq
        self._package = package
        self._overlay: Any = None
        self._rails: dict[str, Any] | None = None

    def download(self) -> None:
        bitfile, handoff = self._package.file("bitfile"), self._package.file("handoff")
        if bitfile.with_suffix(".hwh") != handoff:
            raise PackageError(f"PYNQ looks for {handoff} beside {bitfile} under the same name: package again.")
        try:
            self._overlay = self._pynq.Overlay(str(bitfile))
        except Exception as error:  # whatever XRT, the FPGA manager or the handoff's parser raise
            raise PlaceError(
                f"PYNQ could not load {bitfile} ({type(error).__name__}: {error}). It needs root's rights, and the "
                f"variables that a PYNQ image sets for Jupyter and for login shells."
            ) from error
        cells = self._package.manifest["cells"]
        self.dma = self._registers(cells["dma"])
        if "accelerator" in cells:
            self.accelerator = self._registers(cells["accelerator"])
        if self._package.weights is not None:
            self.weights = self._registers(cells["dma_weights"])
        self._set_clock()

    def loaded(self) -> bool:
        return self._overlay is not None and bool(self._overlay.is_loaded())

    def allocate(self, size: int) -> PynqBuffer:
        try:
            # Cached, because reading uncached memory is slow: flushed and invalidated by hand.
            return PynqBuffer(self._pynq.allocate(shape=(size,), dtype="u1", cacheable=1))
        except (RuntimeError, OSError) as error:  # which of them depends on PYNQ's and XRT's version
            raise MemoryError(str(error)) from error

    def clock_mhz(self) -> float | None:
        try:
            return float(self._pynq.Clocks.fclk0_mhz)
        except Exception:  # a board whose clocks PYNQ does not know
            return None

    def watts(self) -> dict[str, float]:
        if self._rails is None:
            self._rails = {}
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a board without sensors
                self._rails = dict(self._pynq.get_rails())
        found: dict[str, float] = {}
        for name, rail in self._rails.items():
            with contextlib.suppress(Exception):  # a sensor that does not answer now
                if rail.power is not None:
                    found[name] = float(rail.power.value)
                elif rail.voltage is not None and rail.current is not None:
                    found[name] = float(rail.voltage.value) * float(rail.current.value)
        return found

    def close(self) -> None:
        self._overlay = None

    def _registers(self, cell: str) -> Mmio:
        """Return a cell's registers: plain ones, because PYNQ's own DMA driver would wait for the DMA without limit."""
        found = self._overlay.ip_dict.get(cell)
        if found is None:
            raise PlaceError(
                f"The handoff file {self._package.file('handoff')} has no cell {cell!r} (it has "
                f"{', '.join(self._overlay.ip_dict) or 'none'}): bitfile and manifest are of different builds."
            )
        mmio: Mmio = self._pynq.MMIO(found["phys_addr"], found["addr_range"])
        return mmio

    def _set_clock(self) -> None:
        """Set the accelerator's clock, or the next one below it: timing holds for no faster one."""
        wanted = float(self._package.clock_mhz)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that not every clock can be had: what came is read back
            actual = self.clock_mhz()
            if actual is None or wanted / CLOCK_SLACK <= actual <= wanted * CLOCK_SLACK:
                return
            for step in CLOCK_STEPS:
                try:
                    self._pynq.Clocks.fclk0_mhz = wanted * step
                except Exception as error:
                    raise PlaceError(f"PYNQ could not set the clock to {wanted:g} MHz ({error}).") from error
                actual = self.clock_mhz()
                if actual is None or actual <= wanted * CLOCK_SLACK:
                    return
        raise PlaceError(
            f"The accelerator was made for {wanted:g} MHz, and this board's clock stays at {actual:g} MHz: build it "
            f"for a clock that the board has."
        )


class PynqBuffer:
    """One of PYNQ's buffers; see ``AxiBuffer``."""

    def __init__(self, buffer: Any) -> None:
        self._buffer = buffer
        self.array = np.asarray(buffer)
        self.device_address = int(buffer.device_address)

    def flush(self, size: int) -> None:
        self._buffer[:size].flush()

    def invalidate(self, size: int) -> None:
        self._buffer[:size].invalidate()

    def free(self) -> None:
        # PYNQ frees it with the last reference: freeing it by hand would pull it from under views that are left.
        self._buffer, self.array = None, np.empty(0, np.uint8)


def _check_board(package: Package, board: str) -> None:
    """Compare with the variable BOARD, which PYNQ images set; they write Ultra96 where we write ultra96_v2."""
    here, there = (name.lower().replace("-", "").replace("_", "") for name in (board, package.board))
    if not there.startswith(here):
        raise PlaceError(f"The package is for the board {package.board}, and this is {board}: build for this board.")
