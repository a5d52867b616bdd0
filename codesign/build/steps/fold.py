"""PE, SIMD and form of every kernel: from a file, or by search for the target rate or for the part."""

from __future__ import annotations

import logging
from dataclasses import replace

from codesign.build.budget import check_budget, check_lacking, part_of, rate_for
from codesign.build.config import BuildConfig
from codesign.build.lowering import placement
from codesign.build.step import NOTE, Step
from codesign.build.steps.lower import DESIGN as LOWERED
from codesign.errors import UserError
from codesign.files import write_json
from codesign.graph import IntegerGraph
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding.file import read_folding, write_folding
from codesign.mapping.folding.report import describe, describe_design, lines
from codesign.mapping.folding.search import Found, Search
from codesign.mapping.forms import choose_forms
from hw.design.design import Design
from hw.kernels.kernel import Resources
from hw.lowering import fold, lower

DESIGN = "design/folded"
FOLDING = "auto_folding_config.json"
REPORT = "report/folding.json"
ROUNDS = 3
"""Searches, at most, of which those behind the first leave room for the FIFOs of the one before."""
log = logging.getLogger("codesign")


def run(config: BuildConfig) -> None:
    """Write the folded Design, its folding and what it uses."""
    lowered = Design.load(config.output_dir / LOWERED)
    if config.folding_config_file is not None:
        folding = read_folding(config.folding_config_file, lowered)
        folded = choose_forms(fold(lowered, folding), config.target.family)
        check_lacking(config, folded)
        check_budget(config, lowered, folded)
        report = describe_design(folded, part_of(config), config.clock_mhz)
    else:
        search = Search(lowered, part_of(config))
        found = searched(config, search)
        folding, folded = found.folding, found.design
        check_port(config, folded)
        report = describe(search, found, config.clock_mhz)
    for line in lines(report):
        log.log(NOTE, "folding: %s", line)
    write_json(config.output_dir / REPORT, report)
    write_folding(config.output_dir / FOLDING, folding)
    folded.save(config.output_dir / DESIGN)


def folded_design(graph: IntegerGraph, config: BuildConfig) -> Design:
    """Return the Design of ``graph`` that the search finds; nothing is written.

    Raises:
        UserError: as ``searched``.
    """
    placed = placement(config, graph)
    lowered = lower(placed.graph, config.target.family, placed.streamed)
    design = searched(config, Search(lowered, part_of(config))).design
    check_port(config, design)
    return design


def searched(config: BuildConfig, search: Search) -> Found:
    """Return the smallest design at the target rate, or with ``max_resources`` alone the fastest that fits.

    What FIFOs take is known when there is a design: where they do not fit beside it, the search leaves them room.

    Raises:
        UserError: none is fast enough, or none fits; it says what the best is.
    """
    part, reached = search.part, 0
    for _ in range(ROUNDS):
        found = _searched(config, search, reached)
        reached = found.design.interval
        if not part.excess(found.used + found.used):
            return found  # half of it is free
        sized, _ = size_fifos(found.design)
        fifos = [name for name in sized.kernels if name not in found.design.kernels]
        beside = sum((sized.kernels[name].resources(part.family) for name in fifos), Resources())
        if not part.excess(found.used + beside):
            return found
        log.info("folding: %d FIFOs do not fit beside %s: searching with room for them", len(fifos), found.used)
        search.part = part
        search.reserve(beside)
    return found


def _searched(config: BuildConfig, search: Search, reached: int) -> Found:
    if config.max_resources is not None and config.target_fps is None:
        found = search.fastest(reached)  # with less room nothing is faster than before
        if found is None:
            raise UserError(search.too_large())
        return found
    interval = target_interval(config)
    found = _smallest(search, interval)
    if found is None:
        asked = f"--target-fps {config.target_fps or config.target.target_fps:g}"
        raise UserError(search.sentence(interval, asked, lambda cycles: f"--target-fps {rate_for(config, cycles)}"))
    return found


def check_port(config: BuildConfig, folded: Design) -> None:
    """Raise UserError where the weights that are streamed, a word a cycle, take longer than the target rate allows."""
    if config.target_fps is None and config.max_resources is not None:
        return
    words, interval = folded.load_words, target_interval(config)
    if words > interval:
        raise UserError(
            f"{folded.name} streams {words:,} words of weights a frame, one a cycle, and at --target-fps "
            f"{config.target_fps or config.target.target_fps:g} a frame has {interval:,} cycles: ask for at most "
            f"--target-fps {rate_for(config, words)}, or build with --stream-weights never."
        )


def _smallest(search: Search, interval: int) -> Found | None:
    """Return the smallest design that fits, one without ultra RAM where there is one.

    Ultra RAM has no initial contents: such a design needs its weights from the host before it computes. One that
    streams weights has them from there anyway.
    """
    part = search.part
    streamed = any(getattr(kernel, "streamed", False) for kernel in search.lowered.kernels.values())
    if part.budget.uram and not streamed:
        search.part = replace(part, budget=replace(part.budget, uram=0))
        found = search.smallest(interval)
        search.part = part
        if found is not None:
            return found
    return search.smallest(interval)


def target_interval(config: BuildConfig) -> int:
    """Cycles a frame that the target rate allows."""
    fps = config.target_fps or config.target.target_fps
    interval = int(config.clock_mhz * 1e6 / fps)
    if interval < 1:
        raise UserError(
            f"--target-fps {fps:g} leaves no cycle a frame at {config.clock_mhz:g} MHz: it must be below "
            f"{config.clock_mhz * 1e6:g}."
        )
    return interval


STEP = Step(
    "fold",
    "PE and SIMD for the target rate",
    run,
    needs=(LOWERED,),
    makes=(DESIGN, FOLDING, REPORT),
    settings=("board", "target_fps", "max_resources", "synth_clk_mhz", "folding_config_file", "folding_contents"),
)
