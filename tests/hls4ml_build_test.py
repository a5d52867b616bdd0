"""Builds with hls4ml's back end through the command line: to where it needs AMD's tools, on from there, and again."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator
from codesign_board.places.pynq_test import Pynq

from codesign.build import BuildConfig
from codesign.build.steps import hls4ml_csim
from codesign.cli import codesign as command
from codesign.errors import CodesignError, MissingTool, ToolFailed, VerificationFailed
from codesign.graph import IntegerGraph
from codesign.ingest.testing import random_residual
from codesign.report import hls4ml
from hw.hls4ml.csim import Program
from tests.command import CODESIGN, SYSTEM, codesign
from tests.fake_board import FakeBoard

Built = tuple[Path, subprocess.CompletedProcess[str]]
FRAMES = 40
WORD = {"lanes": 1, "bits": 32, "signed": True, "bytes_per_word": 4}
"""What the AXI streams of hls4ml's block design carry."""


def options(model: Path, folder: Path, *more: object, board: str = "pynq_z2") -> list[str]:
    given = ("build", model, "--backend", "hls4ml", "--board", board, "--frames", FRAMES, "-o", folder, *more)
    return list(map(str, given))


def here(arguments: list[str]) -> None:
    """Run the command in this process: its errors are raised."""
    command(arguments, standalone_mode=False)


def programs(folder: Path, **scripts: str) -> str:
    """Write programs for a shell, by name, with ``_`` for ``-``; return the PATH that has them before the system's."""
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        path = folder / name.replace("vitis_run", "vitis-run").replace("gxx", "g++")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return f"{folder}:{SYSTEM}"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    net, output = random_residual(1, channels=4)
    return net.save_raw(output, tmp_path_factory.mktemp("model") / "residual.onnx")


