"""The dry run of hls4ml's projects: nothing is found in what it writes, and every mutation of that is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import boards
from codesign.graph.examples import residual_1d
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.dry_run import check
from hw.hls4ml.flow import prepare
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import Target, target_of

BOARDS = tuple(name for name in boards.names() if boards.get(name).hls4ml_name)
CORE = "zcu104"
"""A board that hls4ml has no block design for."""


def target(name: str) -> Target:
    return target_of(boards.get(name), 100.0)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A project for each board, by its name."""
    folder, graph = tmp_path_factory.mktemp("projects"), residual_1d(3)[0]
    return {name: prepare(graph, Settings(), target(name), folder / name).folder for name in (*BOARDS, CORE)}


@pytest.mark.parametrize("name", [*BOARDS, CORE])
def test_nothing_is_found_in_what_hls4ml_wrote(written: dict[str, Path], name: str) -> None:
    before = {path: path.read_bytes() for path in written[name].rglob("*") if path.is_file()}
    found = check(written[name], target(name))
    assert found.problems == ()
    assert ("design.tcl" in found.scripts) == (name in BOARDS)
    assert found.scripts["build_prj.tcl"] >= 20
    if name in BOARDS:
        assert found.scripts["design.tcl"] > 40
    assert found.files > 50
    assert before == {path: path.read_bytes() for path in written[name].rglob("*") if path.is_file()}


def test_what_no_manual_has_is_told(written: dict[str, Path]) -> None:
    found = check(written["pynq_z2"], target("pynq_z2"))
    assert len(found.remarks) == 1 and "PG021 has no such property of axi_dma" in found.remarks[0]


MUTATIONS = {
    # of the project for pynq_z2: a file, what is replaced by what (None: the file goes), and what must be found
    "a variable that is not set": ("project.tcl", "set part ", "set parts ", 'can\'t read "part"'),
    "another part": ("project.tcl", "xc7z020clg400-1", "xc7z010clg400-1", r"part must be xc7z020clg400-1"),
    "another clock": ("project.tcl", "clock_period 10.0", "clock_period 5.0", "period must be that of 100 MHz"),
    "words of another width": ("project.tcl", "hls_output 32", "hls_output 64", "must be 32 as the wrapper's"),
    "no settings": ("project.tcl", None, "", "couldn't read file .*project.tcl"),
    "no script": ("build_prj.tcl", None, "", "there is no build_prj.tcl"),
    "a script that nobody runs": ("tb_data/../more.tcl", "", "puts 1", "nothing runs more.tcl"),
    "a source that is not there": (f"firmware/{PROJECT}_axi.cpp", None, "", f"there is no file firmware/{PROJECT}_axi"),
    "a test bench that is not there": (f"{PROJECT}_test.cpp", None, "", f"no file {PROJECT}_test.cpp"),
    "a header that is not there": ("firmware/defines.h", None, "", "includes defines.h, which is not there"),
    "our header that is not there": (
        "firmware/nnet_utils/requantize.h", None, "", "includes nnet_utils/requantize.h, which is not there"),
    "weights that are not there": ("firmware/weights/w3.txt", None, "", "loads w3.txt, which is not in"),
    "no top function": (f"firmware/{PROJECT}_axi.cpp", f"void {PROJECT}_axi(", "void other(", "top function"),
    "another top": ("build_prj.tcl", "set_top ${project_name}_axi", "set_top ${project_name}", "the top must be"),
    "a command misspelt": ("build_prj.tcl", "csynth_design", "csynth_desing", 'invalid command name "csynth_desing"'),
    "an option misspelt": ("build_prj.tcl", "-format ip", "-formats ip", "export_design has no option -formats"),
    "no IP core": ("build_prj.tcl", "add_files -tb tb_data", "add_files -tb tb_date", "there is no file tb_date"),
    "a failing end": ("build_prj.tcl", "\nexit\n", "\nexit 1\n", "the script calls exit 1"),
    "an IP misspelt": ("design.tcl", "ip:axi_dma:7.1", "ip:axi_dmas:7.1", "no IP is named xilinx.com:ip:axi_dmas:7.1"),
    "another core": ("design.tcl", "hls:${project_name}_axi:", "hls:${project_name}:", "no IP is named"),
    "a property misspelt": ("design.tcl", "c_include_sg", "c_includes_sg", "axi_dma has no property c_includes_sg"),
    "a value too large": ("design.tcl", "length_width {26}", "length_width {27}", "must match"),
    "an interface misspelt": ("design.tcl", "_axi_0/in_r", "_axi_0/in", f"no interface {PROJECT}_axi_0/in"),
    "two masters": ("design.tcl", "axi_dma_0/S_AXIS_S2MM", "axi_dma_0/M_AXIS_MM2S", "are master and master"),
    "a cell misspelt": ("design.tcl", "cells axi_dma_0] [", "cells axi_dma] [", "there is no cell axi_dma"),
    "a rule misspelt": ("design.tcl", "bd_rule:clkrst", "bd_rule:clkrest", "no automation is named"),
    "a rule's key misspelt": ("design.tcl", "Clk_xbar", "Clk_xbars", "bd_rule:axi4 has no Clk_xbars"),
    "a slave for a master": ("design.tcl", "/axi_dma_0/M_AXI_MM2S", "/axi_dma_0/S_AXI_LITE", "is no master"),
    "a wrapper from elsewhere": ("design.tcl", "hdl/design_1_wrapper", "hdl/design_wrapper", "there is no file"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_found(written: dict[str, Path], tmp_path: Path, name: str) -> None:
    file, old, new, expected = MUTATIONS[name]
    folder = shutil.copytree(written["pynq_z2"], tmp_path / "project")
    path = folder / file
    if old is None:
        path.unlink()
    else:
        text = path.read_text() if path.exists() else ""
        assert old in text, f"{file} does not have {old!r}"
        path.write_text(text.replace(old, new, 1))
    problems = check(folder, target("pynq_z2")).problems
    assert any(re.search(expected, problem) for problem in problems), problems


def test_the_project_for_vitis_has_its_options_in_a_file(written: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(written[CORE], tmp_path / "project")
    text = (folder / "build_prj.tcl").read_text()
    (folder / "build_prj.tcl").write_text(text.replace("build_opt.tcl", "build_options.tcl"))
    problems = check(folder, target(CORE)).problems
    assert any("build_options.tcl" in problem for problem in problems)
