"""What a user of hls4ml chooses, by hls4ml's own names."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.errors import UserError

IO_TYPES = ("io_stream", "io_parallel")
STRATEGIES = ("resource", "latency")
DERIVED = "derived"
"""The precision that comes from the graph's proven ranges."""


@dataclass(frozen=True)
class Settings:
    """hls4ml's settings of one project.

    Attributes:
        io_type: ``io_stream`` (a FIFO between layers) or ``io_parallel`` (all of a tensor at once).
        strategy: of the matrix products: ``resource`` or ``latency``.
        reuse_factor: multiplications that one multiplier makes a position.
        precision: ``derived``, or one type such as ``fixed<48,20>`` for every accumulator and result.
    """

    io_type: str = "io_stream"
    strategy: str = "resource"
    reuse_factor: int = 1
    precision: str = DERIVED

    def __post_init__(self) -> None:
        for name, value, known in (
            ("io_type", self.io_type, IO_TYPES),
            ("strategy", self.strategy, STRATEGIES),
        ):
            if value not in known:
                raise UserError(f"hls4ml's {name} must be {' or '.join(known)}, not {value!r}.")
        if self.reuse_factor < 1:
            raise UserError(f"--reuse-factor must be at least 1, not {self.reuse_factor}.")
