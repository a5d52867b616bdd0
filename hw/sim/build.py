"""From RTL to a shared library that simulates it, cached by content."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.files import cache_folder
from hw.design.stream import Port
from hw.sim.tools import compiler, run_tool, verilator

HERE = Path(__file__).parent
HARNESS = tuple(HERE / name for name in ("harness.hpp", "harness.cpp", "model.cpp"))
HOOKS = ("-DVL_USER_FATAL", "-DVL_USER_WARN", "-DVL_USER_STOP", "-DVL_USER_FINISH")  # the harness defines these
QUIET = ("-Wno-lint", "-Wno-style")  # lint is a matter of its own, and gate-level netlists are full of it
COMPILE = ("-std=c++20", "-fPIC", "-w", "-fno-gnu-unique", "-DVL_TIME_CONTEXT", *HOOKS)
FAST = ("-fno-tree-vectorize", "-fno-tree-pre", "-fno-gcse", "-fno-code-hoisting")
"""For speed: one function computes a cycle, and what these keep in its few registers spills (10 % slower) or, gathered
into vectors, waits."""
TRANSLATE = ("--cc", "-O3", "--x-assign", "fast", "--x-initial", "unique", "--no-timing", "-Wno-fatal", *QUIET)
ONE_UNIT = 1 << 20
"""Bytes of generated C++ that are compiled as one unit: quicker, but memory grows with it."""


@dataclass(frozen=True)
class Model:
    """What is to be simulated; see ``compile_simulator``."""

    top: str
    sources: tuple[Path, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: Mapping[str, int | str]
    flags: tuple[str, ...]
    optimise: bool
    behavioural: bool

    @property
    def options(self) -> tuple[str, ...]:
        """Of the C++ compiler."""
        return (*COMPILE, *FAST) if self.optimise else COMPILE

    def parts(self) -> tuple[object, ...]:
        """Return all that the compiled library depends on."""
        return (
            *(source.read_text() for source in self.sources),
            [(port.name, port.stream.word_bits) for port in (*self.inputs, *self.outputs)],
            len(self.inputs),
            sorted(self.parameters.items()),
            (self.flags, self.optimise, self.behavioural, self.options, TRANSLATE),
            *(path.read_text() for path in HARNESS),
            (verilator().version, compiler()[1]),
        )


def library(model: Model) -> Path:
    """Return the path of the model's shared library, building it where the cache has none.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where one of them refuses.
    """

    def make(folder: Path, log: Path) -> None:
        work = folder.parent
        _translate(model, work, log)
        _compile(model, work, log)
        (work / "model.so").rename(folder / "model.so")

    return made_once(model.top, model.parts(), make) / "model.so"


def verilog_parameters(parameters: Mapping[str, int | str]) -> list[str]:
    """Return the arguments that set a top module's parameters."""
    return [
        f'-G{name}="{value}"' if isinstance(value, str) else f"-G{name}={value}" for name, value in parameters.items()
    ]


def _translate(model: Model, folder: Path, log: Path) -> None:
    translate(model.top, model.sources, model.parameters, ["-DBEHAVIOURAL"] if model.behavioural else [], folder, log)
    (folder / "ports.inc").write_text(_ports(model))


def translate(
    top: str,
    sources: Sequence[Path],
    parameters: Mapping[str, int | str],
    options: Sequence[str],
    folder: Path,
    log: Path,
) -> None:
    """Write the C++ of a top module, the class ``Vmodel``, into ``folder``; ``options`` are Verilator's."""
    tool = verilator()
    names = ("--prefix", "Vmodel", "--Mdir", ".", "--top-module", top, "--output-split", "60000")
    arguments = [*TRANSLATE, *options, *names, *verilog_parameters(parameters), *map(str, sources)]
    run_tool("Verilator", [str(tool.binary), *arguments], folder, log, tool.environment)


def _ports(model: Model) -> str:
    return "".join(
        f"#define {macro} {' '.join(rows)}\n"
        for macro, rows in (
            ("INPUT_STREAMS", _streams(model.inputs)),
            ("OUTPUT_STREAMS", _streams(model.outputs)),
            ("FLAGS", [f"X({name})" for name in model.flags]),
        )
    )


