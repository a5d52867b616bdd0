"""A top synthesized around modules whose netlists are there: what was verified is what the board loads."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from codesign.files import replacing
from hw.synth import tool, yosys
from hw.synth.tool import Progress


def link(
    sources: Sequence[Path],
    top: str,
    parts: Mapping[str, Path],
    family: str,
    netlist: Path,
    *,
    parameters: Mapping[str, int] | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the flat netlist (JSON) of a top that instantiates ``parts``.

    They are black boxes while the rest is synthesized, and take their places afterwards, cell by cell.

    Args:
        sources: the top's Verilog, without the parts.
        top: name of the top module.
        parts: JSON netlists, mapped for the family, by the name of the module in each.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        netlist: file to write; the log is written beside it.
        parameters: of the top module.
        progress: called with a line at each milestone.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses the top.
        UserError: there is no such family.
    """
    mapping, found = yosys.mapping(family, top), yosys.TOOL.require()
    netlist.parent.mkdir(parents=True, exist_ok=True)
    modules = {name: json.loads(path.read_text())["modules"][name] for name, path in parts.items()}
    values = "".join(f" -set {key} {value}" for key, value in (parameters or {}).items())
    script = [
        "read_verilog -lib stubs.v",
        f"read_verilog -defer -sv {' '.join(source.name for source in sources)}",
        *([f"chparam{values} {top}"] if values else []),
        mapping,
        f"delete {' '.join(f'={name}' for name in modules)}",
        "read_json parts.json",
        f"hierarchy -top {top}",
        "flatten",
        "clean",
        f"select ={top}",
        "write_json -selected linked.json",
    ]
    with tempfile.TemporaryDirectory(prefix=".link", dir=netlist.parent) as scratch:
        work = Path(scratch)
        for source in sources:
            shutil.copy(source, work)
        (work / "parts.json").write_text(json.dumps({"modules": modules}))
        (work / "stubs.v").write_text("".join(stub(name, module["ports"]) for name, module in modules.items()))
        (work / "script.ys").write_text("\n".join(script) + "\n")
        command = (*found.command, "-s", "script.ys")
        tool.run("yosys", command, work, netlist.with_suffix(".link.log"), progress=progress)
        with replacing(netlist) as temporary:
            shutil.move(work / "linked.json", temporary)


def stub(name: str, ports: Mapping[str, Mapping[str, Any]]) -> str:
    """Return Verilog of a module with these ports (of yosys' JSON) and nothing inside."""
    declared = (f"{port['direction']} [{len(port['bits']) - 1}:0] {key}" for key, port in ports.items())
    return f"(* blackbox *) module {name}({', '.join(declared)}); endmodule\n"
