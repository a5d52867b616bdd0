"""The package that a driver loads, as a folder and as one zip."""

from __future__ import annotations

from pathlib import Path

from codesign.build.config import BuildConfig
from codesign.build.packaging import contents_of
from codesign.build.step import Step
from codesign.build.steps.bitstream import BITFILE
from codesign.build.steps.cleanup import MODEL
from codesign.build.steps.emit import RTL
from codesign.build.steps.ingest import GRAPH
from codesign.build.steps.simulate import PERFORMANCE
from codesign.build.steps.size_fifos import DESIGN
from codesign.deploy.package import write_package, write_zip

DEPLOY = "deploy"
ZIP = "deploy.zip"


def run(config: BuildConfig) -> None:
    """Write ``deploy/`` anew, with what there is of the bitstream, and the zip of it."""
    folder = config.output_dir / DEPLOY
    bitfile, handoff = (_only(config.output_dir / BITFILE, suffix) for suffix in (".bit", ".hwh"))
    write_package(folder, contents_of(config), bitfile=bitfile, handoff=handoff)
    write_zip(folder, config.output_dir / ZIP)


def _only(folder: Path, suffix: str) -> Path | None:
    return next(iter(sorted(folder.glob(f"*{suffix}"))), None)


STEP = Step(
    "package",
    "what a driver loads",
    run,
    needs=(MODEL, GRAPH, DESIGN, RTL, PERFORMANCE),
    makes=(DEPLOY, ZIP),
    settings=("model", "inputs", "data", "seed", "board", "synth_clk_mhz", "bitfile_contents"),
)
