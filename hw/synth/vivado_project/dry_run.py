"""Runs build.tcl without Vivado: tclsh, recording stand-ins for Vivado's commands, and a judge of what they recorded.

What it finds: Tcl that does not parse, variables that are not set, commands, options, properties, IP, pins and
interfaces that the vocabulary does not have, files that are not there, pins and interfaces that are left open or driven
twice, addresses that overlap, a result that is not where it must be. What it cannot find: what only Vivado knows.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.errors import MissingTool, ToolFailed
from hw.synth.vivado_project.judge import Call, Judge
from hw.synth.vivado_project.vocabulary import COMMANDS, IPS

STAND_INS = Path(__file__).with_name("stand_ins.tcl")
IN_PYTHON = (
    "import sys, tkinter; t = tkinter.Tcl(); t.call('set', 'argv', tuple(sys.argv[2:])); t.call('source', sys.argv[1])"
)


@dataclass(frozen=True)
class Scenario:
    """What the stand-ins answer where Vivado's answer is not known beforehand.

    Attributes:
        board_files: the board's files are installed.
        failing: the run that fails (``synth_1``, ``impl_1``), empty for none.
        slack_ns: worst slack after routing.
        handoff: folder of the handoff file: ``gen`` as from Vivado 2020.2 on, ``srcs`` before.
    """

    board_files: bool = True
    failing: str = ""
    slack_ns: float = 0.5
    handoff: str = "gen"


@dataclass(frozen=True)
class DryRun:
    """What a dry run saw.

    Attributes:
        calls: of Vivado's commands, in order.
        problems: sentences, empty where all is well.
        error: what the script stopped with, empty where it came to its end.
        made: names of the files in ``out``.
    """

    calls: tuple[Call, ...]
    problems: tuple[str, ...]
    error: str
    made: tuple[str, ...]


def dry_run(folder: Path, scenario: Scenario | None = None) -> DryRun:
    """Run ``folder``'s build.tcl in a copy of ``folder``.

    Raises:
        MissingTool: there is neither tclsh nor a Tcl in this Python.
    """
    given = scenario or Scenario()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "vivado"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("project", "out"))
        answers = {
            "commands": " ".join(COMMANDS),
            "ips": " ".join(IPS),
            "board_files": str(int(given.board_files)),
            "failing": given.failing,
            "slack": str(given.slack_ns),
            "handoff": given.handoff,
        }
        recorded, (error, trace) = interpret(copy / "build.tcl", answers)
        judge = Judge("build.tcl")
        judge.follow(recorded)
        made = tuple(sorted(path.name for path in (copy / "out").glob("*")))
    problems = list(judge.problems)
    if error:
        problems.append(where("build.tcl", error, trace))
    elif {Path(name).suffix for name in made} < {".bit", ".hwh"}:
        problems.append(f"build.tcl ended, but out holds {', '.join(made) or 'nothing'}")
    return DryRun(tuple(recorded), tuple(problems), error, made)


def check(folder: Path) -> list[str]:
    """Return the problems of ``folder``'s build.tcl, with and without the board's files installed."""
    with_files, without = (dry_run(folder, Scenario(board_files=installed)) for installed in (True, False))
    return list(dict.fromkeys((*with_files.problems, *without.problems)))


def interpret(script: Path, answers: Mapping[str, str]) -> tuple[list[Call], tuple[str, str]]:
    """Run a script in its folder with the stand-ins.

    Args:
        answers: the scenario, as stand_ins.tcl has it.

    Returns:
        what it called, and the error that it stopped with and Tcl's trace of it, both empty where it came to its end.

    Raises:
        MissingTool: there is neither tclsh nor a Tcl in this Python.
        ToolFailed: the Tcl interpreter itself failed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "calls.json"
        listed = " ".join(f"{key} {{{value}}}" for key, value in answers.items())
        command = [*_tcl(), str(STAND_INS), str(script), str(log), listed]
        done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True, timeout=60, check=False)
        entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if not entries or entries[-1]["command"]:
        raise ToolFailed(f"The Tcl interpreter itself failed on {script}: {done.stderr.strip()}.")
    *recorded, end = (_call(entry) for entry in entries)
    failed, error, trace = end.arguments
    return recorded, (error or "an error without a message", trace) if failed != "0" else ("", "")


def _call(entry: dict[str, Any]) -> Call:
    texts, elements = zip(*entry["arguments"], strict=True) if entry["arguments"] else ((), ())
    return Call(entry["line"], entry["command"], tuple(texts), tuple(map(tuple, elements)))


def where(script: str, error: str, trace: str) -> str:
    """Return an error with the innermost place that Tcl names."""
    places = [line.strip(' ()"') for line in trace.splitlines() if 'file "' in line and "line" in line]
    return f"{script} stops: {error}" + (f" ({places[0]})" if places else "")


def _tcl() -> list[str]:
    """Return the command that runs a Tcl script."""
    found = shutil.which("tclsh")
    if found:
        return [found]
    try:
        import tkinter  # noqa: F401
    except ImportError as error:
        raise MissingTool(
            "The Tcl dry run needs tclsh, which is not installed: apt-get install tcl; the project itself does not"
        ) from error
    return [sys.executable, "-c", IN_PYTHON]