def _streams(ports: Sequence[Port]) -> list[str]:
    rows, offsets, indices = [], dict[str, int](), dict[str, int]()
    names = [port.name for port in ports]
    for port in ports:
        offset, index = offsets.get(port.name, 0), indices.get(port.name, 0)
        single = str(names.count(port.name) == 1).lower()
        rows.append(f"X({port.name}, {index}, {offset}, {port.stream.word_bits}, {single})")
        offsets[port.name], indices[port.name] = offset + port.stream.word_bits, index + 1
    return rows


def _compile(model: Model, folder: Path, log: Path) -> None:
    (folder / "model.cpp").write_text((HERE / "model.cpp").read_text())
    link(folder, sorted(_harness(compiled_runtime()).glob("*.o")), log, optimise=model.optimise)


def link(folder: Path, objects: Sequence[Path], log: Path, *, optimise: bool) -> Path:
    """Compile the C++ in ``folder`` and link it with ``objects`` and Verilator's runtime; return the shared library."""
    runtime = compiled_runtime()
    units = sorted(folder.glob("*.cpp"))
    if sum(path.stat().st_size for path in units) < ONE_UNIT:
        (folder / "unit.cpp").write_text("".join(f'#include "{path.name}"\n' for path in units))
        units = [folder / "unit.cpp"]
    level = "-O2" if optimise else "-O1"
    extra = (*_prelude(runtime, level), *(FAST if optimise else ()))
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_object, unit, level, extra, folder, log) for unit in units]
        made = [job.result() for job in jobs]
    made += [*sorted(runtime.glob("*.o")), *objects]
    command = [compiler()[0], "-shared", "-Wl,-Bsymbolic", "-o", "model.so", *map(str, made), "-lpthread"]
    run_tool("The C++ compiler", command, folder, log)
    return folder / "model.so"


def _object(source: Path, level: str, extra: Sequence[str], folder: Path, log: Path) -> Path:
    output = folder / f"{source.stem}.o"
    command = [compiler()[0], "-c", level, *COMPILE, *extra, *_includes(), str(source), "-o", str(output)]
    run_tool("The C++ compiler", command, folder, log)
    return output


def _includes() -> list[str]:
    include = verilator().include
    return [f"-I{include}", f"-I{include / 'vltstd'}"]


def compiled_runtime() -> Path:
    """Return the folder of Verilator's runtime and of its precompiled header, which all models share."""
    names = ("verilated", "verilated_threads")

    def header(level: str, folder: Path, log: Path) -> None:
        prelude = folder / level[1:] / "prelude.h"
        prelude.parent.mkdir()
        prelude.write_text('#include "verilated.h"\n#include <vector>\n')
        options = [level, *COMPILE, *_includes(), "-x", "c++-header"]
        run_tool("The C++ compiler", [compiler()[0], *options, str(prelude), "-o", f"{prelude}.gch"], folder, log)

    def make(folder: Path, log: Path) -> None:
        with ThreadPoolExecutor(2) as pool:
            sources = [verilator().include / f"{name}.cpp" for name in names]
            jobs: list[Future[Any]] = [pool.submit(_object, source, "-O2", (), folder, log) for source in sources]
            jobs += [pool.submit(header, level, folder, log) for level in ("-O1", "-O2")]
            for job in jobs:
                job.result()

    return made_once("runtime", (verilator().version, compiler()[1], COMPILE), make)


def _harness(runtime: Path) -> Path:
    """Return the folder of the compiled harness."""

    def make(folder: Path, log: Path) -> None:
        _object(HERE / "harness.cpp", "-O2", _prelude(runtime, "-O2"), folder, log)

    return made_once("harness", (runtime.name, *(path.read_text() for path in HARNESS)), make)


def _prelude(runtime: Path, level: str) -> tuple[str, ...]:
    return ("-include", str(runtime / level[1:] / "prelude.h"), f"-I{HERE}", "-I.")


def made_once(name: str, parts: tuple[object, ...], make: Callable[[Path, Path], None]) -> Path:
    """Return a folder of the cache that ``make(folder, log)`` fills where it isn't there yet."""
    target = cache_folder() / "sim" / f"{name}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{target}.lock").open("w") as lock, tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes make different things at once, and the same thing once
        if not target.exists():
            folder = Path(temporary) / "made"
            folder.mkdir()
            make(folder, target.with_suffix(".log"))
            folder.rename(target)
    return target
