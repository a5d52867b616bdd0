"""The whole board top in simulation, its link to the host included: bytes in, bytes out."""

from __future__ import annotations

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.project import project
from codesign.build.step import Step
from codesign.build.steps.emit import RTL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.simulate import VERIFIED as RTL_VERIFIED
from codesign.build.steps.size_fifos import DESIGN
from codesign.graph import IntegerGraph
from hw.shell import shells

VERIFIED = "verification_output/board.json"
FRAMES = 3


def run(config: BuildConfig) -> None:
    """Send a few frames over the simulated link and compare what comes back."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    made = project(config)
    x = frames.frames(config, graph, FRAMES)
    words = x.reshape(FRAMES, made.input.words, made.input.stream.lanes)
    expected = graph.run(x)
    trip = shells()[config.target.io].simulate(made, words)
    found = trip.words.reshape(expected.shape)
    difference = verification.first_difference(expected, found)
    mismatches = int((expected != found).sum())
    verification.record(
        config.output_dir,
        "board",
        {
            "board_frames": FRAMES,
            "board_mismatches": mismatches,
            "board_cycles": trip.cycles,
            "board_registers": trip.registers,
            "board_first_difference": str(difference) if difference else None,
        },
    )
    verification.require_equal(f"The simulated top of {config.board}", difference, mismatches, expected.size)


STEP = Step(
    "board",
    "the whole board top, link included",
    run,
    needs=(GRAPH, DESIGN, RTL, RTL_VERIFIED),
    makes=(VERIFIED,),
    settings=("model", "inputs", "data", "seed", "board", "synth_clk_mhz"),
)
