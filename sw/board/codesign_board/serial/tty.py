"""A serial port for one process only, that never blocks for ever. Linux and macOS."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import termios
import time
from pathlib import Path

from codesign_board.errors import PlaceError, TransferError, TransferTimeout
from codesign_board.serial.settings import make_raw

PATTERNS = ("serial/by-id/*", "ttyUSB*", "ttyACM*", "cu.usbserial*")
"""Where serial ports over USB show up under /dev, names that stay the same first."""
DEVICES = Path("/dev")
MOMENT_S = 0.01
"""Seconds that ``Tty.read`` waits for bytes."""


def candidates() -> list[str]:
    """Return the serial ports over USB that there are, each by one of its names."""
    found: dict[Path, str] = {}
    for pattern in PATTERNS:
        for path in sorted(DEVICES.glob(pattern)):
            found.setdefault(path.resolve(), str(path))
    return list(found.values())


class Tty:
    """An open serial port: a transport for ``Link``.

    Attributes:
        port: path of its device file.
    """

    def __init__(self, port: str, baud: int, patience_s: float = 2.0) -> None:
        """Open a port and forget what came in before.

        Args:
            port: path of the device file.
            baud: bits a second.
            patience_s: seconds in which ``write`` must get rid of something.

        Raises:
            PlaceError: there is none, it is in use or not ours, or it does not go at that speed.
        """
        self.port, self._patience_s, self._file, self._ours = port, patience_s, -1, False
        try:
            self._file = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # holds against root, too
            fcntl.ioctl(self._file, termios.TIOCEXCL)  # holds against programs that do not lock
            self._ours = True
            make_raw(self._file, baud)
            termios.tcflush(self._file, termios.TCIOFLUSH)
        except (OSError, termios.error, ValueError) as error:
            self.close()
            raise PlaceError(refusal(port, error)) from error

    def write(self, data: bytes) -> None:
        """Send bytes; return as soon as the system has taken them all.

        Raises:
            TransferError: the cable was pulled.
            TransferTimeout: the system takes no more.
        """
        sent, until = 0, time.monotonic() + self._patience_s
        while sent < len(data):
            left = until - time.monotonic()
            if left < 0:
                raise TransferTimeout(f"The serial port {self.port} has taken nothing for {self._patience_s:g} s.")
            try:
                if self._wait([], [self._file], left):
                    sent += os.write(self._file, data[sent:])
                    until = time.monotonic() + self._patience_s
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._pulled() from error

    def read(self) -> bytes:
        """Return what came; where nothing did, after a moment.

        Raises:
            TransferError: the cable was pulled.
        """
        try:
            if not self._wait([self._file], [], MOMENT_S):
                return b""
            data = os.read(self._file, 65536)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._pulled() from error
        if not data:  # ready to be read, and empty: a port that has gone
            raise self._pulled()
        return data

    def close(self) -> None:
        """Give the port back; closing twice does no harm."""
        if self._file >= 0:
            if self._ours:  # or a port that something keeps alive stays closed to others
                with contextlib.suppress(OSError):
                    fcntl.ioctl(self._file, termios.TIOCNXCL)
            os.close(self._file)
            self._file, self._ours = -1, False

    def _wait(self, readable: list[int], writable: list[int], seconds: float) -> bool:
        """Return whether the port can be read or written within some seconds."""
        if self._file < 0:
            raise self._pulled()
        return any(select.select(readable, writable, [], seconds))

    def _pulled(self) -> TransferError:
        return TransferError(
            f"The cable to {self.port} was pulled or the board lost power: plug it in again, then reset()."
        )


def refusal(port: str, error: Exception) -> str:
    """Return a sentence that says why a port could not be opened, and what to do."""
    number = error.args[0] if error.args else None
    if isinstance(error, ValueError):
        return f"The serial port {port} {error}: give another baud rate, here and to the build."
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO):
        there = ", ".join(candidates()) or "none: plug the board in"
        return f"There is no serial port {port}; those that there are: {there}."
    if number in (errno.EACCES, errno.EPERM):
        return (
            f"You may not use the serial port {port}: join its group (sudo usermod -aG dialout $USER, then log in "
            f"again), or have udev give it to you."
        )
    if number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK):
        return f"The serial port {port} is in use: close the terminal, notebook or program that has it open."
    if number == errno.ENOTTY:
        return f"{port} is no serial port: give the board's, such as /dev/ttyUSB0."
    return f"The serial port {port} could not be opened: {error}."
