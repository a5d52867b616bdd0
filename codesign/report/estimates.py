"""Estimates of a Design by its kernels' own models; the names are those that users of FINN know."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from boards.board import Board
from codesign.files import write_json
from hw.design.design import Design
from hw.kernels.kernel import Resources
from hw.tokens.design import run

FILES = (
    "estimate_layer_cycles.json",
    "estimate_layer_resources.json",
    "estimate_network_performance.json",
)


def write(design: Design, board: Board, clock_mhz: float, directory: Path) -> None:
    """Write the files named in ``FILES`` into ``directory``; each says that its source is the model."""
    cycles = {name: asdict(kernel.cycles()) for name, kernel in design.kernels.items()}
    layers = {name: asdict(kernel.resources(board.family)) for name, kernel in design.kernels.items()}
    total, tokens = design.resources(board.family), run(design)
    write_json(directory / FILES[0], {"source": "model", "kernels": cycles})
    write_json(
        directory / FILES[1],
        {
            "source": "model",
            "kernels": layers,
            "total": asdict(total),
            "budget": asdict(budget(board)),
            "family": board.family,
        },
    )
    write_json(
        directory / FILES[2],
        {
            "source": "model",
            "max_cycles": design.interval,
            "max_cycles_node_name": design.bottleneck,
            "first_frame_cycles": tokens.first_frame,
            "first_word_cycles": tokens.first_word,
            "estimated_throughput_fps": clock_mhz * 1e6 / design.interval,
            "clock_mhz": clock_mhz,
        },
    )


def budget(board: Board) -> Resources:
    """What the board's part holds."""
    return Resources(lut=board.luts, ff=board.ffs, bram=board.bram, dsp=board.dsp, uram=board.uram)
