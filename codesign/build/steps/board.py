"""The simulated board, with the package that goes on it, and the driver itself run on it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from codesign_board import Accelerator
from codesign_board.errors import BoardError
from codesign_board.package import Package

from codesign.build import frames, verification
from codesign.build.config import BuildConfig
from codesign.build.packaging import contents_of
from codesign.build.project import project
from codesign.build.step import Step
from codesign.build.steps.cleanup import MODEL
from codesign.build.steps.emit import RTL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.simulate import PERFORMANCE
from codesign.build.steps.simulate import VERIFIED as RTL_VERIFIED
from codesign.build.steps.size_fifos import DESIGN
from codesign.deploy.package import Contents, write_package
from codesign.errors import VerificationFailed
from codesign.files import replacing_folder, write_json
from codesign.graph import IntegerGraph
from hw.shell import shells

SIMBOARD = "simboard"
DEPLOY = "deploy"
"""In it: the package for it."""
ABOUT = "simboard.json"
FORMAT = 1
VERIFIED = "verification_output/board.json"
BATCHES = (1, 4, 11)
"""Frames that the driver is given at a time: one alone, and more than one transfer takes."""
OPTIONS: dict[str, dict[str, Any]] = {"axi": {"stalls": 0.2}, "uart": {}}
"""Of the simulated place, by io: the probability that a stream of the DMA rests in a cycle."""


def run(config: BuildConfig) -> None:
    """Write ``simboard/``, load its package as a user does, and compare what the driver returns."""
    write_simboard(config.output_dir / SIMBOARD, contents_of(config))
    verify(config)


def verify(config: BuildConfig) -> None:
    """Run the driver on ``simboard/`` and record what came of it.

    Raises:
        VerificationFailed: an integer differs from the graph's, the driver failed, or a register tells of an error.
    """
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    x = frames.frames(config, graph, sum(BATCHES))
    expected = graph.run(x)
    found, registers = _drive(config.output_dir / SIMBOARD / DEPLOY, x, config.seed)
    difference = verification.first_difference(expected, found)
    mismatches = int((expected != found).sum())
    verification.record(
        config.output_dir,
        "board",
        {
            "board_frames": len(x),
            "board_mismatches": mismatches,
            "board_cycles": registers["CYCLES"],
            "board_registers": registers,
            "board_first_difference": str(difference) if difference else None,
        },
    )
    verification.require_equal(f"The driver on a simulated {config.board}", difference, mismatches, expected.size)
    check_registers(registers, project(config).build, len(x))


def write_simboard(folder: Path, contents: Contents) -> None:
    """Write a simulated board of an accelerator, whole or not at all: simulation, memories, and a package for it."""
    made = contents.project
    simulation = shells()[made.board.io].simulate(made)
    about = {
        "format": FORMAT,
        "io": made.board.io,
        "board": made.board.name,
        "title": made.board.title,
        "family": made.board.family,
        "build": made.build,
        "clock_mhz": made.clock_mhz,
        "library": "board.so",
        "memories": "memories",
        **simulation.about,
    }
    with replacing_folder(folder) as fresh, tempfile.TemporaryDirectory() as temporary:
        shutil.copyfile(simulation.library, fresh / about["library"])
        (fresh / about["memories"]).mkdir()
        for path in made.memories:
            shutil.copyfile(path, fresh / about["memories"] / path.name)
        bitfile, handoff = (Path(temporary) / f"{made.name}{suffix}" for suffix in (".bit", ".hwh"))
        write_json(bitfile, {"stand_in": "for the bitfile, on a simulated board", "build": made.build})
        if simulation.handoff is not None:
            handoff.write_text(simulation.handoff)
        write_package(
            fresh / DEPLOY, contents, bitfile=bitfile, handoff=handoff if simulation.handoff is not None else None
        )
        write_json(fresh / ABOUT, about)


def check_registers(found: dict[str, int], build: int, frames: int) -> None:
    """Check what the accelerator says of itself after ``frames`` frames.

    Raises:
        VerificationFailed: another build's hash, frames lost or repeated, or an error noted.
    """
    for name, value in {"BUILD": build, "FRAMES_IN": frames, "FRAMES_OUT": frames, "ERRORS": 0}.items():
        if found[name] != value:
            raise VerificationFailed(
                f"The simulated board's register {name} holds {found[name]:#x}, and must hold {value:#x}."
            )


def _drive(folder: Path, x: np.ndarray, seed: int) -> tuple[np.ndarray, dict[str, int]]:
    """Return what the driver makes of integers, and the accelerator's registers afterwards."""
    package = Package.load(folder)
    try:
        with Accelerator.load(package, place="sim", seed=seed, **OPTIONS[package.io]) as accelerator:
            starts = np.cumsum(BATCHES)[:-1]
            outputs = [accelerator.infer_integers(batch) for batch in np.split(x, starts)]
            registers = accelerator.registers()
    except BoardError as error:
        raise VerificationFailed(f"The driver failed on the simulated board: {error}") from error
    return np.concatenate(outputs).astype(np.int64), registers


STEP = Step(
    "board",
    "the driver on the simulated board, link included",
    run,
    needs=(MODEL, GRAPH, DESIGN, RTL, PERFORMANCE, RTL_VERIFIED),
    makes=(VERIFIED, SIMBOARD),
    settings=("model", "inputs", "data", "seed", "board", "synth_clk_mhz"),
)
