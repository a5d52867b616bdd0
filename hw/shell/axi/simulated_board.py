"""An accelerator in its AXI shell, simulated: registers, the two streams of a DMA, and one of weights.

Python 3.10, numpy 1.21 and the standard library: it is loaded beside PYNQ, too.
"""

from __future__ import annotations

import ctypes
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_ELSEWHERE = threading.Lock()
_SIGNATURES = {
    "board_failure": (ctypes.c_char_p, ()),
    "board_beat": (ctypes.c_int, (ctypes.c_int,)),
    "board_new": (ctypes.c_void_p, (ctypes.c_int,)),
    "board_free": (None, (ctypes.c_void_p,)),
    "board_reset": (ctypes.c_int64, (ctypes.c_void_p,)),
    "board_stop": (None, (ctypes.c_void_p, ctypes.c_int)),
    "board_read": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32)),
    "board_write": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32)),
    "board_send": (None, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
    "board_load": (None, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
    "board_receive": (None, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
    "board_stalls": (None, (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint64)),
    "board_run": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64, ctypes.c_int)),
    "board_counters": (None, (ctypes.c_void_p, ctypes.POINTER(ctypes.c_int64))),
}


class SimulationError(RuntimeError):
    """The simulation itself failed: a memory file is missing, or a register does not answer."""


@dataclass(frozen=True)
class Counters:
    """What moved so far.

    Attributes:
        sent, received: bytes of the last transfer of each direction.
        sends, receives: transfers of each direction that came to their end.
        ended: TLAST ended the last transfer out of the accelerator; otherwise its room did.
        sending, receiving: a transfer is under way.
        cycles: since power-up.
        broken: beats that the accelerator showed and took back before they were taken, against AXI's rules.
        loaded, loads, loading: of the stream of weights, as ``sent``, ``sends`` and ``sending``.
    """

    sent: int
    received: int
    sends: int
    receives: int
    ended: bool
    sending: bool
    receiving: bool
    cycles: int
    broken: int
    loaded: int
    loads: int
    loading: bool


class SimulatedBoard:
    """The fabric after its configuration.

    Attributes:
        beat_bytes: bytes of a beat of the accelerator's input and of its output.
    """

    def __init__(self, library: str | Path, memories: str | Path, seed: int = 0) -> None:
        """Load a library that ``hw.shell.axi.simulation`` made.

        Args:
            library: its path.
            memories: folder of the files that the accelerator's memories are filled from.
            seed: of what registers without a reset hold at first.

        Raises:
            SimulationError: a memory's file is missing.
        """
        self._library = ctypes.CDLL(str(Path(library).resolve()))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        self._buffers: dict[str, np.ndarray] = {}
        self.beat_bytes = (self._library.board_beat(0), self._library.board_beat(1))
        with _ELSEWHERE:  # memories are filled at the first evaluation, from the working directory
            here = Path.cwd()
            os.chdir(memories)
            try:
                self._board = ctypes.c_void_p(self._library.board_new(seed))
            finally:
                os.chdir(here)
        if not self._board.value:
            raise self._failed()

    @property
    def _running(self) -> ctypes.c_void_p:
        if not self._board.value:
            raise SimulationError("The simulated board was closed: make another one.")
        return self._board

    def read(self, address: int) -> int:
        """Return the register at a byte address of the accelerator's."""
        return self._checked(self._library.board_read(self._running, address))

    def write(self, address: int, value: int) -> None:
        """Write the register at a byte address of the accelerator's."""
        self._checked(self._library.board_write(self._running, address, value))

    def send(self, data: np.ndarray) -> None:
        """Begin a transfer of ``data``, uint8 [bytes], to the accelerator, read as it goes, with TLAST at its end."""
        self._library.board_send(self._running, self._held("send", data), len(data))

    def load(self, data: np.ndarray) -> None:
        """Begin a transfer of weights, uint8 [bytes], as ``send``."""
        self._library.board_load(self._running, self._held("load", data), len(data))

    def receive(self, room: np.ndarray) -> None:
        """Begin a transfer out of the accelerator into ``room``, uint8 [bytes], until TLAST or until it is full."""
        self._library.board_receive(self._running, self._held("receive", room), len(room))

    def run(self, cycles: int, idle: bool = False) -> int:
        """Run so many cycles; return how many.

        Unless ``idle``, it ends before that when all transfers of frames that are under way are done, or that of
        weights is; at once, where there is none.
        """
        return self._checked(self._library.board_run(self._running, cycles, idle))

    def stalls(self, send: float, receive: float, seed: int = 0) -> None:
        """Let each stream rest in a cycle with this probability, that of weights as ``send``.

        An input that rests shows random data.
        """
        chances = (min(int(chance * 2**32), 2**32 - 1) for chance in (send, receive))
        self._library.board_stalls(self._running, *chances, seed)

    def stop(self, weights: bool = False) -> None:
        """Give up the transfers under way, of frames or of weights; what the accelerator has stays in it."""
        self._library.board_stop(self._running, int(weights))
        for direction in ("load",) if weights else ("send", "receive"):
            self._buffers.pop(direction, None)

    def reset(self) -> None:
        """Hold the reset pin for a few cycles, and give up the transfers under way."""
        self._checked(self._library.board_reset(self._running))

    @property
    def counters(self) -> Counters:
        """What moved so far."""
        found = (ctypes.c_int64 * 12)()
        self._library.board_counters(self._running, found)
        sent, received, sends, receives, ended, sending, receiving, cycles, broken, loaded, loads, loading = found
        frames = (sent, received, sends, receives, bool(ended), bool(sending), bool(receiving), cycles, broken)
        return Counters(*frames, loaded, loads, bool(loading))

    def close(self) -> None:
        """End the simulation."""
        if self._board.value:
            self._library.board_free(self._board)
            self._board = ctypes.c_void_p()

    def _held(self, direction: str, data: np.ndarray) -> int:
        """Keep the memory while the transfer is under way; return its address."""
        if data.dtype != np.uint8 or not data.flags.c_contiguous:
            raise TypeError(f"A transfer takes contiguous uint8, not {data.dtype}")
        self._buffers[direction] = data
        return int(data.ctypes.data)

    def _checked(self, result: int) -> int:
        if result < 0:
            raise self._failed()
        return result

    def _failed(self) -> SimulationError:
        return SimulationError(f"The simulated board failed: {self._library.board_failure().decode()}.")
