"""The Vivado project: what is written, what a dry run of its script finds, and what build() makes of a Vivado."""

import importlib.util
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import boards
from codesign.errors import CodesignError, MissingTool, ToolFailed, UserError
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import emit
from hw.design.stream import Stream
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.shell.axi import shell_test
from hw.sim import lint
from hw.synth import vivado
from hw.synth.project import Project
from hw.synth.vivado_project import dry_run, vocabulary
from hw.synth.vivado_project.dry_run import Scenario, check

AMD = ("zcu104", "zcu102", "pynq_z2", "ultra96_v2", "kv260")
DOCUMENT = Path(__file__).parents[2] / "docs" / "vivado.md"


@pytest.fixture(scope="module")
def accelerator(tmp_path_factory: pytest.TempPathFactory) -> vivado.Accelerator:
    """A stand-in that reads a memory file."""
    folder = tmp_path_factory.mktemp("rtl")
    rtl, memory = folder / "accelerator.sv", folder / "mvu_weights.hex"
    reads = 'logic [3:0] mem [0:0]; initial $readmemh("mvu_weights.hex", mem);'
    rtl.write_text(shell_test.STAND_IN.read_text().replace("endmodule", f"{reads}\nendmodule"))
    memory.write_text("0\n")
    return vivado.Accelerator("jet", [rtl], [memory], 24, 10, shell_test.WORDS, 0x12345678)


@pytest.fixture
def project(accelerator: vivado.Accelerator, tmp_path: Path) -> Path:
    return vivado.write_project(accelerator, boards.get("zcu104"), tmp_path)


# ---- what is written ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", AMD)
def test_dry_run_finds_nothing(accelerator: vivado.Accelerator, tmp_path: Path, name: str) -> None:
    assert check(vivado.write_project(accelerator, boards.get(name), tmp_path)) == []


@pytest.fixture
def loading(accelerator: vivado.Accelerator, tmp_path: Path) -> Path:
    """The project of an accelerator that loads weights."""
    return vivado.write_project(replace(accelerator, start_words=7, packet_words=5), boards.get("zcu104"), tmp_path)


@pytest.mark.parametrize("name", AMD)
def test_dry_run_with_weights_finds_nothing(accelerator: vivado.Accelerator, tmp_path: Path, name: str) -> None:
    folder = vivado.write_project(replace(accelerator, packet_words=5), boards.get(name), tmp_path)
    assert check(folder) == []
    text = [" ".join((call.command, *call.arguments)) for call in dry_run.dry_run(folder).calls]
    assert any("interface:dma_weights/M_AXIS_MM2S interface:accelerator/w_axis" in line for line in text)


@pytest.mark.parametrize("name", AMD)
def test_the_calls_are_what_the_board_needs(accelerator: vivado.Accelerator, tmp_path: Path, name: str) -> None:
    board = boards.get(name)
    run = dry_run.dry_run(vivado.write_project(accelerator, board, tmp_path, clock_mhz=150))
    calls = [(call.command, *call.arguments) for call in run.calls]
    text = [" ".join(call) for call in calls]
    assert any(call[0] == "create_project" and call[-1] == board.part for call in calls)
    clock = "PCW_FPGA0_PERIPHERAL_FREQMHZ" if board.family == "xc7" else "PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ"
    assert any(f"CONFIG.{clock} 150" in line for line in text)
    assert any("CONFIG.c_m_axis_mm2s_tdata_width 32" in line for line in text)
    assert any("CONFIG.c_s_axis_s2mm_tdata_width 16" in line for line in text)
    assert "set_property file_type Memory Initialization Files" in "\n".join(text)
    assert set(run.made) == {"jet.bit", "jet.hwh", *vivado.REPORTS}


