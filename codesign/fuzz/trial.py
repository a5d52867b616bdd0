"""One network through the whole path: what comes of it."""

from __future__ import annotations

import re
import tempfile
import traceback
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import onnx

import boards
from codesign.errors import CodesignError, Refused, VerificationFailed
from codesign.fuzz.recipe import Recipe
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from codesign.ingest.file.cleanup import clean
from codesign.ingest.verify import compare
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import Part, fold_for_interval
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of
from hw.kernels.kernel import Resources
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator

STOPS = ("ingest", "hls4ml", "lower", "simulate")
"""``hls4ml`` is that back end's C simulation and leads no further; the others lie on one path."""
PARTS = (
    Part("ecp5", Resources(lut=83_640, ff=83_640, bram=208, dsp=156)),
    Part("xc7", Resources(lut=53_200, ff=106_400, bram=280, dsp=220)),
    Part("xcup", Resources(lut=230_400, ff=460_800, bram=624, dsp=1_728)),
)
"""What the networks are folded for in turn: kernels differ in form from family to family."""
HLS = (
    (Settings(), "zcu104"),
    (Settings(strategy="latency"), "pynq_z2"),
    (Settings(), "pynq_z2"),
    (Settings(io_type="io_parallel"), "zcu104"),
    (Settings(io_type="io_parallel", strategy="latency"), "zcu104"),
)
"""hls4ml's settings and boards in turn."""
FLOAT_FRAMES, FRAMES = 24, 12
REASON = re.compile(r"  - .+: .+\. Remedy: .+\.")
CONTRADICTORY = re.compile(r"does not hold together|Remedy: export (the model again|a consistent model)\.")
"""Said of models that contradict themselves, which no network made here does."""


class Verdict(StrEnum):
    """What came of a network."""

    PASSED = "passed"
    REFUSED = "refused"
    MISMATCH = "mismatch"
    STUCK = "deadlock"
    CRASHED = "traceback"


@dataclass(frozen=True)
class Outcome:
    """The verdict, the step in which it fell, and what was said."""

    verdict: Verdict
    step: str = ""
    message: str = ""

    @property
    def failed(self) -> bool:
        return self.verdict not in (Verdict.PASSED, Verdict.REFUSED)

    def like(self, other: Outcome) -> bool:
        """Whether this is the same failure, as far as shrinking is concerned."""
        return self._signature() == other._signature()

    def _signature(self) -> tuple[str, ...]:
        """What does not change with the network: the step, the exception and the place where it was raised."""
        places = re.findall(r'File "[^"]+", line \d+', self.message)[-1:]
        lines = self.message.strip().splitlines() or [""]
        said = lines[-1] if places else lines[0]
        return (self.verdict, self.step, *places, " ".join(re.findall(r"[A-Za-z]{4,}", said)[:5]))


class _Wrong(Exception):
    """Two things differ that must be equal."""


def run(recipe: Recipe, stop: str = "simulate") -> Outcome:
    """Take the network through the path up to the step ``stop``, one of ``STOPS``."""
    step = "ingest"
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            graph = _ingest(recipe, folder)
            if recipe.illegal:
                return Outcome(Verdict.MISMATCH, step, "a network that has no exact form was taken")
            if stop == "ingest":
                return Outcome(Verdict.PASSED)
            if stop == "hls4ml":
                step = stop
                _hls4ml(recipe, graph, folder / "hls")
                return Outcome(Verdict.PASSED)
            step = "lower"
            designs = _designs(recipe, graph)
            if stop == "lower":
                return Outcome(Verdict.PASSED)
            step = "simulate"
            _simulate(recipe, graph, designs, folder / "rtl")
    except Refused as refusal:
        return _judged(str(refusal), step)
    except _Wrong as wrong:
        return Outcome(Verdict.MISMATCH, step, str(wrong))
    except VerificationFailed as failure:  # of RTL it is a deadlock; hls4ml has none here
        return Outcome(Verdict.MISMATCH if step == "hls4ml" else Verdict.STUCK, step, str(failure))
    except CodesignError as error:
        return Outcome(Verdict.CRASHED, step, f"{type(error).__name__}: {error}")
    except Exception:
        return Outcome(Verdict.CRASHED, step, traceback.format_exc())
    return Outcome(Verdict.PASSED)


