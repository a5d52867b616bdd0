"""What the ingest tells of a model that it took."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.ingest.functions.rounding import BOUNDARIES

if TYPE_CHECKING:
    from codesign.ingest.functions.function import Function

LISTED = 1000
FLOAT32 = 4 * 2.0**29
"""float32 rounds 2**29 times as coarsely as float64; 4 for the number at the start, which it rounds too."""


@dataclass(frozen=True)
class NearTie:
    """Accumulators of one channel at which a float32 run may fall on the other side of a rounding boundary.

    Attributes:
        first, last: the run of accumulators, both included.
        distance: the smallest distance to the boundary among them, in steps of the quantizer.
    """

    channel: int
    first: int
    last: int
    distance: float


@dataclass(frozen=True)
class SegmentReport:
    """One compiled segment: from an integer tensor to the output of its quantizer.

    Attributes:
        output, input: names of the graph's tensors.
        form: 'requantize', 'requantize in pieces', 'threshold' or 'table', what the graph holds.
        source: the model's nodes.
        input_range, output_range: smallest and largest value over the channels.
        multiplier_bits, offset_bits, shift: of the exact requantizer, None where none exists.
        levels: thresholds of each channel.
        descending: channels whose output falls as the accumulator rises.
        margin: smallest distance to a rounding boundary beside a step, in steps of the quantizer.
        bipolar: the model's -1 and 1 are held as 0 and 1.
        view: where each element that the model has lies in the flat channels-last frame; None: where it stands.
        decided_exactly: steps that needed rational arithmetic, float64's error being no smaller than the margin.
    """

    output: str
    input: str
    form: str
    source: tuple[str, ...]
    channels: int
    input_range: tuple[int, int]
    input_bits: int
    output_range: tuple[int, int]
    output_bits: int
    multiplier_bits: int | None
    offset_bits: int | None
    shift: int | None
    levels: int
    descending: int
    margin: float | None
    decided_exactly: int
    near_ties: tuple[NearTie, ...]
    bipolar: bool = False
    view: np.ndarray | None = None

    def is_near_tie(self, channel: int, accumulator: int) -> bool:
        """Whether the compiler listed this accumulator."""
        return any(t.channel == channel and t.first <= accumulator <= t.last for t in self.near_ties)


@dataclass(frozen=True)
class HeadReport:
    """How the model's input becomes integers.

    Attributes:
        form: 'quantizer' (a division and a rounding), 'thresholds', or 'integer' (declared: nothing to do).
        source: the model's nodes.
        levels: thresholds of each channel.
        descending: rows of thresholds that -x is compared with.
        decided_exactly: thresholds that needed rational arithmetic.
        function: what the thresholds were derived from.
        bipolar, view: as in ``SegmentReport``.
    """

    form: str
    source: tuple[str, ...] = ()
    levels: int = 0
    descending: int = 0
    decided_exactly: int = 0
    function: Function | None = None
    bipolar: bool = False
    view: np.ndarray | None = None

    def distance(self, x: np.ndarray, channel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of inputs ``x`` (float64 [K]) of each ``channel`` (int [K]): how far they lie from a rounding boundary.

        Returns:
            the distance, and what float32 arithmetic may be off by, in steps of the quantizer, float64 [K] each.
        """
        assert self.function is not None
        y, quantizer = self.function.ball(x, channel), self.function.quantizer
        if quantizer.bipolar:
            return np.abs(y.middle), y.radius * FLOAT32
        near = np.floor(y.middle).astype(np.int64) + np.arange(-1, 3)[:, None]
        boundaries = BOUNDARIES[quantizer.rounding](near)[0] / 2
        return np.abs(y.middle - boundaries).min(0), y.radius * FLOAT32

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return {k: v for k, v in vars(self).items() if k not in ("function", "view")}


@dataclass(frozen=True)
class IngestReport:
    """All segments of a model, in the graph's order.

    Attributes:
        model: file name.
        tie_distance: distances up to this many steps of a quantizer are listed as near ties, and wherever float32's own
            rounding may reach farther (wide outputs, large offsets), up to that.
        seconds: wall-clock time of the ingest (it varies from run to run).
        head: how the model's input becomes integers.
    """

    model: str
    tie_distance: float
    segments: tuple[SegmentReport, ...] = field(default=())
    seconds: float = 0.0
    head: HeadReport = field(default_factory=lambda: HeadReport("quantizer"))

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for ``report/ingest.json``; of each segment's near ties the ``LISTED`` nearest."""
        segments = []
        for segment in self.segments:
            nearest = sorted(segment.near_ties, key=lambda t: t.distance)[:LISTED]
            record = asdict(replace(segment, near_ties=tuple(nearest), view=None))
            del record["view"]
            segments.append({**record, "near_tie_count": len(segment.near_ties)})
        return {
            "model": self.model,
            "tie_distance": self.tie_distance,
            "seconds": round(self.seconds, 3),
            "near_tie_count": sum(len(s.near_ties) for s in self.segments),
            "head": self.head.to_json(),
            "segments": segments,
        }