def test_without_board_files_the_crystal_is_set(accelerator: vivado.Accelerator, tmp_path: Path) -> None:
    folder = vivado.write_project(accelerator, boards.get("pynq_z2"), tmp_path)
    for installed in (True, False):
        run = dry_run.dry_run(folder, Scenario(board_files=installed))
        text = "\n".join(" ".join(call.arguments) for call in run.calls)
        assert ("PCW_CRYSTAL_PERIPHERAL_FREQMHZ 50" in text) is not installed
        assert ("apply_board_preset" in text) is installed


def test_handoff_of_an_old_vivado(project: Path) -> None:
    run = dry_run.dry_run(project, Scenario(handoff="srcs"))
    assert run.problems == () and "jet.hwh" in run.made


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        (Scenario(failing="synth_1"), "synthesis failed, see .*synth_1/runme.log"),
        (Scenario(failing="impl_1"), "place and route failed"),
        (Scenario(slack_ns=-0.25), "timing is not met .setup -0.25 ns.*at 200 MHz"),
    ],
)
def test_a_run_that_fails_leaves_no_bitstream(project: Path, scenario: Scenario, error: str) -> None:
    run = dry_run.dry_run(project, scenario)
    assert re.match(f"ERROR: {error}", run.error)
    assert "jet.bit" not in run.made


