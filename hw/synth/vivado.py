"""Vivado: an accelerator's sources to a project, and, where Vivado is, to a bitstream of an AMD board."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import boards
from codesign.errors import CodesignError, MissingTool, ToolFailed, UserError
from codesign.files import replacing, write_text
from hw.shell.axi.addresses import ADDRESSES
from hw.shell.axi.shell import AxiShell
from hw.synth import tool
from hw.synth.project import Project
from hw.synth.tool import Found, Progress, Step, Tool
from hw.synth.vivado_project.dry_run import check

BUILD = Path(__file__).parent / "vivado_project" / "build.tcl"
COMMAND = ("vivado", "-mode", "batch", "-source", "build.tcl")
REPORTS = ("utilization.rpt", "utilization_by_module.rpt", "timing.rpt", "summary.txt")


def find() -> Found | None:
    """Return the Vivado on PATH; its version is its folder's, because starting it takes many seconds."""
    path = shutil.which("vivado")
    if path is None:
        return None
    version = re.search(r"/(\d{4}\.\d)/", str(Path(path).resolve()))
    return Found((path,), version.group(1) if version else "unknown", path)


TOOL = Tool(
    name="vivado",
    makes="the bitstream of an AMD board",
    without="a Vivado project for an AMD board is written and checked, but no bitstream is made of it",
    install="AMD's installer (Vivado ML, any edition that has the board's part), and `vivado` on PATH",
    find=find,
)

_MILESTONES = {
    "create_bd_design": "block design",
    "launch_runs synth_1": "synthesis",
    "launch_runs impl_1 -to_step route_design": "place and route",
    "launch_runs impl_1 -to_step write_bitstream": "bitstream",
}


@dataclass(frozen=True)
class Accelerator:
    """What a project is made for.

    Attributes:
        name: a word: the bitstream is ``<name>.bit``.
        sources: the accelerator's RTL, its module ``accelerator`` with the streams ``s`` and ``m``.
        memories: the files that it reads by ``$readmemh``, each by its name alone.
        s_data_bits: bits of an input word's data, without ``last``.
        m_data_bits: bits of an output word's.
        s_words: words of an input frame; 0 where frames have no fixed length, and a transfer is one frame.
        build: hash of the build, 32 bits.
        start_words, packet_words: of the weights that it loads, see ``AxiShell``.
    """

    name: str
    sources: Sequence[Path]
    memories: Sequence[Path]
    s_data_bits: int
    m_data_bits: int
    s_words: int = 0
    build: int = 0
    start_words: int = 0
    packet_words: int = 0

    @classmethod
    def of(cls, project: Project) -> Accelerator:
        """Return the one of a build."""
        s, m = project.input, project.output
        bits = s.stream.data_bits, m.stream.data_bits
        load = len(project.load.start), project.load.packet_words
        return cls(project.name, project.sources, project.memories, *bits, s.words, project.build, *load)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z]\w*", self.name):
            raise UserError(f"A Vivado project's name must be letters, digits and _, and not {self.name!r}")
        for path in (*self.sources, *self.memories):
            if not path.is_file():
                raise UserError(f"The Vivado project's source {path} does not exist")
        names = [path.name for path in (*self.sources, *self.memories)]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise UserError(f"Two sources of the Vivado project are named {twice}: each needs a name of its own")


@dataclass(frozen=True)
class Bitstream:
    """What Vivado made.

    Attributes:
        bit: the bitstream.
        hwh: the hardware handoff, which pynq reads beside it.
        clock_mhz: the clock that the processing system makes of the one asked for.
        setup_slack_ns: worst setup slack after routing.
        hold_slack_ns: worst hold slack.
    """

    bit: Path
    hwh: Path
    clock_mhz: float
    setup_slack_ns: float
    hold_slack_ns: float


def write_project(
    accelerator: Accelerator, board: boards.Board, directory: Path, *, clock_mhz: float | None = None
) -> Path:
    """Write ``directory/vivado``, which holds all that Vivado needs and may be taken elsewhere; return that folder.

    Raises:
        UserError: the board is none of AMD's, the clock is not positive, or a word is too wide.
    """
    if board.tool != TOOL.name:
        raise UserError(f"Vivado makes bitstreams for AMD boards; {board.name}'s is made by {board.tool}")
    clock = board.clock_mhz if clock_mhz is None else clock_mhz
    if clock <= 0:
        raise UserError(f"The clock must be above 0 MHz, not {clock:g}")
    shell = AxiShell(
        accelerator.s_data_bits,
        accelerator.m_data_bits,
        accelerator.s_words,
        accelerator.build,
        round(clock * 1e6),
        accelerator.start_words,
        accelerator.packet_words,
    )
    shell.parameters()
    folder = directory / "vivado"
    source_folder = folder / "src"
    shutil.rmtree(source_folder, ignore_errors=True)
    source_folder.mkdir(parents=True)
    for path in (*accelerator.sources, *accelerator.memories):
        with replacing(source_folder / path.name) as temporary:
            shutil.copyfile(path, temporary)
    rtl = [path.name for path in (*accelerator.sources, *shell.emit(source_folder))]
    if len(set(rtl)) < len(rtl):
        twice = next(name for name in rtl if rtl.count(name) > 1)
        raise UserError(f"The accelerator's source {twice} has the name of one of the AXI shell's: rename it")
    write_text(folder / "settings.tcl", _settings(accelerator, board, clock, shell, rtl))
    write_text(folder / "build.tcl", BUILD.read_text())
    return folder


