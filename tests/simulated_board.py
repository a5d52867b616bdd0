"""The simulated board that tests share: skeleton-tiny on a ZCU104, folded so far that it simulates in no time.

``simulated_board`` in conftest.py builds it once for all tests and all workers, in about half a minute.
"""

from __future__ import annotations

import fcntl
import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.packaging import contents_of
from codesign.build.steps.board import write_simboard

FOLDING = Path(__file__).with_name("simulated_board_folding.json")
"""3,872 cycles a frame, what ``--target-fps 50000`` finds: many lanes simulate more frames a second than few."""
TESTED_ELSEWHERE = ("witness", "simulate")


def settings(folder: Path) -> BuildConfig:
    """What is built in ``folder``."""
    return BuildConfig("skeleton-tiny", "zcu104", folder, folding_config_file=FOLDING)


def build(folder: Path) -> Path:
    """Build it in ``folder``, unless that was done; return the build's folder, in which ``simboard/`` is.

    A second process waits here until the first has built it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    steps = [step for step in STEPS if step.name not in TESTED_ELSEWHERE]
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run_steps(steps, settings(folder), stop_step="board", console=Console(file=io.StringIO()))
    return folder


def on_another_board(build: Path, board: str, folder: Path) -> Path:
    """Write a simulated board with a build's accelerator as it would be on ``board``, at the same clock."""
    made = settings(build)
    write_simboard(folder, contents_of(replace(made, board=board, synth_clk_mhz=made.clock_mhz)))
    return folder
