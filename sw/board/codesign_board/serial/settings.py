"""How a serial port is set: raw bytes, 8N1, no flow control, any speed that the adapter makes. Linux and macOS."""

from __future__ import annotations

import contextlib
import fcntl
import struct
import sys
import termios

_INPUT, _OUTPUT, _CONTROL, _LOCAL, _INPUT_SPEED, _OUTPUT_SPEED, _CHARACTERS = range(7)
"""Places in what termios.tcgetattr returns."""
_TCGETS2, _TCSETS2, _BOTHER, _TERMIOS2 = 0x802C542A, 0x402C542B, 0o010000, struct.Struct("4I20B2I")
"""Linux, asm-generic/termbits.h and ioctls.h: any speed, in the last two words of struct termios2."""
_CBAUD = 0o010017
"""Linux: the bits of the control modes that hold a speed."""
_IOSSIOSPEED = 0x80085402
"""macOS, IOKit/serial/ioss.h: any speed."""
_TIOCGSERIAL, _TIOCSSERIAL, _FLAGS, _LOW_LATENCY = 0x541E, 0x541F, 16, 1 << 13
"""Linux, linux/serial.h and tty_flags.h: ``flags`` of struct serial_struct, its place, and a bit of it."""


def make_raw(file: int, baud: int) -> None:
    """Set an open serial port.

    Raises:
        ValueError: it does not go at that speed.
        termios.error, OSError: it is no serial port, or was pulled.
    """
    modes = termios.tcgetattr(file)
    modes[_INPUT] = modes[_OUTPUT] = modes[_LOCAL] = 0
    modes[_CONTROL] = termios.CS8 | termios.CREAD | termios.CLOCAL
    modes[_CHARACTERS][termios.VMIN], modes[_CHARACTERS][termios.VTIME] = 1, 0
    constant = getattr(termios, f"B{baud}", None)
    if constant is not None:
        modes[_INPUT_SPEED] = modes[_OUTPUT_SPEED] = constant
    termios.tcsetattr(file, termios.TCSANOW, modes)
    if constant is None:
        _any_speed(file, baud)
    elif termios.tcgetattr(file)[_OUTPUT_SPEED] != constant:
        raise ValueError(f"does not go at {baud} baud")
    if sys.platform == "linux":
        _answer_soon(file)


def _any_speed(file: int, baud: int) -> None:
    """Set a speed that has no constant in termios."""
    if sys.platform == "darwin":
        try:
            fcntl.ioctl(file, _IOSSIOSPEED, struct.pack("L", baud))
        except OSError as error:
            raise ValueError(f"does not go at {baud} baud") from error
        return
    words = list(_TERMIOS2.unpack(fcntl.ioctl(file, _TCGETS2, bytes(_TERMIOS2.size))))
    words[_CONTROL] = words[_CONTROL] & ~_CBAUD | _BOTHER
    words[-2:] = [baud, baud]
    fcntl.ioctl(file, _TCSETS2, _TERMIOS2.pack(*words))
    made = _TERMIOS2.unpack(fcntl.ioctl(file, _TCGETS2, bytes(_TERMIOS2.size)))[-1]
    if abs(made - baud) > baud / 50:
        raise ValueError(f"does not go at {baud} baud (the closest is {made})")


def _answer_soon(file: int) -> None:
    """Ask the adapter to pass on what comes in after 1 ms (FTDI's wait 16); where it can't, nothing is lost."""
    with contextlib.suppress(OSError):
        told = bytearray(fcntl.ioctl(file, _TIOCGSERIAL, bytes(256)))
        flags = int.from_bytes(told[_FLAGS : _FLAGS + 4], sys.byteorder) | _LOW_LATENCY
        told[_FLAGS : _FLAGS + 4] = flags.to_bytes(4, sys.byteorder)
        fcntl.ioctl(file, _TIOCSSERIAL, bytes(told))