def bitstream(project: Project, output: Path, progress: Progress | None = None) -> None:
    """Write the Vivado project of a build, go through its script without Vivado, and build it where Vivado is.

    Raises:
        CodesignError: the dry run found something.
        MissingTool: there is no Vivado; the project is written.
        ToolFailed: Vivado failed.
    """
    folder = write_project(Accelerator.of(project), project.board, project.directory, clock_mhz=project.clock_mhz)
    with suppress(MissingTool):  # the dry run is worth having, and not worth stopping for
        problems = check(folder)
        if problems:
            more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
            raise CodesignError(f"The Vivado project in {folder} is not right: {problems[0]}{more}")
    build(folder, output, progress=progress)


def plan(accelerator_name: str, folder: Path) -> tuple[Step, ...]:
    """Return what ``build`` would run in ``folder``, Vivado there or not."""
    return (Step(TOOL.name, _command(find()), (*(f"{accelerator_name}.{end}" for end in ("bit", "hwh")), *REPORTS)),)


def build(
    folder: Path, output: Path | None = None, *, jobs: int | None = None, progress: Progress | None = None
) -> Bitstream:
    """Run Vivado on a project of ``write_project``; results are in ``folder/out``, and in ``output`` where given.

    Args:
        folder: the project's.
        output: folder that takes the bitstream, the handoff file and the reports.
        jobs: Vivado's parallel jobs; the script's own number by default.
        progress: called with a line at each milestone.

    Raises:
        MissingTool: there is no Vivado; the sentence holds the command that finishes the build where there is.
        ToolFailed: Vivado ended with an error, or without its results.
    """
    found = find()
    if found is None:
        raise MissingTool(
            f"The Vivado project in {folder} is written, but Vivado, which makes the bitstream, is not on PATH; "
            f"where it is: cd {folder} && {' '.join(COMMAND)}"
        )
    more = () if jobs is None else ("-tclargs", str(jobs))
    log = folder / "build.log"
    shutil.rmtree(folder / "out", ignore_errors=True)
    tool.run(TOOL.name, (*_command(found), *more), folder, log, milestones=_MILESTONES, progress=progress)
    results = {end: sorted((folder / "out").glob(f"*{end}")) for end in (".bit", ".hwh")}
    for end, paths in results.items():
        if len(paths) != 1:
            raise ToolFailed(f"vivado ended without an error and without a {end} file (log: {log})")
    bit, hwh = (paths[0] for paths in results.values())
    if output is not None:
        for path in sorted((folder / "out").iterdir()):
            with replacing(output / path.name) as temporary:
                shutil.copyfile(path, temporary)
        bit, hwh = output / bit.name, output / hwh.name
    summary = dict(line.split(maxsplit=1) for line in (folder / "out" / "summary.txt").read_text().splitlines())
    return Bitstream(bit, hwh, *(float(summary[key]) for key in ("clock_made_mhz", "setup_slack_ns", "hold_slack_ns")))


def _command(found: Found | None) -> tuple[str, ...]:
    return (*(found.command if found else COMMAND[:1]), *COMMAND[1:])


def _settings(accelerator: Accelerator, board: boards.Board, clock: float, shell: AxiShell, rtl: Sequence[str]) -> str:
    """Return settings.tcl."""
    addresses = ADDRESSES[board.family]
    values = {
        "design_name": accelerator.name,
        "part": board.part,
        "board_part": board.vivado["board_part"],
        "processing_system": board.vivado["processing_system"],
        "ps_without_board_files": board.vivado.get("ps_without_board_files", ""),
        "clock_mhz": f"{clock:g}",
        "s_tdata_bits": str(shell.s_tdata_bits),
        "m_tdata_bits": str(shell.m_tdata_bits),
        "weights": str(int(shell.loads)),
        "dma_address": f"0x{addresses.dma:08X}",
        "dma_weights_address": f"0x{addresses.dma_weights:08X}",
        "accelerator_address": f"0x{addresses.accelerator:08X}",
        "register_range": f"0x{addresses.range:08X}",
        "memory_range": f"0x{addresses.memory:08X}",
        "rtl_files": " ".join(rtl),
        "memory_files": " ".join(path.name for path in accelerator.memories),
    }
    lines = [f"# {accelerator.name} on {board.title}. Made by codesign."]
    lines += [f"set {name} {{{value}}}" for name, value in values.items()]
    return "\n".join(lines) + "\n"
