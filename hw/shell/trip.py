"""What a round trip over a simulated link gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from codesign.errors import VerificationFailed
from hw.shell import registers


@dataclass(frozen=True, eq=False)
class Trip:
    """Frames sent over a simulated link and what came back.

    Attributes:
        words: int64 [frames, words, lanes].
        cycles: clock cycles that it took.
        registers: what the registers held afterwards, by name.
    """

    words: np.ndarray
    cycles: int
    registers: dict[str, int] = field(default_factory=dict)

    def check(self, build: int, frames: int) -> Trip:
        """Return it, if the registers hold what they must.

        Raises:
            VerificationFailed: another build's hash, frames lost or repeated, or an error noted.
        """
        wanted = {
            "MAGIC": registers.MAGIC,
            "BUILD": build,
            "VERSION": registers.VERSION,
            "FRAMES_IN": frames,
            "FRAMES_OUT": frames,
            "ERRORS": 0,
        }
        for name, value in wanted.items():
            if self.registers[name] != value:
                raise VerificationFailed(
                    f"The simulated board's register {name} holds {self.registers[name]:#x}, and must hold {value:#x}."
                )
        return self


READ = ("MAGIC", "BUILD", "VERSION", "FRAMES_IN", "FRAMES_OUT", "ERRORS")
"""Registers that a round trip reads."""
