"""What the ingest tells of a model that it took."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

LISTED = 1000


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
        form: 'requantize' or 'threshold', what the graph holds.
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
class IngestReport:
    """All segments of a model, in the graph's order.

    Attributes:
        model: file name.
        tie_distance: distances up to this many steps of a quantizer are listed as near ties, and wherever float32's own
            rounding may reach farther (wide outputs, large offsets), up to that.
        seconds: wall-clock time of the ingest (it varies from run to run).
    """

    model: str
    tie_distance: float
    segments: tuple[SegmentReport, ...] = field(default=())
    seconds: float = 0.0

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
            "segments": segments,
        }
