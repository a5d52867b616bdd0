"""The package that a driver loads: the bitstream, and a manifest of all that it must know."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from codesign.build.config import BuildConfig
from codesign.build.project import project
from codesign.build.step import Step, digest
from codesign.build.steps.bitstream import BITFILE
from codesign.build.steps.emit import RTL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.size_fifos import DESIGN
from codesign.files import replacing, write_json
from codesign.graph import IntegerGraph
from hw.design.stream import Port
from hw.shell import registers, shells

DEPLOY = "deploy"
FORMAT = 1


def run(config: BuildConfig) -> None:
    """Write ``deploy/`` anew."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    made = project(config)
    fresh, target = config.output_dir / f".{DEPLOY}", config.output_dir / DEPLOY
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    folder = config.output_dir / BITFILE
    files = [p for p in sorted(folder.glob("*")) if p.suffix in (".bit", ".hwh")] if folder.is_dir() else []
    for path in files:
        with replacing(fresh / path.name) as temporary:
            shutil.copyfile(path, temporary)
    manifest = {
        "format": FORMAT,
        "model": graph.name,
        "board": config.board,
        "build": made.build,
        "clock_mhz": config.clock_mhz,
        "files": {path.name: digest(path) for path in files},
        "input": _port(made.input, config.target.io),
        "output": _port(made.output, config.target.io),
        "head": graph.head.record(),
        "tail": graph.tail.record(),
        "register_map": registers.as_json(),
        "made_by": {"codesign": version("codesign"), "numpy": np.__version__},
    }
    write_json(fresh / "manifest.json", manifest)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _port(port: Port, io: str) -> dict[str, Any]:
    """How a frame's integers are packed: lanes of a word from its lowest bit, words in whole bytes."""
    return {**asdict(port.stream), "words": port.words, "bytes_per_word": shells()[io].word_bytes(port.stream)}


STEP = Step(
    "package",
    "what a driver loads",
    run,
    needs=(GRAPH, DESIGN, RTL),
    makes=(DEPLOY,),
    settings=("board", "synth_clk_mhz", "bitfile_contents"),
)
