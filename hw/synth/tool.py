"""What a tool declares, and how one is run.

A tool is one file in this folder that assigns a ``Tool`` to ``TOOL``; it is found by itself.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codesign.errors import MissingTool, ToolFailed
from hw.synth.project import Project

Progress = Callable[[str], None]
BitstreamMaker = Callable[[Project, Path, Progress], None]


@dataclass(frozen=True)
class Found:
    """A tool that is here: the command that starts it, its version, and where it comes from (``wheel`` or a path)."""

    command: tuple[str, ...]
    version: str
    source: str


@dataclass(frozen=True)
class Tool:
    """A program that makes something.

    Attributes:
        name: as a board's ``tool`` names it.
        makes: what comes out of it.
        without: what cannot be done where it is absent.
        install: how to get it.
        find: return it, or None where it is absent; quick, and starts nothing big.
    """

    name: str
    makes: str
    without: str
    install: str
    find: Callable[[], Found | None]

    def require(self) -> Found:
        """Return it.

        Raises:
            MissingTool: it is absent.
        """
        found = self.find()
        if found is None:
            raise MissingTool(f"{self.name} is not installed; without it, {self.without}. To get it: {self.install}")
        return found


@dataclass(frozen=True)
class Step:
    """A command that a plan would run.

    Attributes:
        tool: the tool's name.
        command: program and arguments.
        makes: names of the files that it writes.
    """

    tool: str
    command: tuple[str, ...]
    makes: tuple[str, ...]


def tools() -> dict[str, Tool]:
    """Return the tools of this folder's files, by name."""
    package = importlib.import_module("hw.synth")
    found = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        if module.endswith("_test"):
            continue
        tool = getattr(importlib.import_module(f"hw.synth.{module}"), "TOOL", None)
        if isinstance(tool, Tool):
            found[tool.name] = tool
    return found


def bitstream_maker(name: str) -> BitstreamMaker:
    """Return the function ``bitstream(project, folder, progress)`` of the file whose tool has that name.

    It makes a board's bitstream in ``folder``; where the tool is absent, it makes all that can be made without it and
    raises MissingTool.

    Raises:
        ToolFailed: the tool makes no bitstreams.
    """
    package = importlib.import_module("hw.synth")
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.endswith("_test"):
            module = importlib.import_module(f"hw.synth.{found.name}")
            if getattr(getattr(module, "TOOL", None), "name", None) == name and hasattr(module, "bitstream"):
                maker: BitstreamMaker = module.bitstream
                return maker
    raise ToolFailed(f"{name} makes no bitstreams: its file in hw/synth must define the function bitstream")


def find_wheel(package: str, function: str) -> Found | None:
    """Return a tool of a YoWASP wheel, None where the wheel is absent."""
    try:
        version = importlib.metadata.version(package.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return None
    start = f"import sys, {package}; sys.exit({package}.{function}(sys.argv[1:]))"
    return Found((sys.executable, "-c", start), version, "wheel")


def find_native(program: str, *arguments: str) -> Found | None:
    """Return a program on PATH with the first version number that it prints, None where it is absent."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        answer = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r"\d+\.\d+(?:[.+-]\w+)*", answer.stdout + answer.stderr)
    return Found((path,), number.group() if number else "unknown", path)


def run(
    name: str,
    command: Sequence[str],
    directory: Path,
    log: Path,
    *,
    milestones: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    running: set[subprocess.Popen[str]] | None = None,
) -> None:
    """Run a tool in ``directory``, its output going to ``log``.

    Args:
        name: for messages.
        command: program and arguments.
        directory: working directory; the YoWASP tools need all paths relative to it.
        log: file for everything that it prints.
        milestones: what to tell ``progress`` when a line of the output contains the key, each once.
        progress: called with each milestone.
        running: holds the process while it runs, for another thread to kill its group.

    Raises:
        ToolFailed: it ended with an error, with its first error line.
    """
    left = dict(milestones or {})
    error = ""
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w") as out,
        subprocess.Popen(
            list(command), cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            start_new_session=True,
        ) as process,
    ):  # fmt: skip
        if running is not None:
            running.add(process)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                out.write(line)
                if not error and re.match(r"(.*: )?ERROR\b|(.*: )?error:|Traceback", line, re.IGNORECASE):
                    error = line.strip()
                for key in [key for key in left if key in line]:
                    message = left.pop(key)
                    if progress:
                        progress(f"{name}: {message}")
            status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            if running is not None:
                running.discard(process)
    if status:
        raise ToolFailed(f"{name} failed: {error or f'exit status {status}'} (log: {log})")
