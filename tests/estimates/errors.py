"""How far an estimate is off, and what is asked of it.

The error of LUTs, and likewise of flip-flops, is ``|estimate - yosys| / yosys``, with no allowance for small kernels,
where one LUT of ten is 10 %; how many are small is said beside it. Block RAMs and DSPs are right or wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hw.kernels.kernel import Resources

SMALL = 32
"""LUTs below which a kernel is called small."""
MEDIAN, TAIL = 10.0, 25.0
"""What is asked: the median and the 95th percentile of the errors, in percent."""


@dataclass(frozen=True)
class Pair:
    """An estimate and yosys' figures, of a configuration or of a design."""

    estimate: Resources
    found: Resources

    def error(self, name: str) -> float:
        """Return the error of ``lut`` or ``ff``, in percent; where yosys has none, of one."""
        found = getattr(self.found, name)
        return 100 * abs(getattr(self.estimate, name) - found) / max(found, 1)


@dataclass(frozen=True)
class Summary:
    """Errors of several estimates.

    Attributes:
        count: of estimates.
        median, tail: of the error, and its 95th percentile, in percent, by ``lut`` and ``ff``.
        small: how many have less than 32 LUTs.
        bram, dsp: how many have another number of block RAMs or DSPs.
    """

    count: int
    median: dict[str, float]
    tail: dict[str, float]
    small: int
    bram: int
    dsp: int

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> Summary:
        """Summarize at least one pair."""
        errors = {name: [pair.error(name) for pair in pairs] for name in ("lut", "ff")}
        return cls(
            count=len(pairs),
            median={name: float(np.median(values)) for name, values in errors.items()},
            tail={name: float(np.percentile(values, 95)) for name, values in errors.items()},
            small=sum(pair.found.lut < SMALL for pair in pairs),
            bram=sum(pair.estimate.bram != pair.found.bram for pair in pairs),
            dsp=sum(pair.estimate.dsp != pair.found.dsp for pair in pairs),
        )