@pytest.fixture(scope="module")
def built(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("build") / "hls4ml"
    return folder, codesign(*options(model, folder))


@pytest.fixture
def copy(built: Built, tmp_path: Path) -> Path:
    """The same build elsewhere, to go on with or to damage."""
    return shutil.copytree(built[0], tmp_path / "hls4ml")


@pytest.fixture(scope="module")
def graph(built: Built) -> IntegerGraph:
    return IntegerGraph.load(built[0] / "graph")


def read(folder: Path, name: str) -> dict:
    return json.loads((folder / "report" / f"{name}.json").read_text())


# ---- what a build makes ---------------------------------------------------------------------------------------------
def test_it_ends_where_amds_tools_are_needed(built: Built) -> None:
    folder, ended = built
    assert ended.returncode == 3, ended.stderr
    sentence = ended.stderr.splitlines()[-1]
    assert "goes no further without Vivado HLS 2020.1 or older and Vivado, not on PATH here" in sentence
    work = f"{folder}/hls4ml_build"
    assert f"where they are: cp -r {folder}/hls4ml {work} && cd {work} && vivado_hls -f build_prj.tcl" in sentence
    assert "vivado -mode batch -source design.tcl; the next build takes up what lies in hls4ml_build then" in sentence
    verified = read(folder, "verification")
    assert (verified["hls4ml_frames"], verified["hls4ml_mismatches"]) == (FRAMES, 0)
    assert (verified["hls4ml_integers"], verified["hls4ml_first_difference"]) == (10 * FRAMES, None)
    assert (verified["finn_mismatches"], verified["float64_differences"]) == (0, 0)
    project = read(folder, "hls4ml_project")
    assert (project["problems"], project["board"], project["part"]) == ([], "pynq-z2", "xc7z020clg400-1")


def test_every_report_has_its_source_and_every_type_its_reason(built: Built, graph: IntegerGraph) -> None:
    folder, _ = built
    assert all(read(folder, name)["source"] for name in ("hls4ml_precision", "hls4ml_rewrites", "hls4ml_project"))
    precision, seen = read(folder, "hls4ml_precision"), set()
    for layer in precision["layers"]:
        kind, name = layer["operator"].split()
        if kind == "GlobalSum" or name not in graph.tensors:  # holds partial sums too; the rewriting's own
            continue
        t = graph.tensors[name]
        low, high = int(t.low.min()), int(t.high.max())
        signed = low < 0
        bits = max(high.bit_length(), (-low - 1).bit_length() if signed else 1) + signed
        assert layer["types"]["result"] == dict.fromkeys(("type", "derived"), f"{'' if signed else 'u'}int<{bits}>")
        seen.add(name)
    assert len(seen) > 12 and precision["bits"] == precision["derived_bits"]
    rewrites = read(folder, "hls4ml_rewrites")["rewrites"]
    assert {"Conv", "Pad"} <= {kind for rewrite in rewrites for kind in rewrite["into"]}


def test_hls4mls_own_test_bench_makes_what_lies_beside_it(built: Built, graph: IntegerGraph, tmp_path: Path) -> None:
    project = shutil.copytree(built[0] / "hls4ml", tmp_path / "project")
    sources = ["accelerator_test.cpp", "firmware/accelerator.cpp", "firmware/accelerator_axi.cpp"]
    weights = f'-DWEIGHTS_DIR="{project / "firmware/weights"}"'
    line = ["g++", "-std=c++0x", "-O0", "-w", "-Ifirmware/ap_types/", weights, *sources, "-o", "bench"]
    subprocess.run(line, cwd=project, check=True, timeout=300)
    subprocess.run([project / "bench"], cwd=project, check=True, timeout=60, stdout=subprocess.DEVNULL)
    x, expected = (
        np.loadtxt(project / "tb_data" / name, np.int64)
        for name in ("tb_input_features.dat", "tb_output_predictions.dat")
    )
    words = re.findall(r"data: (-?\d+), last: ([01])", (project / "tb_data/csim_results.log").read_text())
    found, last = np.array(words, np.int64).T.reshape(2, *expected.shape)
    assert np.array_equal(found, expected) and len(np.unique(found)) > 30
    assert np.array_equal(last, np.broadcast_to(np.arange(10) == 9, last.shape))
    made = graph.run(x.reshape(len(x), *graph.tensors[graph.input].shape))
    assert np.array_equal(made.reshape(len(x), -1), expected)


def test_the_report_is_a_table(built: Built) -> None:
    shown = codesign("report", built[0])
    assert shown.returncode == 0, shown.stderr
    for words in ("derived from proven ranges", f"0 mismatches in {FRAMES} frames", "C simulation (g++)",
                  "block design for pynq-z2", "Tcl dry run", "explicit_padding", "accum int<"):  # fmt: skip
        assert words in shown.stdout


def test_a_second_build_makes_nothing(built: Built, model: Path) -> None:
    folder, _ = built
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.suffix != ".log"}
    again = codesign(*options(model, folder))
    assert again.returncode == 3
    assert again.stderr.count("up to date") == 8
    assert before == {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.suffix != ".log"}


