"""AMD's tools on hls4ml's project: HLS, and Vivado where hls4ml has a block design for the board."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from codesign.errors import MissingTool, ToolFailed
from codesign.files import write_text
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.target import Target
from hw.synth import tool

STEPS = ("csim", "synth", "cosim", "validation", "export", "vsynth")
"""What hls4ml's build_prj.tcl can do, by its own names."""
WANTED = ("synth", "export")
"""What a build does of it: the IP core; the C simulation was compared already."""
OPTIONS = "build_opt.tcl"
SWITCHES = ("reset", *STEPS, "fifo_opt")
SOLUTION = f"{PROJECT}_prj/solution1"
_VIVADO = f"{PROJECT}_vivado_accelerator/project_1"
RESULTS = {
    "IP core": f"{SOLUTION}/impl/ip/component.xml",
    "bitstream": f"{_VIVADO}.runs/impl_1/*.bit",
    "handoff file": f"{_VIVADO}.*/sources_1/bd/design_1/hw_handoff/design_1.hwh",
}
"""Where a project's results lie, relative to it: patterns."""


@dataclass(frozen=True)
class Command:
    """A program of AMD's that is run in the project's folder, the log that is kept, and what it must make."""

    words: tuple[str, ...]
    log: str
    makes: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(word if " " not in word else f'"{word}"' for word in self.words)


def switches(steps: Collection[str]) -> str:
    """Return the argument by which Vivado HLS's build_prj.tcl takes what it is to do."""
    return " ".join(f"{name}={int(name in steps)}" for name in SWITCHES)


def write_options(project: Path, steps: Collection[str]) -> None:
    """Write the file by which Vitis HLS's build_prj.tcl takes what it is to do."""
    lines = "".join(f"    {name:<10} {int(name in steps)}\n" for name in SWITCHES)
    write_text(project / OPTIONS, f"array set opt {{\n{lines}}}\n")


def commands(target: Target) -> tuple[Command, ...]:
    """Return what makes the IP core, and the bitstream where there is a block design."""
    if target.backend == "Vitis":
        return (Command(("vitis-run", "--mode", "hls", "--tcl", "build_prj.tcl"), "vitis_hls.log", ("IP core",)),)
    return (
        Command(("vivado_hls", "-f", "build_prj.tcl", switches(WANTED)), "vivado_hls.log", ("IP core",)),
        Command(("vivado", "-mode", "batch", "-source", "design.tcl"), "vivado.log", ("bitstream", "handoff file")),
    )


def require(project: Path, work: Path, target: Target) -> None:
    """Raise MissingTool where a tool is not on PATH; the sentence has the commands that go on where it is."""
    absent = [name for program, name in target.tools.items() if shutil.which(program) is None]
    if absent:
        line = " && ".join(map(str, commands(target)))
        raise MissingTool(
            f"hls4ml's project is written, compared and checked, and goes no further without {' and '.join(absent)}, "
            f"not on PATH here; where {'they are' if len(absent) > 1 else 'it is'}: cp -r {project} {work} && "
            f"cd {work} && {line}; the next build takes up what lies in {work.name} then"
        )


def made_elsewhere(project: Path, work: Path, target: Target) -> dict[str, Path] | None:
    """Return the results in ``work`` where that is a copy of ``project`` in which the tools have run, else None."""
    for path in project.rglob("*"):
        copy = work / path.relative_to(project)
        if path.is_file() and not (copy.is_file() and copy.read_bytes() == path.read_bytes()):
            return None
    found = results(work, target)
    return found if len(found) == sum(len(command.makes) for command in commands(target)) else None


def results(work: Path, target: Target) -> dict[str, Path]:
    """Return the paths of what there is of a project's results, as ``RESULTS`` names them."""
    wanted = [what for command in commands(target) for what in command.makes]
    found = {what: sorted(work.glob(RESULTS[what])) for what in wanted}
    return {what: paths[0] for what, paths in found.items() if paths}


def build(project: Path, target: Target, progress: Callable[[str], None] = lambda line: None) -> dict[str, Path]:
    """Run AMD's tools in ``project``; return the results' paths, as ``RESULTS`` names them.

    Raises:
        ToolFailed: a tool ended with an error, or without its results; its first error line is named, its log kept.
    """
    for command in commands(target):
        program = command.words[0]
        progress(f"{target.tools[program]}: {command}")
        log = project / command.log
        tool.run(program, command.words, project, log)
        for what in command.makes:
            if what not in results(project, target):
                raise ToolFailed(f"{program} ended without an error and without the {what} (log: {log})")
    return results(project, target)
