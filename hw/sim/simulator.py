"""Runs compiled RTL: integers in, integers and cycles out."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.errors import ToolFailed, UserError, VerificationFailed
from hw.design.loads import LOAD_PORT, LoadPackets
from hw.design.stream import Port
from hw.sim.build import Model, library
from hw.sim.words import pack, row_bytes, unpack

RawFrames = tuple[np.ndarray, np.ndarray]
"""Words of a stream, integers [n, lanes], and their ``last``, bool [n]."""


@dataclass(frozen=True)
class Stalls:
    """Random stalls, independent on every stream.

    Attributes:
        probability: that a stall starts in a cycle with none under way.
        burst: mean length of a stall in cycles, geometrically distributed.
        seed: of the random numbers, the probes' as well.
        inputs: stall the inputs (no valid).
        outputs: stall the outputs (no ready).
    """

    probability: float = 0.0
    burst: float = 1
    seed: int = 0
    inputs: bool = True
    outputs: bool = True


@dataclass(frozen=True, eq=False)
class SimulationResult:
    """What came out, and when. Cycle 0 is the first after reset.

    Attributes:
        outputs: per output, int64 [frames, words, lanes]; [words, lanes] from ``run_words``.
        last: per output, ``last`` as seen, bool [frames, words]; [words] from ``run_words``.
        taken: per input, the cycle in which each word moved, int64 [words moved].
        moved: per output, the cycle in which each word moved, int64 [words].
        offered: per input, the cycle from which each word was valid, int64 [words moved].
        ready: per output, whether it was ready in each cycle, uint8 [cycles].
        first_shown: cycle in which the first output was first valid.
        frame_cycles: per output, the cycle in which each frame's last word moved, int64 [frames]; from ``run_words``
            that of each word with ``last``.
        cycles: cycles until the last word had moved.
        seconds: wall-clock time of the run.
        flags: cycles in which each flag was high.
    """

    outputs: list[np.ndarray]
    last: list[np.ndarray]
    taken: list[np.ndarray]
    moved: list[np.ndarray]
    offered: list[np.ndarray]
    ready: list[np.ndarray]
    first_shown: int
    frame_cycles: list[np.ndarray]
    cycles: int
    seconds: float
    flags: dict[str, int]

    @property
    def first_taken(self) -> int:
        """Cycle in which the first input's first word moved."""
        return int(self.taken[0][0])

    @property
    def latency(self) -> int:
        """Cycles from the first word taken at the first input to the first word shown at the first output."""
        return self.first_shown - self.first_taken

    @property
    def interval(self) -> float:
        """Cycles from frame to frame at the first output, mean over the last half of the frames.

        Raises:
            UserError: with fewer than two frames.
        """
        ends = self.frame_cycles[0]
        if len(ends) < 2:
            raise UserError(f"An interval needs at least 2 simulated frames, not {len(ends)}.")
        ends = ends[(len(ends) - 1) // 2 :]
        span, count = int(ends[-1] - ends[0]), len(ends) - 1
        return span // count if span % count == 0 else span / count


class _Lane(ctypes.Structure):
    _fields_ = (
        ("words", ctypes.c_void_p),
        ("moved", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("position", ctypes.c_int64),
        ("first_valid", ctypes.c_int64),
        ("offered", ctypes.c_void_p),
        ("ready", ctypes.c_void_p),
        ("cycles", ctypes.c_int64),
    )


_COUNTERS = ("timeout", "drain", "cycles", "where", "total")


class _Request(ctypes.Structure):
    _fields_ = (
        ("inputs", ctypes.POINTER(_Lane)),
        ("outputs", ctypes.POINTER(_Lane)),
        ("flags", ctypes.c_void_p),
        *((name, ctypes.c_uint64) for name in ("input_stall", "output_stall", "stall_end", "probe", "seed")),
        *((name, ctypes.c_int64) for name in ("blocked", *_COUNTERS)),
    )


_DONE, _STUCK, _UNSTABLE, _COMBINATIONAL, _SURPLUS = range(5)


class _Side:
    """The buffers of one side's streams."""

    def __init__(self, ports: Sequence[Port], rows: Sequence[np.ndarray]) -> None:
        self.ports, self.rows = ports, rows
        self.moved = [np.empty(len(r), np.int64) for r in rows]
        self.offered = [np.empty(len(r), np.int64) for r in rows]
        self.lanes = (_Lane * max(1, len(rows)))(
            *(
                _Lane(r.ctypes.data, m.ctypes.data, len(r), 0, -1, o.ctypes.data)
                for r, m, o in zip(rows, self.moved, self.offered, strict=True)
            )
        )

    def times(self) -> list[np.ndarray]:
        return [moved[: lane.position] for moved, lane in zip(self.moved, self.lanes, strict=False)]

    def ready(self) -> list[np.ndarray]:
        lanes = self.lanes[: len(self.rows)]
        return [np.frombuffer(ctypes.string_at(lane.ready, lane.cycles), np.uint8) for lane in lanes]


class Simulator:
    """A compiled model. Each run starts with a reset; memories keep what they hold, as in hardware."""

    def __init__(self, model: Model, data: Path | None = None, load: LoadPackets | None = None) -> None:
        self.inputs, self.outputs, self.flags = model.inputs, model.outputs, model.flags
        self._load = load
        self.top = model.top
        self._library = ctypes.CDLL(str(library(model)))
        self._library.simulation_new.restype = ctypes.c_void_p
        self._library.simulation_message.restype = ctypes.c_char_p
        self._handle = ctypes.c_void_p(
            self._library.simulation_new(str(data or Path.cwd()).encode(), ctypes.c_uint64(1))
        )
        if not self._handle.value:
            raise ToolFailed(f"{self.top} could not start its simulation: {self._message()}.")

    def __del__(self) -> None:
        if getattr(self, "_handle", None) and self._handle.value:
            self._library.simulation_delete(self._handle)

    def run(
        self,
        inputs: Sequence[np.ndarray],
        *,
        frames: int | None = None,
        stalls: Stalls | None = None,
        timeout: int = 100_000,
        probe: float = 0.0,
        blocked: int = 0,
        drain: int = 0,
        load: LoadPackets | None = None,
    ) -> SimulationResult:
        """Run whole frames until every output's frames are complete; a weight-load port gets what they need.

        Args:
            inputs: per input but the weight-load port, integers [frames, words, lanes].
            frames: number of frames, needed only where there is no input.
            stalls: random stalls; none by default.
            timeout: cycles without any word moving after which the run fails.
            probe: probability that in a cycle all inputs are changed with the clock held, which must change no output.
            blocked: cycles from the start in which no output is ready.
            drain: cycles run after the last expected word, in which no further word may move.
            load: what goes into the weight-load port in this run, where it is not what the simulator was made with.

        Raises:
            UserError: where an input's shape isn't that of its port.
            VerificationFailed: where no word moves, one too many does, data changes while it waits, or a probe is seen.
        """
        ports = self.inputs[: len(self.inputs) - bool(self._load)]
        for port, words in zip(ports, inputs, strict=True):
            expected = (len(inputs[0]), port.words, port.stream.lanes)
            if words.shape != expected:
                raise UserError(f"{self.top} input {port.name} must have shape {expected}, not {words.shape}.")
        count = len(inputs[0]) if inputs else frames or 0
        ends = [np.tile(np.arange(port.words) == port.words - 1, count) for port in ports]
        raw = [(w.reshape(-1, w.shape[-1]), e) for w, e in zip(inputs, ends, strict=True)]
        if self._load:
            raw.append((load or self._load).sequence(count))
        lengths = [count * port.words for port in self.outputs]
        result = self.run_words(raw, lengths, stalls=stalls, timeout=timeout, probe=probe, blocked=blocked, drain=drain)
        shapes = [(count, port.words) for port in self.outputs]
        return SimulationResult(
            outputs=[o.reshape(*s, o.shape[-1]) for o, s in zip(result.outputs, shapes, strict=True)],
            last=[seen.reshape(s) for seen, s in zip(result.last, shapes, strict=True)],
            taken=result.taken,
            moved=result.moved,
            offered=result.offered,
            ready=result.ready,
            first_shown=result.first_shown,
            frame_cycles=[m.reshape(s)[:, -1] for m, s in zip(result.moved, shapes, strict=True)],
            cycles=result.cycles,
            seconds=result.seconds,
            flags=result.flags,
        )

    def run_words(
        self,
        inputs: Sequence[RawFrames],
        expected_words: Sequence[int],
        *,
        stalls: Stalls | None = None,
        timeout: int = 100_000,
        probe: float = 0.0,
        blocked: int = 0,
        drain: int = 0,
    ) -> SimulationResult:
        """Run words with any ``last``, until each output has given ``expected_words``; else as ``run``."""
        stalls = stalls or Stalls()
        given = _Side(self.inputs, [pack(p.stream, *raw) for p, raw in zip(self.inputs, inputs, strict=True)])
        rows = [np.zeros((n, row_bytes(p.stream)), np.uint8) for p, n in zip(self.outputs, expected_words, strict=True)]
        made = _Side(self.outputs, rows)
        flags = np.zeros(max(1, len(self.flags)), np.int64)
        request = _Request(
            inputs=given.lanes,
            outputs=made.lanes,
            flags=flags.ctypes.data,
            input_stall=_chance(stalls.probability * stalls.inputs),
            output_stall=_chance(stalls.probability * stalls.outputs),
            stall_end=_chance(1 / stalls.burst),
            probe=_chance(probe),
            seed=stalls.seed + 1,
            blocked=blocked,
            timeout=timeout,
            drain=drain,
        )
        start = time.perf_counter()
        outcome = self._library.simulation_run(self._handle, ctypes.byref(request))
        seconds = time.perf_counter() - start
        if outcome != _DONE:
            raise self._failure(outcome, request, made)
        outputs = [unpack(port.stream, rows) for port, rows in zip(self.outputs, made.rows, strict=True)]
        return SimulationResult(
            outputs=[words for words, _ in outputs],
            last=[last for _, last in outputs],
            taken=given.times(),
            moved=made.times(),
            offered=[cycles[: lane.position] for cycles, lane in zip(given.offered, given.lanes, strict=False)],
            ready=made.ready(),
            first_shown=made.lanes[0].first_valid,
            frame_cycles=[moved[last] for moved, (_, last) in zip(made.moved, outputs, strict=True)],
            cycles=request.cycles,
            seconds=seconds,
            flags=dict(zip(self.flags, flags.tolist(), strict=False)),
        )

    def _failure(self, outcome: int, request: _Request, made: _Side) -> Exception:
        if outcome < 0:
            return ToolFailed(f"{self.top} stopped its simulation: {self._message()}.")
        port = self.outputs[request.where]
        lane = made.lanes[request.where]
        frame, word = divmod(lane.position, port.words)
        place = f"{self.top} output {port.name}[{request.where}], frame {frame}, word {word}, cycle {request.total}"
        return VerificationFailed(
            {
                _STUCK: f"{place}: no word moved for {request.timeout} cycles.",
                _UNSTABLE: f"{place}: data or valid changed while valid was high and ready low.",
                _COMBINATIONAL: f"{self.top}, cycle {request.total}: an input changed an output within the cycle.",
                _SURPLUS: f"{place}: a word more than expected.",
            }[outcome]
        )

    def _message(self) -> str:
        return str(self._library.simulation_message().decode())


def _chance(probability: float) -> int:
    return round(min(max(probability, 0.0), 1.0) * 2**32)


def compile_simulator(
    top: str,
    sources: Sequence[Path],
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    *,
    parameters: Mapping[str, int | str] | None = None,
    data: Path | None = None,
    flags: Sequence[str] = (),
    optimise: bool = True,
    behavioural: bool | None = None,
    load: LoadPackets | None = None,
) -> Simulator:
    """Return a simulator of a module with ``clk``, ``rst_n`` and streams; compiled once, then found in the cache.

    Args:
        top: name of the top module.
        sources: its files.
        inputs: streams that it reads.
        outputs: streams that it writes.
        parameters: of the top module.
        data: folder that the names of memory files are relative to.
        flags: one-bit outputs whose high cycles are counted.
        optimise: compile for speed; False compiles faster, for short runs and gate-level netlists.
        behavioural: simulate kernels in their behavioural form, where they have one; by default with ``optimise``.
        load: of a design with a weight-load port, what goes in there: the last of the inputs, beside ``inputs``.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where Verilator refuses the sources, or a memory file is missing.
    """
    paths = tuple(Path(source).resolve() for source in sources)
    model = Model(
        top,
        paths,
        (*inputs, *([LOAD_PORT] if load else [])),
        tuple(outputs),
        dict(parameters or {}),
        tuple(flags),
        optimise,
        optimise if behavioural is None else behavioural,
    )
    return Simulator(model, data, load)