# ---- the package ----------------------------------------------------------------------------------------------------
def test_the_package_runs_on_a_board_in_python(
    built: Built, graph: IntegerGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = shutil.copytree(built[0] / "deploy", tmp_path / "deploy")
    stated = json.loads((package / "manifest.json").read_text())
    assert (stated["files"]["project"], stated["backend"]["flow"]) == ("project.zip", "VivadoAccelerator")
    stated["files"] |= {"bitfile": "accelerator.bit", "handoff": "accelerator.hwh"}
    _reseal(package, stated)
    frame = graph.tensors[graph.input].shape
    compiled = Program(built[0] / "hls4ml_csim", graph.tensors[graph.output].shape)  # with hls4ml's AXI wrapper
    board = FakeBoard(compute=compiled.run, input={**WORD, "shape": frame}, output=WORD)
    pynq = Pynq(board, cells={"hier_0/axi_dma_0": 0x40400000})
    monkeypatch.setitem(sys.modules, "pynq", pynq)
    x = np.load(package / "samples.npz")["inputs"][:5]
    with Accelerator.load(package) as accelerator:
        tested = accelerator.selftest()
        tested.raise_for_mismatch()
        assert tested.integers > 100
        assert np.array_equal(accelerator.infer(x), graph.tail.run(graph.run(graph.head.run(x))))
    assert pynq.overlays == [str(package / "accelerator.bit")]
    assert json.loads((package / "boundary.json").read_text())["head"] == stated["head"]


def _reseal(package: Path, stated: dict) -> None:
    """Give a package the files of a bitstream."""
    from codesign.deploy.package import seal

    for role in ("bitfile", "handoff"):
        (package / stated["files"][role]).write_text(role)
    seal(package, stated)


# ---- AMD's tools ----------------------------------------------------------------------------------------------------
XML = (
    "<profile><PerformanceEstimates><SummaryOfTimingAnalysis><EstimatedClockPeriod>7.25</EstimatedClockPeriod>"
    "</SummaryOfTimingAnalysis><SummaryOfOverallLatency><Worst-caseLatency>900</Worst-caseLatency>"
    "<Interval-max>260</Interval-max></SummaryOfOverallLatency></PerformanceEstimates><AreaEstimates><Resources>"
    "<BRAM_18K>3</BRAM_18K><DSP48E>12</DSP48E><FF>4000</FF><LUT>5000</LUT></Resources></AreaEstimates></profile>"
)
SAY = 'echo "$(basename "$0") $*" >> said.txt'
HLS = (
    f"{SAY}; s=accelerator_prj/solution1; mkdir -p $s/impl/ip $s/syn/report; echo '<core/>' > $s/impl/ip/component.xml"
    f"; echo '{XML}' > $s/syn/report/accelerator$1_csynth.xml"
)
VIVADO = (
    f"{SAY}; p=accelerator_vivado_accelerator/project_1; h=$p.srcs/sources_1/bd/design_1/hw_handoff; "
    "mkdir -p $p.runs/impl_1 $h; echo bits > $p.runs/impl_1/design_1_wrapper.bit; echo hand > $h/design_1.hwh"
)


def test_where_the_tools_are_they_make_a_bitstream(copy: Path, model: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", vivado_hls=HLS.replace("$1", "_axi"), vivado=VIVADO)
    ended = codesign(*options(model, copy), path=path)
    assert ended.returncode == 0, ended.stderr
    assert (copy / "hls4ml_build/said.txt").read_text().splitlines() == [
        "vivado_hls -f build_prj.tcl reset=0 csim=0 synth=1 cosim=0 validation=0 export=1 vsynth=0 fifo_opt=0",
        "vivado -mode batch -source design.tcl",
    ]
    stated = json.loads((copy / "deploy/manifest.json").read_text())
    assert (copy / "deploy" / stated["files"]["bitfile"]).read_text() == "bits\n"
    assert (copy / "deploy" / stated["files"]["handoff"]).read_text() == "hand\n"
    assert stated["files"]["ip"] == "ip.zip"
    assert stated["cycles"] == {"interval": 260, "first_frame": 900, "source": "Vivado HLS 2020.1 or older estimate"}
    shown = codesign("report", copy).stdout
    assert "at most 260 cycles, latency 900" in shown and "5,000" in shown
    again = codesign(*options(model, copy), path=path)
    assert again.stderr.count("up to date") == 9


def test_what_was_made_elsewhere_goes_into_the_package(copy: Path, model: Path, tmp_path: Path) -> None:
    sentence = codesign(*options(model, copy)).stderr.splitlines()[-1]
    line = sentence.split("where they are: ")[1].split("; the next build")[0]
    path = programs(tmp_path / "bin", vivado_hls=HLS.replace("$1", "_axi"), vivado=VIVADO)
    subprocess.run(line, shell=True, check=True, env={**os.environ, "PATH": path})
    ended = codesign(*options(model, copy))
    assert ended.returncode == 0, ended.stderr
    stated = json.loads((copy / "deploy/manifest.json").read_text())
    assert (copy / "deploy" / stated["files"]["bitfile"]).read_text() == "bits\n"
    assert stated["cycles"]["interval"] == 260
    work = copy / "hls4ml_build/firmware/defines.h"  # of another project, then
    work.write_text(work.read_text().replace("int<4>", "int<5>"))
    (copy / "bitfile/accelerator.bit").write_text("another")
    again = codesign(*options(model, copy))
    assert again.returncode == 3, again.stderr
    assert not (copy / "bitfile").exists()
    assert "bitfile" not in json.loads((copy / "deploy/manifest.json").read_text())["files"]


def test_a_tool_that_fails_is_told_and_its_log_is_kept(copy: Path, model: Path, tmp_path: Path) -> None:
    failing = "echo 'INFO: on it'; echo 'ERROR: [HLS 200-70] no such part'; echo 'ERROR: two'; exit 1"
    ended = codesign(*options(model, copy), path=programs(tmp_path / "bin", vivado_hls=failing, vivado=VIVADO))
    assert ended.returncode == 1
    log = copy / "hls4ml_build/vivado_hls.log"
    assert f"vivado_hls failed: ERROR: [HLS 200-70] no such part (log: {log})" in ended.stderr
    assert "ERROR: two" in log.read_text()
    ended = codesign(*options(model, copy), path=programs(tmp_path / "bin", vivado_hls="exit 0"))
    assert "vivado_hls ended without an error and without the IP core" in ended.stderr


def test_another_board_gets_an_ip_core_by_vitis_hls(copy: Path, model: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", vitis_run=HLS.replace("$1", ""))
    first = codesign(*options(model, copy, "--stop-step", "hls4ml_model", board="zcu104"), path=path)
    assert first.returncode == 0 and first.stderr.count("up to date") == 4, first.stderr
    between = ("--start-step", "hls4ml_project", "--stop-step", "hls4ml_build")
    ended = codesign(*options(model, copy, *between, board="zcu104"), path=path)
    assert ended.returncode == 0, ended.stderr
    assert (copy / "hls4ml_build/said.txt").read_text() == "vitis-run --mode hls --tcl build_prj.tcl\n"
    chosen = (copy / "hls4ml/build_opt.tcl").read_text().split()
    assert chosen[chosen.index("export") + 1] == "1" and chosen[chosen.index("cosim") + 1] == "0"
    assert (copy / "bitfile/ip/component.xml").is_file()
    assert read(copy, "hls4ml_project")["board"] is None


# ---- killed, damaged ------------------------------------------------------------------------------------------------
def test_a_killed_build_resumes_and_a_damaged_one_is_made_again(
    copy: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = programs(tmp_path / "bin", gxx=f"touch {tmp_path}/compiles; exec sleep 60")
    (copy / "verification_output/hls4ml.json").write_text("{")
    line = [*CODESIGN, *options(model, copy)]
    environment = {**os.environ, "PATH": hanging}
    running = subprocess.Popen(line, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 100
    while not (tmp_path / "compiles").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (tmp_path / "compiles").exists()
    os.killpg(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    header = copy / "hls4ml/firmware/defines.h"
    whole = header.read_text()
    header.write_text(whole.replace("int<4>", "int<2>"))
    with pytest.raises(MissingTool):
        here(options(model, copy))
    assert header.read_text() == whole
    verified = read(copy, "verification")
    assert (verified["hls4ml_frames"], verified["hls4ml_mismatches"]) == (FRAMES, 0)


def test_a_project_that_computes_something_else_is_found(copy: Path, model: Path) -> None:
    weights = copy / "hls4ml/firmware/weights/w3.txt"
    first, _, others = weights.read_text().partition(",")
    weights.write_text(f"{-1 - int(first)},{others}")  # of as many bits
    config = BuildConfig(str(model), "pynq_z2", copy, frames=FRAMES, io_type="io_parallel", input_type="int8")
    with pytest.raises(VerificationFailed, match=r"differs from the integer graph in \d+ of 400 ") as failed:
        hls4ml_csim.run(config)
    told = "--backends hls4ml --board pynq_z2 --io-type io_parallel --frames 40 --input-type int8"
    assert str(failed.value).endswith(f"is told by: codesign compare {model} {told}")
    for step in ("hls4ml_build", "hls4ml_package"):
        with pytest.raises(VerificationFailed, match=r"differed from the integer graph in \d+ integers"):
            here(options(model, copy, "--start-step", step, "--stop-step", step))
    verified = read(copy, "verification")
    assert verified["hls4ml_mismatches"] > 0 and verified["hls4ml_first_difference"].startswith("frame ")
    rows = hls4ml.rows({name: read(copy, name) for name in (*hls4ml.NEEDED, "verification")})
    shown = {what: figure for what, figure, _ in rows}
    assert shown["hls4ml's project against the integer graph"].startswith(f"{verified['hls4ml_mismatches']} mismatches")


# ---- bad input ------------------------------------------------------------------------------------------------------
def test_a_compiler_that_fails_or_is_missing(
    copy: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "verification_output/hls4ml.json").unlink()
    failing = "echo 'in file x:' >&2; echo 'x.cpp:3:1: error: no such type' >&2; echo 'error: two' >&2; exit 1"
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", gxx=failing))
    with pytest.raises(ToolFailed) as failed:
        here(options(model, copy))
    source, log = copy / "hls4ml/csim.cpp", copy / "hls4ml_csim/g++.log"
    assert f"x.cpp:3:1: error: no such type. The source is {source}, what g++ said {log}" in str(failed.value)
    assert "error: two" in log.read_text() and source.is_file() and failed.value.exit_status == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match=r"needs g\+\+, not on PATH here: apt install g\+\+") as missing:
        here(options(model, copy))
    assert missing.value.exit_status == 3


def test_without_hls4ml_the_extra_is_named(copy: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hls4ml", None)
    with pytest.raises(MissingTool, match=r"needs the extra `hls4ml`: pip install -e '\.\[hls4ml\]'") as missing:
        here(options(model, copy, "--strategy", "latency"))
    assert missing.value.exit_status == 3


BOARDS = "with block design and driver: .*pynq_z2.*; as an IP core for the part: .*zcu104"
BAD = {
    "a board without a part of AMD's": (("--board", "ulx3s"), rf"ulx3s has a LFE5U-85F.*: choose another .*{BOARDS}"),
    "a board that is not there": (("--board", "pynq_z3"), rf"No board is named 'pynq_z3'.*; hls4ml knows, {BOARDS}"),
    "a clock of its own": (("--clock", "150"), "block design for pynq_z2 has a clock of 100 MHz, not 150: leave out"),
    "an io type": (("--io-type", "io_serial"), "io_type must be io_stream or io_parallel, not 'io_serial'"),
    "a strategy": (("--strategy", "fast"), "strategy must be resource or latency, not 'fast'"),
    "a reuse factor": (("--reuse-factor", "0"), "--reuse-factor must be at least 1, not 0"),
    "a reuse factor that does not divide": (("--reuse-factor", "7"), "7 is none for conv_0_out0_op .*: use "),
    "a type": (("--precision", "fixed<48>"), "derived or a type such as fixed<48,20> or int<24>, not 'fixed<48>'"),
    "a type too narrow": (("--precision", "fixed<16,4>"), r"fixed<16,4> cannot hold .*\[-128, 127\] .* int<8>"),
    "resources": (("--max-resources", "50%"), "--max-resources means nothing to --backend hls4ml"),
    "a rate": (("--target-fps", "100"), "--target-fps means nothing to --backend hls4ml"),
    "a folding": (("--folding", "f.json"), "--folding means nothing to --backend hls4ml"),
    "depths": (("--fifo-depths", "f.json"), "--fifo-depths means nothing to --backend hls4ml"),
    "streamed weights": (("--stream-weights", "never"), "--stream-weights means nothing to --backend hls4ml"),
    "a step": (("--stop-step", "lower"), "is no step of the build: it must be one of export, .*hls4ml_package"),
    "another back end's": (("--backend", "own", "--io-type", "io_stream"), "--io-type means nothing to --backend own"),
    "FINN's": (("--backend", "finn", "--reuse-factor", "2"), "--reuse-factor means nothing to --backend finn"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(copy: Path, model: Path, name: str) -> None:
    given, words = BAD[name]
    with pytest.raises(CodesignError, match=words) as failed:
        here(options(model, copy, *given))
    assert failed.value.exit_status == 2
    if name != "a type too narrow":  # which has a line for each operator
        assert "\n" not in str(failed.value)


def test_sums_of_a_given_type_are_told_beside_the_derived(copy: Path, model: Path) -> None:
    here(options(model, copy, "--precision", "fixed<48,20>", "--stop-step", "hls4ml_model"))
    precision = read(copy, "hls4ml_precision")
    assert precision["bits"] > 2 * precision["derived_bits"] and "fixed<48,20>" in precision["source"]
    conv = next(layer for layer in precision["layers"] if layer["class"] == "Conv1D")
    assert conv["types"]["accum"]["type"] == "fixed<48,20>" != conv["types"]["accum"]["derived"]
    assert conv["types"]["weight"]["type"] == conv["types"]["weight"]["derived"]