def _judged(message: str, step: str) -> Outcome:
    """A refusal counts as one only where each reason has its node and its remedy."""
    reasons = message.splitlines()[1:]
    if CONTRADICTORY.search(message):
        return Outcome(Verdict.CRASHED, step, f"A valid network is called contradictory: {message}")
    if reasons and all(REASON.fullmatch(line) for line in reasons):
        return Outcome(Verdict.REFUSED, step, message)
    return Outcome(Verdict.CRASHED, step, f"A refusal without node, reason and remedy: {message}")


def _ingest(recipe: Recipe, folder: Path) -> IntegerGraph:
    net, output = recipe.build()
    path = folder / "model.onnx"
    onnx.save(clean(net.model(output)), str(path))
    graph, report = ingest(path, "fuzz", input_type=recipe.input_type or None)
    comparison = compare(graph, path, recipe.frames(FLOAT_FRAMES), report)
    if not comparison.exact:
        raise _Wrong(comparison.first)
    if comparison.output_error > 1e-9 and not comparison.float64_ties:  # where float64 rounds another way
        raise _Wrong(f"the output's floats differ from the float64 run by {comparison.output_error:.3g}, relatively")
    return graph


def _frames(recipe: Recipe, graph: IntegerGraph, count: int) -> np.ndarray:
    tensor = graph.tensors[graph.input]
    rng = np.random.default_rng(recipe.seed + 1)
    return rng.integers(tensor.low, tensor.high, (count, *tensor.shape), np.int64, endpoint=True)


def _designs(recipe: Recipe, graph: IntegerGraph) -> Design:
    part = PARTS[recipe.seed % len(PARTS)]
    lowered = lower(graph, part.family)
    x = _frames(recipe, graph, 3)
    expected = graph.run(x)
    _equal("the unfolded kernels' references", expected, lowered.run(_words(lowered, x)))
    best = lowered.interval
    for speed in range(recipe.speed, 0, -1):  # as fast as it gets, if not as fast as asked
        try:
            folding = fold_for_interval(lowered, -(-best // speed), part)
            break
        except CodesignError:
            continue
    design, _ = size_fifos(fold(lowered, folding))
    _equal("the folded kernels' references", expected, design.run(_words(design, x)))
    return design


def _simulate(recipe: Recipe, graph: IntegerGraph, design: Design, folder: Path) -> None:
    sources = emit(design, folder)
    ends, load = ([design.input], [design.output]), design.load_packets()
    simulator = compile_simulator(TOP, sources, *ends, data=folder, flags=[ERROR_FLAG], optimise=False, load=load)
    x = _frames(recipe, graph, FRAMES)
    expected, words = graph.run(x), [_words(design, x)]
    free = simulator.run(words)
    _equal("RTL without stalls", expected, free.outputs[0])
    if not design.interval <= free.interval <= 1.01 * design.interval + 1:
        raise _Wrong(f"{free.interval} cycles a frame, predicted {design.interval}")
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.02, 200)]):
        result = simulator.run(words, stalls=Stalls(probability, burst, recipe.seed + seed))
        _equal(f"RTL with stalls ({probability}, {burst})", expected, result.outputs[0])
        if any(result.flags.values()):
            raise _Wrong(f"flags {result.flags} raised by whole frames")


def _hls4ml(recipe: Recipe, graph: IntegerGraph, folder: Path) -> None:
    settings, board = HLS[recipe.seed % len(HLS)]
    prepare(graph, settings, target_of(boards.get(board), 100.0), folder)
    x = _frames(recipe, graph, FRAMES)
    _equal("hls4ml's C simulation", graph.run(x), simulate(graph, folder, folder / "csim", x))


def _words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


def _equal(what: str, expected: np.ndarray, found: np.ndarray) -> None:
    found = found.reshape(expected.shape)
    wrong = np.argwhere(expected != found)
    if len(wrong):
        first = tuple(int(i) for i in wrong[0])
        raise _Wrong(f"{what}: {len(wrong)} of {expected.size} integers differ, the first at {first}: "
                     f"expected {expected[first]}, found {found[first]}")  # fmt: skip
