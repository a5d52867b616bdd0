"""The simulated board that tests share: skeleton-tiny on a ZCU104, folded so far that it simulates in no time.

``simulated_board`` in conftest.py builds it once for all tests and all workers.
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

FRAMES_PER_SECOND = 50_000
"""Some 3,900 cycles a frame: many lanes simulate more frames a second than few."""


def build(folder: Path) -> Path:
    """Build it in ``folder``, unless that was done; return the build's folder, in which ``simboard/`` is.

    A second process waits here until the first has built it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = BuildConfig("skeleton-tiny", "zcu104", folder, target_fps=FRAMES_PER_SECOND, frames=32)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run_steps(STEPS, config, stop_step="board", console=Console(file=io.StringIO()))
    return folder


def on_another_board(build: Path, board: str, folder: Path) -> Path:
    """Write a simulated board with a build's accelerator as it would be on ``board``, at the same clock."""
    config = BuildConfig("skeleton-tiny", "zcu104", build)
    moved = replace(config, board=board, synth_clk_mhz=config.clock_mhz)
    write_simboard(folder, contents_of(moved))
    return folder
