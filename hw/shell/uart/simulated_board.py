"""A simulated board on a simulated serial line: bytes in and bytes out.

Python 3.10, numpy 1.21 and the standard library.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SILENCE = 256
"""In the input of ``SimulatedBoard.run``: a bit time in which the line is idle."""
BREAK = 257
"""There, too: a byte of zeros without a stop bit."""


class SimulatedBoard:
    """A board after power-up, on a line of its top's bit time.

    It is a transport for ``Link``: ``read`` lets some cycles pass, and ``seconds`` is their time at 1 MHz.

    Attributes:
        cycles: clock cycles so far.
    """

    def __init__(self, library: Path, eighths: int, data: Path | None = None, step: int = 2000) -> None:
        """Load a library of ``simulation.compile_library``; ``read`` runs ``step`` cycles."""
        self._library = ctypes.CDLL(str(Path(library).resolve()))
        self._library.board_new.restype = ctypes.c_void_p
        self._library.board_run.restype = ctypes.c_long
        self._step, self._pending, self._eighths, self.cycles = step, np.zeros(0, np.uint16), eighths, 0
        here = Path.cwd()
        os.chdir(data or here)  # $readmemh runs at the first evaluation
        try:
            self._board = ctypes.c_void_p(self._library.board_new(eighths))
            self.run([], 100)
        finally:
            os.chdir(here)

    @property
    def _running(self) -> ctypes.c_void_p:
        if not self._board.value:
            raise RuntimeError("The simulated board was closed: make another one.")
        return self._board

    def run(self, data: bytes | Sequence[int], cycles: int) -> bytes:
        """Queue bytes (SILENCE and BREAK, too) for the line, run so many cycles, and return the bytes that came."""
        self._pending = np.concatenate([self._pending, np.array(list(data), np.uint16)])
        output = np.zeros(cycles * 8 // self._eighths // 9 + 2, np.uint8)
        taken = ctypes.c_long()
        came = self._library.board_run(
            self._running, self._pending.ctypes.data_as(ctypes.c_void_p), ctypes.c_long(len(self._pending)),
            ctypes.c_long(cycles), output.ctypes.data_as(ctypes.c_void_p), ctypes.byref(taken),
        )  # fmt: skip
        self._pending = self._pending[taken.value :]
        self.cycles += cycles
        return output[:came].tobytes()

    def press(self, pressed: bool) -> None:
        """Press or release the reset button."""
        self._library.board_button(self._running, int(pressed))

    @property
    def leds(self) -> int:
        """The LEDs, one a bit."""
        return int(self._library.board_leds(self._running))

    def write(self, data: bytes) -> None:
        """Queue bytes for the line."""
        self._pending = np.concatenate([self._pending, np.frombuffer(data, np.uint8).astype(np.uint16)])

    def read(self) -> bytes:
        """Let some cycles pass, and return the bytes that came."""
        return self.run(b"", self._step)

    def seconds(self) -> float:
        """Return the time since power-up, at 1 MHz."""
        return self.cycles / 1e6

    def close(self) -> None:
        """End the simulation; closing twice does no harm."""
        if self._board.value:
            self._library.board_free(self._board)
            self._board = ctypes.c_void_p()
