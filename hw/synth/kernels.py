"""Kernels synthesized out of context: each by itself, cached by content, several side by side.

A kernel's handshakes are registered at both sides, so that next to nothing would be gained across its boundary; what is
not optimised across need not be done in one piece.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from codesign.files import cache_folder, write_text
from hw.kernels.kernel import Kernel, Resources
from hw.synth import cells, yosys
from hw.synth.tool import Progress

AT_ONCE = min(2, os.cpu_count() or 1)
"""Runs side by side; each may take up to 4 GB."""
RUN_LUTS = 1500
"""Small kernels share a run up to so many LUTs, by their estimates: yosys takes 1 s (ECP5) to 5 s (AMD) to start."""


@dataclass(frozen=True)
class Mapped:
    """A kernel's netlist in the cache.

    Attributes:
        name: of its module: the kernel's module and a digest.
        path: yosys' JSON that has this module, flat.
        cells: number of cells by type.
        resources: what it takes.
    """

    name: str
    path: Path
    cells: dict[str, int]
    resources: Resources


@dataclass(frozen=True, eq=False)
class _Unit:
    """A kernel and all parameters of its module but memory files' names."""

    kernel: Kernel
    parameters: Mapping[str, int | str]


def synthesize(
    kernels: Sequence[Kernel],
    family: str,
    progress: Progress | None = None,
    *,
    parameters: Sequence[Mapping[str, int]] | None = None,
) -> list[Mapped]:
    """Return each kernel's netlist; equal kernels share one, and what the cache has is not made again.

    Netlists are in the cache as soon as their run ends, so that what is killed resumes where it was. Which kernels
    share a run follows from the kernels alone, not from what is cached: yosys breaks ties by names that it has made in
    the run before, and the same kernels give the same netlists.

    Args:
        kernels: what to synthesize.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        progress: called with a line as kernels are done.
        parameters: of each kernel, RTL parameters beside its own, which its place in a design sets.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses a kernel.
    """
    yosys.mapping(family, "")  # refuses an unknown family
    beside = parameters if parameters is not None else [{}] * len(kernels)
    units = [_Unit(k, {**k.verilog_parameters(), **more}) for k, more in zip(kernels, beside, strict=True)]
    named = {_name(unit, family): unit for unit in units}
    runs = _runs(named, family)
    todo = {path: run for path, run in runs.items() if not path.exists()}
    done = len(named) - sum(map(len, todo.values()))
    running = set[subprocess.Popen[str]]()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {pool.submit(_synthesize, path, run, family, running): len(run) for path, run in todo.items()}
        try:
            for future in as_completed(futures):
                future.result()
                done += futures[future]
                if progress:
                    progress(f"yosys: {done} of {len(named)} different kernels")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    mapped = {}
    for path in runs:
        for name, module in json.loads(path.read_text())["modules"].items():
            number = yosys.count(module)
            mapped[name] = Mapped(name, path, number, cells.resources(number, family))
    return [mapped[_name(unit, family)] for unit in units]


def _name(unit: _Unit, family: str) -> str:
    """Return a name that holds all that decides the kernel's netlist."""
    kernel, sources = unit.kernel, unit.kernel.sources()
    parts = [
        yosys.TOOL.require().version,
        family,
        *_code(),
        *(path.read_text() for path in sources),
        repr(sorted(unit.parameters.items())),
        *(f"{name} {memory.hex()}" for name, memory in sorted(kernel.memories().items())),
    ]
    return f"{kernel.module}_{_digest(parts)}"


@cache
def _code() -> tuple[str, ...]:
    """Our own code that decides what yosys is asked for, and what is kept of it."""
    return Path(__file__).read_text(), Path(yosys.__file__).read_text()


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _runs(named: dict[str, _Unit], family: str) -> dict[Path, dict[str, _Unit]]:
    """Return which kernels share a run, by the file that it makes; the largest first."""
    sizes = {name: unit.kernel.resources(family).lut for name, unit in named.items()}
    runs, luts = list[dict[str, _Unit]](), RUN_LUTS
    for name in sorted(named, key=lambda name: (-sizes[name], name)):
        luts += sizes[name]
        if luts > RUN_LUTS:
            runs.append({})
            luts = sizes[name]
        runs[-1][name] = named[name]
    folder = cache_folder() / "synth" / family
    return {folder / f"{_digest(list(run))}.json": run for run in runs}


def _synthesize(path: Path, run: dict[str, _Unit], family: str, running: set[subprocess.Popen[str]]) -> None:
    """Synthesize kernels in one run of yosys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".yosys", dir=path.parent) as scratch:
        work, sources, units, number = Path(scratch), dict[str, str](), list[yosys.Unit](), count()
        for unit in run.values():
            kernel = unit.kernel
            sources |= {source.name: source.read_text() for source in kernel.sources()}
            memories = kernel.memories()
            files = {parameter: f"memory{next(number)}.hex" for parameter in memories}
            for parameter, file in files.items():
                (work / file).write_text(memories[parameter].hex())
            units.append(yosys.Unit(kernel.module, {**unit.parameters, **files}))
        for name, text in sources.items():
            (work / name).write_text(text)
        modules = yosys.map_units(work, list(sources), units, family, path.with_suffix(".log"), running=running)
    write_text(path, json.dumps({"modules": dict(zip(run, modules, strict=True))}, separators=(",", ":")))
