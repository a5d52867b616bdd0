"""A Design as one flat netlist: its kernels synthesized each by itself, then linked."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hw.design.design import Design
from hw.design.emit import TOP, top_module
from hw.design.loads import parameters
from hw.kernels.kernel import Resources
from hw.synth import cells, kernels, yosys
from hw.synth.link import link, stub
from hw.synth.tool import Progress
from hw.synth.yosys import Synthesis


def shell(
    sources: Sequence[Path], top: str, parameters: Mapping[str, int], made: Synthesis, directory: Path
) -> Resources:
    """Return what a board's top takes beside the accelerator ``made`` that it instantiates.

    Args:
        sources: the top's Verilog, without the accelerator.
        top: name of the top module.
        parameters: of the top module.
        made: the accelerator.
        directory: where the netlist and the log go.

    Raises:
        ToolFailed: yosys refuses the top.
    """
    ports = json.loads(made.json.read_text())["modules"][made.top]["ports"]
    with tempfile.TemporaryDirectory(prefix=".stub", dir=directory) as scratch:
        black_box = Path(scratch) / "stub.v"
        black_box.write_text(stub(made.top, ports))
        return yosys.synthesize([*sources, black_box], top, made.family, directory, parameters).total


def synthesize(design: Design, family: str, directory: Path, progress: Progress | None = None) -> Synthesis:
    """Write ``directory/accelerator.json``, flat, and return it with the resources of each kernel.

    Args:
        design: what to synthesize.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        directory: where the netlist goes.
        progress: called with a line as kernels are done.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses a kernel.
    """
    started = time.monotonic()
    chain = design.chain()
    places = [parameters(chain, name) for name in design.kernels]
    units = kernels.synthesize(list(design.kernels.values()), family, progress, parameters=places)
    mapped = dict(zip(design.kernels, units, strict=True))
    if progress:
        progress("yosys: linking the kernels")
    directory.mkdir(parents=True, exist_ok=True)
    netlist = directory / f"{TOP}.json"
    with tempfile.TemporaryDirectory(prefix=".top", dir=directory) as scratch:
        top = Path(scratch) / f"{TOP}.sv"
        top.write_text(top_module(design, {name: one.name for name, one in mapped.items()}))
        link([top], TOP, {one.name: one.path for one in mapped.values()}, family, netlist)
    used = yosys.count(json.loads(netlist.read_text())["modules"][TOP])
    return Synthesis(
        TOP,
        family,
        netlist,
        cells.resources(used, family),
        used,
        time.monotonic() - started,
        {name: one.resources for name, one in mapped.items()},
    )
