"""Compiles an accelerator in its AXI shell to the library that ``simulated_board`` loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hw.shell.axi.shell import TOP
from hw.sim.tops import compile_top

HARNESS = Path(__file__).with_name("simulation.cpp")


def compile_board(sources: Sequence[Path], *, weights: bool = False) -> Path:
    """Return the shared library of ``accelerator_axi`` and all that it holds, a bus master and DMAs' streams around.

    Args:
        sources: all of the RTL.
        weights: the accelerator has a stream of weights.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where one of them refuses.
    """
    harness = f"#define WEIGHTS {int(weights)}\n{HARNESS.read_text()}"
    return compile_top(TOP, sources, {}, harness, defines=("BEHAVIOURAL",))
