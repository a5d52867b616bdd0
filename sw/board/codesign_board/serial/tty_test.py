"""The port on a pseudo-terminal: every byte, every speed, and everything that can be wrong with it."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesign_board.errors import PlaceError, TransferError, TransferTimeout
from codesign_board.serial import tty
from codesign_board.serial.tty import Tty, candidates, refusal

EVERY = bytes(range(256)) * 4


@pytest.fixture
def ends() -> Iterator[list[int]]:
    """Both ends of a pseudo-terminal, the other one's and the port's; a test may close and remove them."""
    ends = list(os.openpty())
    yield ends
    for end in ends:
        os.close(end)


def port_of(ends: list[int]) -> str:
    return os.ttyname(ends[1])


def read(port: Tty, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += port.read()
    return data


def test_every_byte_goes_through_as_it_is(ends: list[int]) -> None:
    port = Tty(port_of(ends), 3_000_000)
    port.write(EVERY)
    assert os.read(ends[0], 4096) == EVERY
    os.write(ends[0], EVERY)
    assert read(port, len(EVERY)) == EVERY
    assert port.read() == b""
    port.close()
    port.close()


def test_what_came_before_is_forgotten(ends: list[int]) -> None:
    Tty(port_of(ends), 9600).close()
    os.write(ends[0], b"old")
    port = Tty(port_of(ends), 9600)
    os.write(ends[0], b"new")
    assert read(port, 3) == b"new"
    port.close()


@pytest.mark.parametrize("baud", [9600, 115_200, 3_000_000, 250_000, 1_234_567])
def test_speed(ends: list[int], baud: int) -> None:
    Tty(port_of(ends), baud).close()
    told = fcntl.ioctl(ends[1], 0x802C542A, bytes(44))  # TCGETS2: it ends with both speeds
    assert struct.unpack("2I", told[-8:]) == (baud, baud)
    flags = struct.unpack("4I", told[:16])
    assert flags[0] == flags[1] == flags[3] == 0 and flags[2] & termios.CSIZE == termios.CS8
    assert not flags[2] & (termios.PARENB | termios.CSTOPB | termios.CRTSCTS)


def test_a_port_that_takes_nothing(ends: list[int]) -> None:
    port = Tty(port_of(ends), 9600, patience_s=0.1)
    with pytest.raises(TransferTimeout, match=r"has taken nothing for 0\.1 s"):
        port.write(bytes(1_000_000))
    port.close()


def test_a_pulled_cable(ends: list[int]) -> None:
    port = Tty(port_of(ends), 9600)
    os.close(ends.pop(0))
    with pytest.raises(TransferError, match=r"cable to .* was pulled"):
        port.read()
    with pytest.raises(TransferError, match=r"cable to .* was pulled"):
        port.write(b"x")
    port.close()
    with pytest.raises(TransferError, match=r"cable to .* was pulled"):
        port.read()


def test_only_one_may_have_it(ends: list[int]) -> None:
    port = Tty(port_of(ends), 9600)
    with pytest.raises(PlaceError, match="is in use: close"):
        Tty(port_of(ends), 9600)
    assert struct.unpack("i", fcntl.ioctl(ends[1], 0x80045440, bytes(4))) == (1,)  # TIOCGEXCL
    port.close()
    assert struct.unpack("i", fcntl.ioctl(ends[1], 0x80045440, bytes(4))) == (0,)
    Tty(port_of(ends), 9600).close()


def test_candidates_once_each_by_the_name_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tty, "DEVICES", tmp_path)
    assert candidates() == []
    (tmp_path / "serial/by-id").mkdir(parents=True)
    for name in ("ttyUSB0", "ttyUSB1", "ttyS0", "ttyACM0"):
        (tmp_path / name).touch()
    (tmp_path / "serial/by-id/usb-FTDI_ULX3S").symlink_to("../../ttyUSB1")
    assert candidates() == [str(tmp_path / name) for name in ("serial/by-id/usb-FTDI_ULX3S", "ttyUSB0", "ttyACM0")]
    with pytest.raises(PlaceError, match=r"There is no serial port .*/ttyUSB7; those that there are: .*ULX3S, "):
        Tty(str(tmp_path / "ttyUSB7"), 9600)


def test_what_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlaceError, match=r"file is no serial port"):
        Tty(str(tmp_path / "file"), 9600)


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EACCES, "usermod -aG dialout"), (errno.EBUSY, "is in use"), (errno.EMFILE, "could not be opened")],
)
def test_refusals(number: int, said: str) -> None:
    """What root, who may do everything, is never told."""
    assert said in refusal("/dev/ttyUSB0", OSError(number, os.strerror(number)))


def test_a_speed_that_the_adapter_refuses(ends: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    kept = termios.tcgetattr(ends[1])
    monkeypatch.setattr(termios, "tcgetattr", lambda file: [*kept[:4], termios.B38400, termios.B38400, [*kept[6]]])
    with pytest.raises(PlaceError, match="does not go at 3000000 baud: give another"):
        Tty(port_of(ends), 3_000_000)
