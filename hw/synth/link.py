"""A board's top synthesized around an accelerator whose netlist is there: what was verified is what the board loads."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from codesign.errors import ToolFailed
from codesign.files import replacing
from hw.synth import tool, yosys
from hw.synth.tool import Progress

_SYNTHESIS = {"ecp5": "synth_ecp5"}


def link(
    sources: Sequence[Path],
    top: str,
    parameters: Mapping[str, int],
    accelerator: Path,
    family: str,
    netlist: Path,
    progress: Progress | None = None,
) -> None:
    """Write the flat netlist (JSON) of a top that instantiates ``accelerator``.

    The accelerator is a black box while the rest is synthesized, and takes its place afterwards, cell by cell.

    Args:
        sources: the top's Verilog, without the accelerator.
        top: name of the top module.
        parameters: of the top module.
        accelerator: JSON netlist of a module of that name, mapped for the family.
        family: ``ecp5``.
        netlist: file to write; the log is written beside it.
        progress: called with a line at each milestone.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses the top, or the family has no open place and route.
    """
    if family not in _SYNTHESIS:
        raise ToolFailed(f"A top can be linked for {', '.join(_SYNTHESIS)}, not for {family}")
    found = yosys.TOOL.require()
    netlist.parent.mkdir(parents=True, exist_ok=True)
    name = accelerator.stem
    module = json.loads(accelerator.read_text())["modules"][name]
    module["attributes"].pop("keep_hierarchy", None)
    with tempfile.TemporaryDirectory(prefix=".link", dir=netlist.parent) as scratch:
        work = Path(scratch)
        for source in sources:
            shutil.copy(source, work)
        (work / "accelerator.json").write_text(json.dumps({"modules": {name: module}}))
        (work / "stub.v").write_text(_stub(name, module["ports"]))
        values = "".join(f" -set {key} {value}" for key, value in parameters.items())
        script = [
            "read_verilog -lib stub.v",
            f"read_verilog -defer -sv {' '.join(source.name for source in sources)}",
            f"chparam{values} {top}",
            f"{_SYNTHESIS[family]} -top {top}",
            f"delete ={name}",
            "read_json accelerator.json",
            f"hierarchy -top {top}",
            "flatten",
            "clean",
            "write_json linked.json",
        ]
        (work / "script.ys").write_text("\n".join(script) + "\n")
        command = (*found.command, "-s", "script.ys")
        tool.run("yosys", command, work, netlist.with_suffix(".link.log"), progress=progress)
        with replacing(netlist) as temporary:
            shutil.move(work / "linked.json", temporary)


def _stub(name: str, ports: Mapping[str, Mapping[str, object]]) -> str:
    """A module with the ports and nothing inside."""
    declared = (f"{port['direction']} [{len(port['bits']) - 1}:0] {key}" for key, port in ports.items())  # type: ignore[arg-type]
    return f"(* blackbox *) module {name}({', '.join(declared)}); endmodule\n"
