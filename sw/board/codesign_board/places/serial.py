"""A board on a serial line over USB."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator

import numpy as np

from codesign_board.errors import PackageError, PlaceError, TransferError
from codesign_board.package import Package
from codesign_board.patience import Patience
from codesign_board.place import Place
from codesign_board.serial.link import Link, Transport
from codesign_board.serial.program import program_board
from codesign_board.serial.sequence import PACKET_BYTES
from codesign_board.serial.tty import Tty, candidates

PATIENCE = 10
"""Times the cycles that a frame should take, in which nothing may move."""
ANSWER_S = 0.2
"""Seconds that an adapter and the system may take for an answer, beside the line's own time."""


class SerialPlace(Place):
    """An accelerator on a serial line.

    What is sent waits in the adapter while the next frames are packed; the rest goes out in ``finish``.

    Args:
        package: what is to run.
        port: the device file, such as ``/dev/ttyUSB0``; the only one that there is where none is named.
        baud: bits a second on the line; the manifest's where none is given.
        program: load the package's bitfile first, with openFPGALoader or fujprog, now and after a cable was pulled.
        patience_s: seconds without progress after which a transfer is given up; ``patience`` has the rest of it.
        transport: opens the line in place of the port.
        clock: seconds, by which the line is waited for.

    Raises:
        PlaceError: the port cannot be used, or what answers there is not the package's accelerator.
    """

    name = "serial"

    def __init__(
        self, package: Package, port: str | None = None, *, baud: int | None = None, program: bool = False,
        patience_s: float = 2.0, transport: Callable[[], Transport] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(package)
        if package.io != "uart":
            raise PlaceError(
                f"{package.board} has no serial line: its io is {package.io}; copy the package to the board and load "
                f"it there."
            )
        self._baud = int(baud or package.manifest["baud"])
        self.where = port or ("a transport" if transport else _only_port())
        self._open_line = transport or (lambda: Tty(self.where, self._baud, patience_s))
        self._program, self._patience_s, self._clock = program, patience_s, clock
        self._inputs, self._frames = list[np.ndarray](), [0, 0]
        self._line: Transport | None = None
        self._open()

    def reserve(self, frames: int) -> int:
        if not self._inputs or len(self._inputs[0]) < frames * self.package.input.frame_bytes:
            self._inputs = [np.zeros(frames * self.package.input.frame_bytes, np.uint8) for _ in range(2)]
        return frames

    def input(self, slot: int, frames: int) -> np.ndarray:
        return self._inputs[slot][: frames * self.package.input.frame_bytes]

    def start(self, slot: int, frames: int) -> None:
        self._frames[slot] = frames
        data, size = self.input(slot, frames).tobytes(), self.package.input.frame_bytes
        with self._explained():
            self._link.begin([data[at : at + size] for at in range(0, len(data), size)])

    def finish(self, slot: int) -> np.ndarray:
        cycles = self.package.manifest["cycles"]
        limit = PATIENCE * (cycles["first_frame"] + cycles["interval"])
        with self._explained():
            patience = Patience(self._patience_s, limit, lambda: (self._link.moved,), lambda: self.read("CYCLES"))
            frames = self._link.finish(self._frames[slot], patience)
            self._check_frames(frames)
        return np.frombuffer(b"".join(frames), np.uint8)

    def reset(self) -> None:
        if self._line is not None:
            with contextlib.suppress(TransferError):  # the cable was pulled, or the board was switched off and on
                self._restart(self._line)
                return
        self._open()

    def read(self, register: str) -> int:
        return self._link.read_register(self.package.registers.index[register])

    def write(self, register: str, value: int) -> None:
        self._link.write_register(self.package.registers.index[register], value)

    def clock_mhz(self) -> float | None:
        return self.read("CLOCK_HZ") / 1e6

    def state(self) -> dict[str, int]:
        return {**self._link.state(), **self._counters()}

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _open(self) -> None:
        """Open the line, prove that the package's accelerator is there, and bring it to its start."""
        self.close()
        if self._program:
            program_board(self.package)
        self._line = self._open_line()
        try:
            self._restart(self._line)
        except TransferError as error:
            self.close()
            raise PlaceError(
                f"No accelerator answers on {self.where} at {self._baud} baud. {self._advice()}"
            ) from error
        except BaseException:
            self.close()
            raise

    def _restart(self, line: Transport) -> None:
        """Prove that the package's accelerator is there, and bring it and the link to their start."""
        self._quiet(line)
        self._link = self._new_link(line)
        self.prove(self._advice())
        fields = self.package.registers.fields["CONTROL"]
        self.write("CONTROL", 1 << fields["RESET"] | 1 << fields["CLEAR"])

    def _new_link(self, line: Transport) -> Link:
        timeout = ANSWER_S + 20 * 10 * PACKET_BYTES / self._baud  # ten bits a byte
        return Link(line, timeout, math.ceil(self._patience_s / timeout), self._clock)

    def _quiet(self, line: Transport) -> None:
        """Read what answers to earlier requests may still come."""
        until = time.monotonic() + self._patience_s
        while line.read() and time.monotonic() < until:
            pass

    def _check_frames(self, frames: list[bytes]) -> None:
        """Check that frames came back whole, and that the accelerator saw whole ones."""
        wanted = self.package.output.frame_bytes
        for number, frame in enumerate(frames):
            if len(frame) != wanted:
                raise TransferError(f"Frame {number} came back with {len(frame)} bytes, and must have {wanted}.")
        if self.read("ERRORS") >> self.package.registers.fields["ERRORS"]["FRAME"] & 1:
            raise TransferError("The accelerator got a frame that was cut short or too long: was the board reset?")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Add the link's state and, where the board answers, the accelerator's registers to an error."""
        try:
            yield
        except TransferError as error:
            raise type(error)(error.text, {**self.state(), **error.state}) from error

    def _counters(self) -> dict[str, int]:
        if not self._link.answering:
            return {}
        try:
            return {name: self.read(name) for name in ("FRAMES_IN", "FRAMES_OUT", "CYCLES", "ERRORS")}
        except TransferError:
            return {}

    def _advice(self) -> str:
        """What to do where the package's bitstream is not on the board."""
        try:
            bitfile = str(self.package.file("bitfile"))
        except PackageError:
            bitfile = "FILE.bit"
        return (
            f"Check that it is the board's port, and load the bitstream: openFPGALoader -b {self.package.board} "
            f"{bitfile}, or fujprog {bitfile}, or program=True."
        )


serial = SerialPlace
"""Under the place's name."""


def _only_port() -> str:
    """Return the serial port over USB that is there.

    Raises:
        PlaceError: there is none, or more than one.
    """
    there = candidates()
    if not there:
        raise PlaceError("There is no serial port over USB: plug the board in, or say which one it is by port=.")
    if len(there) > 1:
        raise PlaceError(f"There are {len(there)} serial ports: say by port= which is the board's: {', '.join(there)}.")
    return there[0]
