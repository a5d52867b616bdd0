"""The graph held against the network it came from: exactly in float64, and in float32 but for the listed near ties.

Every quantizer is compared by itself: what it made of the other run's own integers. A difference therefore counts
once, where it arises, and not again in all that follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import VerificationFailed
from codesign.graph import Conv, IntegerGraph, MatMul, Requantize, Threshold
from codesign.ingest import HeadReport, IngestReport, SegmentReport, float32, float64, ingest
from codesign.ingest.boundary import integer_input

FLOAT32_ERROR = 2.0**-22
ARBITRATED = 1e-9
"""float64 may fall the wrong way within so many steps of a boundary; there the compiler decided in rationals."""

Records = dict[str, SegmentReport | HeadReport]


@dataclass
class Comparison:
    """Counts over all quantizer outputs of all frames.

    Attributes:
        outputs: quantizer outputs compared (the input's quantizer included), in each of the two comparisons.
        float64_differences: those that differ from the float64 run, not counting ``float64_ties``.
        float64_ties: those that differ within ``ARBITRATED`` of a listed tie, where rational arithmetic decided.
        float32_differences: those that differ from the float32 run; of these
        explained: lie on a near tie that was listed when the graph was compiled, or are what the quantizer makes of a
            sum no farther off than float32 may round it, and
        unexplained: do not.
        output_error: largest difference of the final floats from the float64 run, relative to the largest output.
        near_ties: runs of accumulators that were listed at compile time.
        first: the first float64 or unexplained float32 difference, in words.
    """

    frames: int = 0
    outputs: int = 0
    float64_differences: int = 0
    float64_ties: int = 0
    float32_differences: int = 0
    explained: int = 0
    unexplained: int = 0
    output_error: float = 0.0
    near_ties: int = 0
    first: str = ""

    @property
    def exact(self) -> bool:
        """No difference but on listed near ties."""
        return not self.float64_differences and not self.unexplained

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; ``frames`` is called ``float_frames``, for it is kept beside the RTL's figures."""
        return {"float_frames" if k == "frames" else k: v for k, v in asdict(self).items()}

    def check(self) -> None:
        """Raise VerificationFailed unless ``exact``."""
        if not self.exact:
            count = self.float64_differences + self.unexplained
            raise VerificationFailed(f"{count} of {self.outputs} quantizer outputs differ; first: {self.first}")


def float64_run(path: Path, x: np.ndarray) -> dict[str, np.ndarray]:
    """Every quantizer's integers (int64, the model's layout) for the frames ``x`` [N, ...], executed in float64."""
    return float64.Network(path).run(x)[0]


def compare(graph: IntegerGraph, path: Path, x: np.ndarray, report: IngestReport | None = None) -> Comparison:
    """Hold ``graph`` against the model at ``path`` on the frames ``x`` (float32 [N, *model_shape]).

    Args:
        report: the graph's own; made anew where None.
    """
    declared = integer_input.name_of(graph.head.low, graph.head.high) if graph.head.integer else None
    report = report or ingest(path, graph.name, input_type=declared)[1]
    records = _records(graph, report)
    wide, narrow = float64.Network(path), float32.Network(path)
    result = Comparison(near_ties=sum(len(s.near_ties) for s in report.segments))
    step = int(np.clip(2**18 // max(x[0].size, 1), 1, 64))
    for start in range(0, len(x), step):
        part = x[start : start + step]
        integers, output = wide.run(part)
        for name, wrong, values, _ in _differences(graph, records, part, integers):
            result.outputs += values.size
            ties = _on_tie(graph, report, name, wrong, values, ARBITRATED, ARBITRATED)
            result.float64_ties += int(ties.sum())
            result.float64_differences += int((~ties).sum())
            _note(result, start, name, wrong, ~ties, "float64")
        for name, wrong, values, all_values in _differences(graph, records, part, narrow.run(part)[0]):
            ties = _on_tie(graph, report, name, wrong, values, report.tie_distance, np.inf)
            ties |= _rounded(graph, name, wrong, all_values)
            result.float32_differences += len(ties)
            result.explained += int(ties.sum())
            result.unexplained += int((~ties).sum())
            _note(result, start, name, wrong, ~ties, "float32")
        error = np.abs(graph.infer(part) - output).max() / max(np.abs(output).max(), 1e-300)
        result.output_error = max(result.output_error, float(error))
        result.frames += len(part)
    return result


def at_near_ties(graph: IntegerGraph, network: float32.Network, x: np.ndarray, report: IngestReport) -> np.ndarray:
    """Return, bool [N], in which of the frames float32 decides otherwise than ``graph``, on listed near ties only.

    Args:
        network: the model that the graph is of.
        x: float32 [N, *model_shape].
        report: of the graph's ingest.
    """
    found, unlisted = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for name, wrong, values, all_values in _differences(graph, _records(graph, report), x, network.run(x)[0]):
        ties = _on_tie(graph, report, name, wrong, values, report.tie_distance, np.inf)
        ties |= _rounded(graph, name, wrong, all_values)
        found[wrong[ties, 0]] = True
        unlisted[wrong[~ties, 0]] = True
    return found & ~unlisted


def _records(graph: IntegerGraph, report: IngestReport) -> Records:
    return {s.output: s for s in report.segments} | {graph.input: report.head}


def _differences(
    graph: IntegerGraph, records: Records, x: np.ndarray, other: dict[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray, np.ndarray, dict[str, np.ndarray]]]:
    """For each quantizer: (tensor, indices of differences [K, axes], what it read, all integers so far).

    What it read is integers, the floats at the head.

    Each operator reads the other run's integers, not ours. A frame in which one of those lies outside what the graph's
    tensor can hold (a difference, and counted as one) is not compared from there on: the graph is not defined on it.
    """
    values: dict[str, np.ndarray] = {}
    gone = np.zeros(len(x), bool)
    head = np.transpose(np.asarray(x, np.float64), (0, *(a + 1 for a in graph.head.axes)))
    for name, read in [(graph.input, None), *((op.output, op) for op in graph.operators)]:
        made = graph.head.run(x) if read is None else read.run(*(values[i] for i in read.inputs))
        values[name] = made
        if name in other:
            record = records.get(name)
            theirs, tensor = _as_held(other[name], made, record), graph.tensors[name]
            values[name] = np.clip(theirs, tensor.low, tensor.high)
            wrong = np.argwhere((made != theirs) & ~gone.reshape(-1, *[1] * (made.ndim - 1)))
            gone |= (values[name] != theirs).reshape(len(x), -1).any(1)
            reads = record.input if isinstance(record, SegmentReport) else "" if read is None else read.inputs[0]
            source = head if read is None else values[reads]
            yield name, wrong, source, values


def _as_held(theirs: np.ndarray, made: np.ndarray, record: SegmentReport | HeadReport | None) -> np.ndarray:
    """The model's integers as the graph holds them; where data movement behind a quantizer drops some, ours stay."""
    if record is not None and record.bipolar:
        theirs = (theirs + 1) // 2
    if record is None or record.view is None:
        return np.moveaxis(theirs, 1, -1).reshape(made.shape)
    held = made.reshape(len(made), -1).copy()
    held[:, record.view.reshape(-1)] = theirs.reshape(len(made), -1)
    return held.reshape(made.shape)


def _on_tie(
    graph: IntegerGraph,
    report: IngestReport,
    name: str,
    wrong: np.ndarray,
    values: np.ndarray,
    at_head: float,
    listed_within: float,
) -> np.ndarray:
    """bool [K]: whether each difference lies on a near tie.

    That is within ``at_head`` of a boundary at the head, and elsewhere on a listed tie no farther than
    ``listed_within``.
    """
    read, channel = values[tuple(wrong.T)], wrong[:, -1]
    if name == graph.input and graph.head.thresholds is not None:
        distance, error = report.head.distance(read.astype(np.float32).astype(np.float64), channel)
        return np.asarray(distance <= np.maximum(at_head, error * (at_head > ARBITRATED)))
    if name == graph.input:
        y = read / np.broadcast_to(graph.head.scale, values.shape[-1:])[channel]
        # Rounding to nearest turns halfway between integers, the other modes at integers.
        offset = 0.5 if graph.head.rounding == "HALF_EVEN" else 0.0
        return np.abs(y - offset - np.rint(y - offset)) <= np.maximum(
            at_head, np.abs(y) * FLOAT32_ERROR * (at_head > ARBITRATED)
        )
    listed = next(s for s in report.segments if s.output == name).near_ties
    ties = sorted((t.channel, t.first, t.last) for t in listed if t.distance <= listed_within)
    if not ties or not len(wrong):
        return np.zeros(len(wrong), bool)
    # Channel and accumulator as one number; runs may overlap, so the farthest end so far counts.
    channels, first, last = np.array(ties, np.int64).T
    ends = np.maximum.accumulate((channels << 40) + last)
    key = (channel << 40) + read
    before = np.searchsorted((channels << 40) + first, key, "right")
    return (before > 0) & (ends[before - 1] >= key)


def _rounded(graph: IntegerGraph, name: str, wrong: np.ndarray, values: dict[str, np.ndarray]) -> np.ndarray:
    """bool [K]: whether the quantizer ``name`` makes the other run's integers of sums that float32 may have rounded to.

    A sum of n products is off by (n + 2) * 2**-24 of the sum of their magnitudes at most, whatever its order (Higham,
    Accuracy and Stability of Numerical Algorithms, 2nd ed., 3.1; the two more are the factors' own rounding).
    """
    quantizer = graph.maker(name)
    layer = graph.maker(quantizer.inputs[0]) if isinstance(quantizer, Requantize | Threshold) else None
    if quantizer is None or not isinstance(layer, Conv | MatMul) or not len(wrong):
        return np.zeros(len(wrong), bool)
    frames, place = np.unique(wrong[:, 0], return_inverse=True)
    magnitudes = replace(layer, weights=np.abs(layer.weights)).run(np.abs(values[layer.inputs[0]][frames]))
    index = tuple(wrong.T)
    error = np.floor((layer.weights[0].size + 2) * 2.0**-24 * magnitudes[(place, *index[1:])]).astype(np.int64)
    sums = np.zeros((2, len(wrong), magnitudes.shape[-1]), np.int64)
    sums[:, np.arange(len(wrong)), index[-1]] = values[layer.output][index] + error * [[-1], [1]]
    ends = np.sort(quantizer.run(sums)[:, np.arange(len(wrong)), index[-1]], axis=0)  # it rises or falls all the way
    return (ends[0] <= values[name][index]) & (values[name][index] <= ends[1])


def _note(result: Comparison, start: int, name: str, wrong: np.ndarray, bad: np.ndarray, run: str) -> None:
    if bad.any() and not result.first:
        frame, *index = wrong[bad][0].tolist()
        result.first = f"{name} at {tuple(index)} of frame {start + frame}, against the {run} run"