def test_the_folder_holds_all_of_it(project: Path, accelerator: vivado.Accelerator, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(project, elsewhere)
    assert check(elsewhere) == []
    assert str(tmp_path) not in "".join(path.read_text() for path in elsewhere.rglob("*") if path.is_file())


@pytest.fixture
def built(tmp_path: Path) -> Project:
    """A build of one kernel, as far as its RTL."""
    edges = {End("guard"): End(BOUNDARY), End(BOUNDARY): End("guard")}
    design = Design("guard", {"guard": FrameGuard(Stream(3, 8), 49)}, edges)
    emit(design, tmp_path / "rtl")
    board, rtl = boards.get("kv260"), tmp_path / "rtl"
    return Project("guard", board, 150.0, tmp_path / "netlist.json", rtl, design.input, design.output, 0xABC, tmp_path)


def test_a_build_without_vivado_leaves_its_project(fake: Path, built: Project) -> None:
    with pytest.raises(MissingTool, match=r"is written, but Vivado.* cd .*/vivado && vivado "):
        vivado.bitstream(built, built.directory / "bitfile")
    folder = built.directory / "vivado"
    assert check(folder) == []
    assert lint("accelerator_axi", sorted((folder / "src").glob("*.*v"))) == []
    shell = (folder / "src" / "accelerator_axi.v").read_text()
    assert all(re.search(rf"{line}\b", shell) for line in ("S_DATA_BITS  = 24", "S_WORDS      = 49", "= 150000000"))


def test_a_build_with_vivado_delivers(fake: Path, built: Project) -> None:
    vivado_that(fake, f'mkdir out; echo b > out/a.bit; echo h > out/a.hwh; printf "{SUMMARY}\\n" > out/summary.txt')
    vivado.bitstream(built, built.directory / "bitfile")
    assert {path.name for path in (built.directory / "bitfile").iterdir()} == {"a.bit", "a.hwh", "summary.txt"}


def test_a_build_whose_script_is_wrong_stops(fake: Path, built: Project) -> None:
    (built.directory / "rtl" / "accelerator.sv").write_text('module accelerator; // reads "gone.hex"\nendmodule\n')
    with pytest.raises(CodesignError, match=r"is not right: build\.tcl:\d+: the sources read gone\.hex, .* not have$"):
        vivado.bitstream(built, built.directory / "bitfile")


# ---- what the dry run finds -----------------------------------------------------------------------------------------
MARK = "    set_property file_type {Memory Initialization Files} [get_files $path]\n"
MUTATIONS = {
    "variable misspelt": ("-part $part", "-part $prat", 'can\'t read "prat": no such variable'),
    "variable misspelt in a branch": ("max(32, $m_tdata_bits)", "max(32, $m_tdata)", 'can\'t read "m_tdata"'),
    "brace missing": ("set has_board [expr {[llength", "set has_board [expr [llength", "missing|extra|invalid"),
    "bracket missing": ("set bd_file [get_files $bd.bd]", "set bd_file [get_files $bd.bd", "missing close-bracket"),
    "command misspelt": ("save_bd_design", "save_bd_desing", 'invalid command name "save_bd_desing"'),
    "option misspelt": ("-norecurse -fileset", "-norecurs -fileset", "add_files has no option -norecurs"),
    "option without value": ("-to_step route_design -jobs $jobs", "-jobs", "launch_runs -jobs lacks its value"),
    "too many arguments": ("open_run impl_1", "open_run impl_1 now", "open_run takes 1 to 1"),
    "file absent": ("[file join $source_dir $name]\n}", "[file join $source_dir x$name]\n}", "no file xaccelerator.sv"),
    "pin misspelt": ("dma/axi_resetn", "dma/aresetn", r"dma \(axi_dma\) has no pin aresetn; it has .*axi_resetn"),
    "cell misspelt": ("reset/ext_reset_in]", "rst/ext_reset_in]", "there is no cell rst"),
    "interface misspelt": ("memory_bus/S01_AXI", "memory_bus/S02_AXI", "has no interface S02_AXI"),
    "interface not enabled": ("PSU__USE__S_AXI_GP2 1", "PSU__USE__S_AXI_GP2 0", "has no interface S_AXI_HP0_FPD"),
    "interface left on": ("PSU__USE__M_AXI_GP1 0", "PSU__USE__M_AXI_GP1 1", "nothing drives ps/maxihpm1_fpd_aclk"),
    "property misspelt": ("CONFIG.c_include_sg", "CONFIG.c_include_scatter", "axi_dma has no property"),
    "property of nothing": ("set_property top ", "set_property topmost ", "has no property topmost"),
    "value not allowed": ("c_mm2s_burst_size 256", "c_mm2s_burst_size 250", "c_mm2s_burst_size must match"),
    "odd dictionary": ("CONFIG.NUM_SI 1 CONFIG.NUM_MI 2", "CONFIG.NUM_SI CONFIG.NUM_MI 2", "pairs of a property"),
    "no such IP": ("ip_cell axi_dma dma", "ip_cell axi_dna dma", "no IP xilinx.com:ip:axi_dna"),
    "module without its file": ("-reference accelerator_axi", "-reference axi_shell", "no plain Verilog .*axi_shell"),
    "clock left open": ("dma/s_axi_lite_aclk dma", "dma", "nothing drives dma/s_axi_lite_aclk"),
    "reset left open": ("list accelerator/aresetn dma", "list dma", "nothing drives accelerator/aresetn"),
    "clock on a reset": ("[get_bd_pins $board_reset]", "[get_bd_pins $clock]", "are a clock and a reset"),
    "connected twice": ("accelerator/aclk control", "accelerator/aclk accelerator/aclk control", "already"),
    "two drivers": (
        "connect_bd_net [get_bd_pins reset/interconnect_aresetn] [get_bd_pins $pin]",
        "connect_bd_net [get_bd_pins reset/interconnect_aresetn] [get_bd_pins dma/axi_resetn]",
        "drive one net",
    ),
    "interface left open": (
        "connect_bd_intf_net [get_bd_intf_pins accelerator/m_axis] [get_bd_intf_pins dma/S_AXIS_S2MM]", "",
        "accelerator/m_axis is not connected",
    ),
    "interface connected twice": ("control_bus/M01_AXI]", "control_bus/M00_AXI]", "M00_AXI is connected already"),
    "master to master": ("pins memory_bus/S01_AXI]", "pins memory_bus/M00_AXI]", "both masters"),
    "stream to a bus": ("pins accelerator/s_axis]", "pins accelerator/s_axi]", "is axis, .* is aximm"),
    "widths differ": ("c_m_axis_mm2s_tdata_width $s_", "c_m_axis_mm2s_tdata_width $m_", "32 bits wide|16 bits wide"),
    "a cell for a pin": ("[get_bd_pins $board_reset]", "[get_bd_cells reset]", "connects pins, not"),
    "addresses overlap": ("-offset $accelerator_address", "-offset $dma_address", "overlap in ps/Data"),
    "address not aligned": ("-offset $accelerator_address", "-offset 0xA0018000", "no multiple of the range"),
    "address missing": ("space [list dma/Data_MM2S dma", "space [list dma", "no address in dma/Data_MM2S"),
    "segment misspelt": ("accelerator/s_axi/reg0", "accelerator/s_axi/Reg", "no address segment accelerator/s_axi/Reg"),
    "preset of another system": ("bd_rule:zynq_ultra_ps_e", "bd_rule:zynq_ultra", "is not one for zynq_ultra_ps_e"),
    "memory files left out": ("foreach name $memory_files", "foreach name {}", "read mvu_weights.hex, which"),
    "memory file not marked": (MARK, "", "mvu_weights.hex is not marked"),
    "compile order": ("update_compile_order -fileset sources_1\n\n", "", "compile order is not up to date"),
    "not validated": ("\nvalidate_bd_design\n", "\n", "before validate_bd_design"),
    "no wrapper": ("make_wrapper -files $bd_file -top -import -fileset sources_1\n", "", "its wrapper"),
    "top misspelt": ("set_property top ${bd}_wrapper", "set_property top ${bd}_wrap", "no wrapper is named"),
    "step misspelt": ("-to_step write_bitstream", "-to_step bitstream", "no step bitstream"),
    "result from elsewhere": ("${bd}_wrapper.bit]", "${bd}.bit]", "error copying"),
    "a call that ends it": ("validate_bd_design\n", "exit 0\n", "the script calls exit 0"),
}  # fmt: skip


def test_every_mutation_is_caught(project: Path) -> None:
    script = (project / "build.tcl").read_text()
    for name, (old, new, expected) in MUTATIONS.items():
        assert old in script, f"{name}: the script does not have {old!r}"
        (project / "build.tcl").write_text(script.replace(old, new, 1))
        problems = check(project)
        assert any(re.search(expected, problem) for problem in problems), f"{name}: {problems}"


WEIGHTS_MUTATIONS = {
    "write channel left on": ("c_include_s2mm 0", "c_include_s2mm 1", "nothing drives dma_weights/m_axi_s2mm"),
    "width": ("c_m_axis_mm2s_tdata_width 64", "c_m_axis_mm2s_tdata_width 32", "32 bits wide, accelerator/w_axis 64"),
    "no port on the bus": ("CONFIG.NUM_SI 3", "CONFIG.NUM_SI 2", "has no interface S02_AXI"),
    "no control": ("CONFIG.NUM_MI 3", "CONFIG.NUM_MI 2", "has no interface M02_AXI"),
    "stream left open": (
        "connect_bd_intf_net [get_bd_intf_pins dma_weights/M_AXIS_MM2S] [get_bd_intf_pins accelerator/w_axis]", "",
        "accelerator/w_axis is not connected",
    ),
    "clock left open": ("dma_weights/s_axi_lite_aclk dma", "dma", "nothing drives dma_weights/s_axi_lite_aclk"),
    "reset left open": ("[list dma_weights/axi_resetn]", "{}", "nothing drives dma_weights/axi_resetn"),
    "memory without an address": ("[list dma_weights/Data_MM2S]", "{}", "has no address in dma_weights/Data_MM2S"),
    "a space that is not there": ("[list dma_weights/Data_MM2S]", "[list dma_weights/Data_S2MM]", "no address space"),
    "registers' address": ("-offset $dma_weights_address", "-offset $dma_address", "overlap in ps/Data"),
}  # fmt: skip


def test_every_mutation_of_the_weights_part_is_caught(loading: Path) -> None:
    script = (loading / "build.tcl").read_text()
    for name, (old, new, expected) in WEIGHTS_MUTATIONS.items():
        assert old in script, f"{name}: the script does not have {old!r}"
        (loading / "build.tcl").write_text(script.replace(old, new, 1))
        problems = check(loading)
        assert any(re.search(expected, problem) for problem in problems), f"{name}: {problems}"


def test_settings_are_checked_too(project: Path) -> None:
    settings = (project / "settings.tcl").read_text()
    for old, new, expected in (
        ("set part {xczu7ev-ffvc1156-2-e}", "set part {}", "has no part"),
        ("set s_tdata_bits {32}", "set s_tdata_bits {24}", "must match"),
        ("set clock_mhz {200}", "set clock_mhz {fast}", "must match"),
        ("set accelerator_address {0xA0010000}", "set accelerator_address {0xA0000000}", "overlap in ps/Data"),
        ("set memory_files {mvu_weights.hex}", "set memory_files {other.hex}", "no file other.hex"),
        ("set processing_system", "set processing_sistem", 'can\'t read "processing_system"'),
    ):
        assert old in settings
        (project / "settings.tcl").write_text(settings.replace(old, new))
        assert any(re.search(expected, problem) for problem in check(project)), (old, check(project))


def test_problems_name_their_line(project: Path) -> None:
    script = (project / "build.tcl").read_text()
    (project / "build.tcl").write_text(script.replace("dma/axi_resetn", "dma/aresetn"))
    line = next(i for i, text in enumerate(script.splitlines(), 1) if "list accelerator/aresetn dma" in text)
    assert any(problem.startswith(f"build.tcl:{line}: ") for problem in check(project)), check(project)


def test_another_tcl_does_as_well(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run.shutil, "which", lambda name: None)
    if importlib.util.find_spec("tkinter"):
        assert check(project) == []
    else:  # a Python without Tk's Tcl: as if there were none at all
        with pytest.raises(MissingTool):
            check(project)


def test_no_tcl_at_all(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run.shutil, "which", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "tkinter", None)
    with pytest.raises(MissingTool, match=r"needs tclsh.*apt-get install tcl") as caught:
        check(project)
    assert caught.value.exit_status == 3


# ---- build() --------------------------------------------------------------------------------------------------------
@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is PATH, and nothing in it but a shell's basics."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "mkdir", "echo", "tclsh"):
        (folder / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def vivado_that(fake: Path, body: str) -> None:
    (fake / "vivado").write_text(f"#!/bin/sh\n{body}\n")
    (fake / "vivado").chmod(0o755)


SUMMARY = "clock_asked_mhz 200\\nclock_made_mhz 187.5\\nsetup_slack_ns 0.123\\nhold_slack_ns 0.01"


def test_build_with_a_vivado(fake: Path, project: Path, tmp_path: Path) -> None:
    vivado_that(
        fake,
        'echo "$@" > arguments.txt; echo "# create_bd_design system"; mkdir out; echo b > out/jet.bit; '
        f'echo h > out/jet.hwh; echo r > out/timing.rpt; printf "{SUMMARY}\\n" > out/summary.txt',
    )
    said: list[str] = []
    made = vivado.build(project, tmp_path / "delivery", jobs=8, progress=said.append)
    assert made == vivado.Bitstream(tmp_path / "delivery/jet.bit", tmp_path / "delivery/jet.hwh", 187.5, 0.123, 0.01)
    assert made.bit.read_text() == "b\n" and (tmp_path / "delivery/timing.rpt").exists()
    assert (project / "arguments.txt").read_text() == "-mode batch -source build.tcl -tclargs 8\n"
    assert said == ["vivado: block design"]


def test_build_with_a_vivado_that_fails(fake: Path, project: Path) -> None:
    vivado_that(
        fake, 'echo "INFO: [Common 17] on it"; echo "ERROR: [Synth 8-439] no module"; echo "ERROR: two"; exit 1'
    )
    with pytest.raises(ToolFailed, match=r"vivado failed: ERROR: \[Synth 8-439\] no module \(log: .*build\.log\)"):
        vivado.build(project)
    assert "ERROR: two" in (project / "build.log").read_text()


def test_build_with_a_vivado_that_makes_nothing(fake: Path, project: Path) -> None:
    (project / "out").mkdir()
    (project / "out" / "jet.bit").write_text("of an earlier build")
    vivado_that(fake, "exit 0")
    with pytest.raises(ToolFailed, match=r"without a \.bit file"):
        vivado.build(project)


def test_build_without_a_vivado(fake: Path, project: Path) -> None:
    with pytest.raises(MissingTool) as caught:
        vivado.build(project)
    assert caught.value.exit_status == 3
    assert "\n" not in str(caught.value)
    assert f"cd {project} && vivado -mode batch -source build.tcl" in str(caught.value)
    assert vivado.TOOL.find() is None


def test_plan_runs_nothing(fake: Path, project: Path) -> None:
    vivado_that(fake, "echo started > started.txt")
    (step,) = vivado.plan("jet", project)
    assert step.command == (str(fake / "vivado"), "-mode", "batch", "-source", "build.tcl")
    assert step.makes[:2] == ("jet.bit", "jet.hwh")
    assert not list(project.rglob("started.txt")) and not Path("started.txt").exists()


def test_version_is_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Vivado" / "2024.1" / "bin"
    folder.mkdir(parents=True)
    vivado_that(folder, "exit 1")
    monkeypatch.setenv("PATH", str(folder) + os.pathsep + os.environ["PATH"])
    found = vivado.find()
    assert found is not None and found.version == "2024.1"


# ---- what is refused ------------------------------------------------------------------------------------------------
def test_refusals(accelerator: vivado.Accelerator, tmp_path: Path) -> None:
    rtl, board = accelerator.sources[0], boards.get("zcu104")
    with pytest.raises(UserError, match="ulx3s's is made by nextpnr-ecp5"):
        vivado.write_project(accelerator, boards.get("ulx3s"), tmp_path)
    with pytest.raises(UserError, match="above 0 MHz, not 0"):
        vivado.write_project(accelerator, board, tmp_path, clock_mhz=0)
    with pytest.raises(UserError, match="not 'a b'"):
        vivado.Accelerator("a b", [rtl], [], 8, 8)
    with pytest.raises(UserError, match="does not exist"):
        vivado.Accelerator("a", [tmp_path / "no.sv"], [], 8, 8)
    with pytest.raises(UserError, match=r"Two sources .* are named accelerator\.sv"):
        vivado.Accelerator("a", [rtl, rtl], [], 8, 8)
    with pytest.raises(UserError, match="at most 128 bits, not 200"):
        vivado.write_project(vivado.Accelerator("a", [rtl], [], 200, 8), board, tmp_path)
    clash = tmp_path / "axi_lite.sv"
    clash.write_text("module axi_lite; endmodule\n")
    with pytest.raises(UserError, match=r"axi_lite\.sv has the name of one of the AXI shell's"):
        vivado.write_project(vivado.Accelerator("a", [rtl, clash], [], 8, 8), board, tmp_path)


def test_the_document_lists_what_is_used() -> None:
    text = DOCUMENT.read_text()
    assert vocabulary.tables() in text, "run python -m hw.synth.vivado_project.vocabulary and paste it"
    assert "never been run" in text


def test_every_source_is_named() -> None:
    used = {command.source for command in vocabulary.COMMANDS.values()} | {ip.source for ip in vocabulary.IPS.values()}
    used |= {source for _, _, source in vocabulary.PROPERTIES.values()}
    used |= {source for _, source in vocabulary.READ_PROPERTIES.values()} | set(vocabulary.RUN_STEPS.values())
    used |= {source for ip in vocabulary.IPS.values() for _, _, source in ip.properties.values()}
    assert used <= vocabulary.SOURCES.keys()
