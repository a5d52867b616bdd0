"""A chosen design's files, and its build."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from codesign.build import BACKENDS, BuildConfig, run_steps
from codesign.errors import UserError
from codesign.files import write_json, write_text
from codesign.sweep.designs import Unfit
from codesign.sweep.evaluate import Evaluator
from codesign.sweep.pick import Choice
from codesign.sweep.place import Place
from codesign.sweep.rows import dump

COMMAND, POINT = "build.sh", "point.json"


@dataclass(frozen=True)
class Taken:
    """A design with its files.

    Attributes:
        config: of its build.
    """

    config: BuildConfig

    @property
    def command(self) -> str:
        """What builds it, from the folder that this process runs in."""
        config = self.config
        options = {
            "--board": config.board,
            "--folding": config.folding_config_file,
            "--clock": config.synth_clk_mhz,
            "--inputs": config.inputs,
            "-o": config.output_dir,
        }
        words = [word for name, value in options.items() if value is not None for word in (name, str(value))]
        return shlex.join(["codesign", "build", config.model, *words])

    def build(self, stop_step: str) -> None:
        """Build it up to a step, as ``codesign build`` does."""
        run_steps(BACKENDS["own"], self.config, stop_step=stop_step)


def take(place: Place, choice: Choice, folder: Path) -> Taken:
    """Write the network, the folding, the point and the command of its build to ``folder``.

    What was trained is found; where it is no longer there it is trained again.

    Raises:
        UserError: no design can be made of the point.
    """
    try:
        artefacts = Evaluator(place.study).artefacts(choice.row, folder / "design")
    except Unfit as error:
        raise UserError(f"Point {choice.row.slot} has no design: {error}") from error
    taken = Taken(artefacts.config(folder / "build"))
    write_json(folder / POINT, {**dump(choice.row), "study": place.study.name, "why": choice.why})
    write_text(folder / COMMAND, f"#!/bin/sh\n# {choice.why}\n{taken.command}\n")
    return taken
