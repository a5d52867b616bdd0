"""The hardware of the untrained network by the cycle and resource models: milliseconds, before anything is trained."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from codesign.build.steps.fold import target_interval
from codesign.errors import UserError
from codesign.imports import code_of
from codesign.sweep.cache import contents
from codesign.sweep.context import Context
from codesign.sweep.judge import FAST, FITS, hardware
from codesign.sweep.stages.stage import MODEL, Outcome
from codesign.sweep.study import Study

LEEWAY = {
    **dict.fromkeys(("lut", "ff", "bram", "dsp", "uram", "share", "energy_uj", "weight_kbit"), 0.10),
    "latency_us": 0.05,
}
"""Share by which an untrained network may miss a limit and go on: sizes change a little with the weights, and the
latency with FIFOs, which have no sizes yet."""


class Estimate:
    """Stops what no training makes fit or fast."""

    name = "estimate"

    def run(self, context: Context) -> Outcome:
        """Return the hardware's figures."""
        designs, point = context.designs, context.point
        network = designs.network(point)
        lowered = designs.lowered(point, designs.graph(network))
        config = designs.config(point, network)

        def make() -> list[Any]:
            judge, board = designs.judge(point, lowered), config.target
            try:
                interval = target_interval(config)
            except UserError as error:  # less than a cycle a frame
                return [{}, {FAST: 1.0}, str(error), ""]
            judged = judge.at(interval, str(point["form"]), judge.left(board))
            figures, missed = hardware(judge, board, config.clock_mhz, judged)
            left = asdict(judge.left(board))
            scarcest = max(left, key=lambda kind: figures[kind] / max(left[kind], 1))
            return [figures, missed, judged.why, scarcest]

        asked = [config.target, config.synth_clk_mhz, config.target_fps, point["form"]]
        code = code_of("codesign.sweep.judge", "codesign.build.config", own=__name__)
        found, missed, why, scarcest = context.cache.value("estimate", [contents(lowered.parent), *asked, code], make)
        figures = {name: float(value) for name, value in found.items()}
        reasons = [*hopeless(context.study, figures), *([why.rstrip(".")] if FAST in missed else [])]
        if FITS in missed:
            reasons.insert(0, f"it takes {100 * figures['share']:.4g} % of the {scarcest.upper()} of {config.board}")
        stopped = f"Untrained: {'; '.join(reasons)}." if reasons else ""
        return Outcome(figures, MODEL, described(figures), stopped, missed)


def hopeless(study: Study, figures: dict[str, float]) -> list[str]:
    """Return the constraints that the figures of an untrained network miss for good."""
    known = [c for c in study.constraints if c.figure in figures]
    return [
        f"{c} is missed with {figures[c.figure]:,.6g}"
        for c in known
        if c.violation(figures[c.figure]) > LEEWAY.get(c.figure, 0)
    ]


def described(figures: dict[str, float]) -> str:
    """Return the hardware in a few words."""
    if not figures:
        return "no design"
    return f"{figures['fps']:,.0f} frames/s, {figures['lut']:,.0f} LUT, {100 * figures['share']:.0f} % of the board"
