"""FIFOs: how long the search takes, the bits that it spends against a rule of thumb, the model against the RTL.

The rule is FINN's ``InsertFIFO`` with ``create_shallow_fifos``, whose depths are 2 on every stream, and what its users
add where branches join, because 2 words would stop the design there: a frame's words in front of every input of a join.
It is applied to the streams of our design before FIFOs are put in, at the same folding and rate. (FINN-plus 1.6 has no
other depths without simulation: its FIFO sizing runs the RTL.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from codesign.graph.examples import plain_2d, residual_1d
from codesign.ingest import ingest
from codesign.mapping.fifos import smallest_depths, with_fifos
from codesign.mapping.folding import fold, fold_for_interval
from codesign.mapping.forms import choose_forms
from hw.design.design import Design
from hw.design.simulate import simulate
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.lowering import lower
from hw.tokens.design import DesignTokens
from hw.tokens.design import run as run_tokens
from tests import zoo
from tests.bench.figures import Figure
from tests.bench.folding import deep

FOLDER = Path("build/bench/fifos")
FAMILY = "xc7"
LARGE = {"cnv_2w2a": 33_333, "skel2d": 20_000, "shuffle": 20_000}
"""Networks of the zoo, and the cycles a frame that they are folded for."""
SECONDS, SHARE, LATENCY = 60.0, 0.5, 2.0
"""Bars: of a search; of the rule's bits; error of the latency in percent."""
SHALLOW = 2
"""FINN's default depth."""


def measure() -> Iterator[Figure]:
    """Size the FIFOs of a residual network of 20 layers and of the zoo's, and simulate what is small."""
    lowered = deep()
    folded = fold(lowered, fold_for_interval(lowered, lowered.interval // 60))
    yield from _sized("residual network of 20 layers", folded)
    for name, interval in LARGE.items():
        graph, _ = ingest(zoo.exported(name, FOLDER / name), name)
        lowered = lower(graph, FAMILY)
        yield from _sized(name, fold(lowered, fold_for_interval(lowered, interval)))
    for make in (residual_1d, plain_2d):
        graph, _ = make()
        yield from _foretold(graph.name, lower(graph, FAMILY))
    graph, _ = ingest(zoo.exported("gate", FOLDER / "gate"), "gate")
    lowered = lower(graph, FAMILY)
    yield from _foretold("gate", fold(lowered, fold_for_interval(lowered, 5_000)))


def _sized(name: str, design: Design) -> Iterator[Figure]:
    design = choose_forms(design, FAMILY)
    begun = monotonic()
    depths = smallest_depths(DesignTokens(design), {})
    seconds = monotonic() - begun
    sized, _ = with_fifos(design, depths)
    begun = monotonic()
    found = run_tokens(sized)
    yield Figure(f"{name}, search", round(seconds, 1), "s", "measured", at_most=SECONDS)
    yield Figure(f"{name}, one run of the model", round(monotonic() - begun, 2), "s", "measured")
    yield Figure(f"{name}, FIFOs", len(depths), "", "model")
    yield Figure(f"{name}, FIFO bits", bits(sized), "bit", "model")
    yield Figure(f"{name}, share of the rule's bits", round(bits(sized) / rule(design), 3), "", "model", at_most=SHARE)
    interval, slowest = float(found.interval or 0), design.interval
    yield Figure(f"{name}, interval beyond the slowest kernel's", interval - slowest, "cycles", "model", at_most=0)


def _foretold(name: str, design: Design) -> Iterator[Figure]:
    sized, _ = with_fifos(design, smallest_depths(DesignTokens(design), {}))
    found, measured = run_tokens(sized), simulate(sized)
    first = int(measured.frame_cycles[0][0]) - measured.first_taken
    error = abs(found.first_frame - first) / first * 100
    yield Figure(f"{name}, interval", measured.interval, "cycles", "measured (RTL)", at_most=design.interval)
    wrong = abs(float(found.interval or 0) - measured.interval)
    yield Figure(f"{name}, interval foretold wrong by", wrong, "cycles", "measured (RTL)", at_most=0)
    yield Figure(f"{name}, latency foretold wrong by", round(error, 3), "%", "measured (RTL)", at_most=LATENCY)


def bits(design: Design) -> int:
    """What the design's FIFOs hold, with what ``StreamFifo`` rounds up to."""
    fifos = [kernel for kernel in design.kernels.values() if isinstance(kernel, StreamFifo)]
    return sum(fifo.capacity * fifo.stream.word_bits for fifo in fifos)


def rule(design: Design) -> int:
    """What the rule's FIFOs would hold."""
    total = 0
    for target in design.edges:
        port = design.target_port(target)
        join = target.instance and len(design.kernels[target.instance].inputs) > 1
        total += (port.words if join else SHALLOW) * port.stream.word_bits
    return total
