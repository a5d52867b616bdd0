"""From RTL to a shared library that simulates it, cached by content."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hw.design.stream import Port
from hw.sim.tools import cache_folder, compiler, run_tool, verilator

HARNESS = Path(__file__).with_name("harness.cpp")
HOOKS = ("-DVL_USER_FATAL", "-DVL_USER_WARN", "-DVL_USER_STOP", "-DVL_USER_FINISH")  # the harness defines these
COMPILE = ("-std=c++20", "-fPIC", "-w", "-fno-gnu-unique", "-DVL_TIME_CONTEXT", *HOOKS)
TRANSLATE = (
    "--cc",
    "-O3",
    "--x-assign",
    "fast",
    "--x-initial",
    "unique",
    "--no-timing",
    "-Wno-fatal",
    "-Wno-lint",
    "-Wno-style",
)
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

    @property
    def level(self) -> str:
        return "-O2" if self.optimise else "-O1"

    def key(self) -> str:
        """Return a name that no other contents share."""
        parts = [
            self.top,
            *(source.read_text() for source in self.sources),
            repr([(p.name, p.stream.word_bits) for p in (*self.inputs, *self.outputs)] + [len(self.inputs)]),
            json.dumps(dict(self.parameters), sort_keys=True),
            repr((self.flags, self.optimise, COMPILE, TRANSLATE)),
            HARNESS.read_text(),
            verilator().version,
            compiler()[1],
        ]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(f"{len(part)}:{part}".encode())
        return digest.hexdigest()[:24]


def library(model: Model) -> Path:
    """Return the path of the model's shared library, building it where the cache has none.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where one of them refuses.
    """
    key = model.key()
    target = cache_folder() / "sim" / key
    if not (target / "model.so").exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{key}.", dir=target.parent) as temporary:
            folder = Path(temporary)
            _translate(model, folder, target.with_suffix(".verilator.log"))
            _compile(model, folder, target.with_suffix(".compiler.log"))
            _publish(folder / "model.so", target)
    return target / "model.so"


def verilog_parameters(parameters: Mapping[str, int | str]) -> list[str]:
    """Return the arguments that set a top module's parameters."""
    return [
        f'-G{name}="{value}"' if isinstance(value, str) else f"-G{name}={value}" for name, value in parameters.items()
    ]


def _translate(model: Model, folder: Path, log: Path) -> None:
    tool = verilator()
    names = ("--prefix", "Vmodel", "--Mdir", ".", "--top-module", model.top, "--output-split", "60000")
    arguments = [*TRANSLATE, *names, *verilog_parameters(model.parameters), *model.sources]
    run_tool("Verilator", [tool.binary, *arguments], folder, log, tool.environment)
    (folder / "ports.inc").write_text(_ports(model))


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
    shutil.copy(HARNESS, folder / "harness.cpp")
    generated = sorted(folder.glob("Vmodel*.cpp"))
    if sum(path.stat().st_size for path in generated) < ONE_UNIT:
        text = "".join(f'#include "{path.name}"\n' for path in generated)
        (folder / "unit.cpp").write_text(text + '#include "harness.cpp"\n')
        units = [folder / "unit.cpp"]
    else:
        units = [folder / "harness.cpp", *generated]
    runtime = _runtime()

    def one(unit: Path) -> Path:
        return _object(unit, model.level, ("-I.",), folder, log)

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(one, units))
    link = [compiler()[0], "-shared", "-Wl,-Bsymbolic", "-o", "model.so", *objects, *runtime, "-lpthread"]
    run_tool("The C++ compiler", link, folder, log)


def _object(source: Path, level: str, extra: Sequence[str], folder: Path, log: Path) -> Path:
    include = verilator().include
    output = folder / f"{source.stem}.o"
    paths = [f"-I{include}", f"-I{include / 'vltstd'}"]
    command = [compiler()[0], "-c", level, *COMPILE, *extra, *paths, source, "-o", output]
    run_tool("The C++ compiler", command, folder, log)
    return output


def _runtime() -> list[Path]:
    """Return Verilator's runtime, compiled once."""
    names = ("verilated", "verilated_threads")
    key = hashlib.sha256(repr((verilator().version, compiler()[1], COMPILE)).encode()).hexdigest()[:24]
    target = cache_folder() / "sim" / f"runtime-{key}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".runtime.", dir=target.parent) as temporary:
            folder = Path(temporary)
            for name in names:
                _object(verilator().include / f"{name}.cpp", "-O2", (), folder, target.with_suffix(".log"))
            _publish(folder, target)
            folder.mkdir(exist_ok=True)
    return [target / f"{name}.o" for name in names]


def _publish(made: Path, target: Path) -> None:
    """Move a file into, or a folder to, ``target`` in one step; another process's equal result may be there already."""
    folder = made
    if made.is_file():
        folder = made.parent / "published"
        folder.mkdir()
        made.rename(folder / made.name)
    try:
        folder.rename(target)
    except OSError:
        if not target.exists():
            raise
