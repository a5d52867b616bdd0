"""All of a project's scripts, in the order in which the tools run them, in a copy of it, and its sources."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hw.hls4ml.build import OPTIONS, STEPS, switches, write_options
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.dry_run.judge import Judge
from hw.hls4ml.dry_run.sources import sources
from hw.hls4ml.dry_run.vocabulary import HLS, VIVADO
from hw.hls4ml.target import Target
from hw.synth.vivado_project.dry_run import interpret, where
from hw.synth.vivado_project.vocabulary import IPS, Command

MORE = Path(__file__).with_name("hls_tools.tcl")
SCRIPTS: Mapping[str, Mapping[str, Command]] = {"build_prj.tcl": HLS, "vivado_synth.tcl": VIVADO, "design.tcl": VIVADO}
"""What AMD's tools are given, in order, and what each may call; the block design's is there where there is one."""
SOURCED = ("project.tcl", OPTIONS)
"""What those source; where there is none, they stop."""


@dataclass(frozen=True)
class Findings:
    """What the dry run saw.

    Attributes:
        scripts: how many of the tools' commands each script called.
        files: C++ sources and headers that were followed.
        problems, remarks: sentences; only problems are reasons to stop.
    """

    scripts: Mapping[str, int]
    files: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def check(folder: Path, target: Target) -> Findings:
    """Run the Tcl of the project in ``folder`` with stand-ins for AMD's tools, and follow its sources' file names.

    Raises:
        MissingTool: there is no Tcl interpreter.
    """
    top = f"{PROJECT}_axi" if target.board else PROJECT
    problems, remarks, scripts = list[str](), list[str](), dict[str, int]()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "project"
        shutil.copytree(folder, copy)
        if (copy / OPTIONS).is_file():
            write_options(copy, STEPS)
        for name, commands in SCRIPTS.items():
            if name == "design.tcl" and not target.board:
                continue
            if not (copy / name).is_file():
                problems.append(f"there is no {name}")
                continue
            answers = {"commands": " ".join(commands), "ips": " ".join(IPS), "more": str(MORE), "argv": switches(STEPS)}
            calls, (error, trace) = interpret(copy / name, answers)
            judge = Judge(name, commands, target, top)
            judge.follow(calls)
            scripts[name] = len(calls)
            problems += judge.problems + ([where(name, error, trace)] if error else [])
            remarks += judge.remarks
        unknown = {path.name for path in copy.glob("*.tcl")} - SCRIPTS.keys() - set(SOURCED)
        problems += [f"nothing runs {name}" for name in sorted(unknown)]
    roots = [Path(f"firmware/{PROJECT}.cpp"), Path(f"{PROJECT}_test.cpp"), Path("csim.cpp")]
    roots += [Path(f"firmware/{top}.cpp")] if target.board else []
    found, missing = sources(folder, roots)
    text = "".join((folder / path).read_text() for path in found if path.suffix == ".cpp")
    if not re.search(rf"^void {top}\(", text, re.M):
        missing.append(f"no source defines the top function {top}")
    return Findings(scripts, len(found), (*dict.fromkeys(problems), *missing), tuple(dict.fromkeys(remarks)))
