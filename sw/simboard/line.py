"""A simulated board's serial line as a pseudo-terminal, with what lines do: noise, loss, a cable that is pulled."""

from __future__ import annotations

import contextlib
import os
import select
import tempfile
import termios
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType

import numpy as np
from codesign_board.errors import PlaceError

from hw.shell.uart.simulated_board import SimulatedBoard

AWAKE_CYCLES = 50_000
"""Clock cycles after the last byte for which the simulation goes on as fast as it can."""
NAP_S = 0.02
"""Seconds between two steps of the simulation when nothing is going on."""
_OUTPUT_SPEED = 5
"""Place in what termios.tcgetattr returns."""


@dataclass
class LineFaults:
    """What happens to bytes, in both directions alike; may be changed at any time.

    Attributes:
        flip, drop, duplicate: probability, for each byte, that one of its bits flips, that it is lost, that it comes
            twice.
        silent: nothing gets through.
        pull_after: bytes from the board after which the cable is pulled, None for never.
    """

    flip: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    silent: bool = False
    pull_after: int | None = None

    def spoil(self, data: bytes, rng: np.random.Generator) -> bytes:
        """Return what comes out of what goes in."""
        if self.silent or not data:
            return b""
        if not (self.flip or self.drop or self.duplicate):
            return data
        flips, drops, doubles = rng.random((3, len(data))) < np.array([[self.flip], [self.drop], [self.duplicate]])
        spoilt = np.frombuffer(data, np.uint8) ^ (flips << rng.integers(8, size=len(data))).astype(np.uint8)
        return np.repeat(spoilt, np.where(drops, 0, 1 + doubles)).tobytes()


class Line:
    """A board that is plugged in; a thread runs its simulation, fast while there is traffic.

    Attributes:
        port: path of the device file, the same whenever it is plugged in.
        faults: what happens to bytes.
    """

    def __init__(
        self,
        power_up: Callable[[], SimulatedBoard],
        baud: int | None = None,
        faults: LineFaults | None = None,
        port: Path | None = None,
        seed: int = 0,
    ) -> None:
        """Plug a board in.

        Args:
            power_up: makes the board; called again whenever it is plugged in.
            baud: the line's speed: at another one nothing gets through; None for any.
            faults: what happens to bytes.
            port: path for the device file, a link to the pseudo-terminal.
            seed: of the faults.
        """
        self.faults = faults or LineFaults()
        self._folder = tempfile.TemporaryDirectory()
        self._link = port or Path(self._folder.name) / "ttyUSB0"
        self.port = str(self._link)
        self._power_up, self._baud, self._rng = power_up, baud, np.random.default_rng(seed)
        self._board: SimulatedBoard | None = None
        self._master, self._backlog, self._awake_until = -1, b"", 0
        self._orders = SimpleQueue[tuple[Callable[[], None], Future[None]]]()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        try:
            self.plug()
        except BaseException:
            self.close()
            raise

    @property
    def plugged(self) -> bool:
        """Whether the cable is plugged in."""
        return self._board is not None

    def plug(self) -> None:
        """Plug the cable in: the board powers up."""
        self._order(self._plug)

    def pull(self) -> None:
        """Pull the cable: the board loses power."""
        self._order(self._pull)

    def press(self) -> None:
        """Press the reset button and release it."""
        self._order(self._press)

    def close(self) -> None:
        """Pull the cable and end the simulation."""
        if not self._ended.is_set():
            self.pull()
            self._ended.set()
            self._thread.join()
            self._folder.cleanup()

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _order(self, what: Callable[[], None]) -> None:
        """Have something done between two steps of the simulation."""
        done = Future[None]()
        self._orders.put((what, done))
        done.result(timeout=60)

    def _run(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(Empty):
                what, done = self._orders.get_nowait()
                try:
                    done.set_result(what())
                except Exception as error:
                    done.set_exception(error)
            if not self._step():
                self._nap()

    def _nap(self) -> None:
        """Wait until the host sends something, for a moment."""
        if self._master >= 0 and self._opened():
            select.select([self._master], [], [], NAP_S)
        else:
            self._ended.wait(NAP_S)

    def _opened(self) -> bool:
        """Whether somebody has the port open; where nobody has, it could be read at once, and would give an error."""
        waiting = select.poll()
        waiting.register(self._master, select.POLLIN)
        return not any(event & select.POLLHUP for _, event in waiting.poll(0))

    def _step(self) -> bool:
        """Run the simulation a little; return whether anything is going on."""
        board = self._board
        if board is None:
            return False
        came = self.faults.spoil(self._read(), self._rng)
        board.write(came)
        gave = self.faults.spoil(board.read(), self._rng)
        if came or gave:
            self._awake_until = board.cycles + AWAKE_CYCLES
        self._give(gave)
        return board.cycles < self._awake_until or bool(self._backlog)

    def _read(self) -> bytes:
        """Return what the host has sent, as far as it is at the right speed."""
        try:
            data = os.read(self._master, 4096)
        except OSError:  # nothing there, or nobody has the port open
            return b""
        speed = getattr(termios, f"B{self._baud}", None)
        return data if speed in (None, termios.tcgetattr(self._master)[_OUTPUT_SPEED]) else b""

    def _give(self, data: bytes) -> None:
        """Pass bytes on to the host, as far as it takes them; pull the cable in their midst where that is due."""
        left = self.faults.pull_after
        self._backlog += data[:left]
        with contextlib.suppress(OSError):
            self._backlog = self._backlog[os.write(self._master, self._backlog) :]
        if left is not None:
            self.faults.pull_after = left - len(data)
            if len(data) >= left:
                self.faults.pull_after = None
                self._pull()

    def _plug(self) -> None:
        self._pull()
        board = self._power_up()
        master, slave = os.openpty()
        os.set_blocking(master, False)
        if self._link.is_symlink() and not self._link.exists():  # of a simulation that was killed
            self._link.unlink()
        try:
            self._link.symlink_to(os.ttyname(slave))
        except OSError as error:
            board.close()
            os.close(master)
            raise PlaceError(f"The device file {self.port} cannot be made ({error}): name another.") from error
        finally:
            os.close(slave)
        self._board, self._master = board, master

    def _pull(self) -> None:
        if self._board is None:
            return
        self._link.unlink()
        os.close(self._master)
        self._board.close()
        self._board, self._master, self._backlog, self._awake_until = None, -1, b"", 0

    def _press(self) -> None:
        if self._board is not None:
            self._board.press(True)
            self._board.run([], 20)
            self._board.press(False)
