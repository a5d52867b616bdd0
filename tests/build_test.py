"""Whole builds through the command line: to a bitstream, without Vivado, killed and resumed, and with bad input."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Package

from codesign.build.step import STATE
from codesign.graph import IntegerGraph
from codesign.ingest.testing import Net, random_residual
from tests.command import CODESIGN, codesign


def report(folder: Path, name: str) -> dict:  # type: ignore[type-arg]
    return json.loads((folder / f"report/{name}.json").read_text())


def stamps(folder: Path) -> dict[str, int]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "build_dataflow.log")
    return {str(p): p.stat().st_mtime_ns for p in files}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    net, output = random_residual(1, channels=4)
    return net.save_raw(output, tmp_path_factory.mktemp("model") / "residual.onnx")


@pytest.fixture(scope="module")
def bitstream(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build for the ULX3S that was killed while it simulated, and then went on."""
    folder = tmp_path_factory.mktemp("build") / "ulx3s"
    arguments = ("build", model, "--board", "ULX3S", "--target-fps", 20_000, "--frames", 40, "-o", folder)
    command = [*CODESIGN, *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    started, state = time.monotonic(), folder / STATE
    while not (state.exists() and '"emit"' in state.read_text()) and time.monotonic() - started < 300:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    before = stamps(folder)
    finished = codesign(*arguments)
    assert finished.returncode == 0, finished.stderr
    assert re.search(r"\bemit +Verilog and memory files: up to date", finished.stderr), finished.stderr
    after = stamps(folder)
    assert all(after[path] == stamp for path, stamp in before.items() if "/rtl/" in path)
    return folder


def test_everything_is_verified_and_there_is_a_bitstream(bitstream: Path) -> None:
    verified = report(bitstream, "verification")
    assert verified["float64_differences"] == verified["unexplained"] == 0
    assert verified["outputs"] > 50_000
    assert (verified["finn_frames"], verified["finn_mismatches"]) == (20, 0)
    assert (verified["frames"], verified["mismatches"], verified["frame_errors"]) == (64, 0, 0)
    assert (verified["board_frames"], verified["board_mismatches"]) == (16, 0)
    assert (verified["netlist_frames"], verified["netlist_mismatches"]) == (20, 0)
    speed = report(bitstream, "rtlsim_performance")
    predicted = speed["predicted_cycles_per_frame"]
    assert predicted <= speed["cycles_per_frame"] <= 1.01 * predicted
    assert speed["cycles_per_frame"] <= 80e6 / 20_000
    assert speed["first_frame_cycles"] > speed["latency_cycles"] > 0
    timing = report(bitstream, "timing")
    assert timing["fmax_mhz"] >= 80
    resources = report(bitstream, "post_synth_resources")
    assert resources["source"] == "yosys estimate"
    assert 0 < resources["total"]["lut"] < resources["budget"]["lut"]
    assert 500 < resources["shell"]["lut"] < 2000
    assert sum(kernel["ff"] for kernel in resources["kernels"].values()) >= resources["total"]["ff"]
    (bit,) = (bitstream / "bitfile").glob("*.bit")
    assert bit.stat().st_size > 100_000
    manifest = json.loads((bitstream / "deploy/manifest.json").read_text())
    package = Package.load(bitstream / "deploy.zip")
    assert package.file("bitfile").read_bytes() == bit.read_bytes()
    assert manifest["cycles"] == {
        "interval": speed["cycles_per_frame"],
        "first_frame": speed["first_frame_cycles"],
        "source": "measured (RTL)",
    }
    assert manifest["baud"] == 3_000_000
    graph = IntegerGraph.load(bitstream / "graph")
    assert manifest["build"] == verified["board_registers"]["BUILD"]
    assert (manifest["head"]["axes"], manifest["head"]["model_shape"]) == ([1, 0], [6, 16])
    np.testing.assert_array_equal(manifest["head"]["scale"], graph.head.scale)
    np.testing.assert_array_equal(manifest["tail"]["offset"], graph.tail.offset)
    given = manifest["input"]
    assert given["words"] * given["lanes"] == 6 * 16
    assert given["bytes_per_word"] == -(-given["lanes"] * given["bits"] // 8)
    assert (bitstream / "deploy" / bit.name).read_bytes() == bit.read_bytes()


def test_a_second_build_makes_nothing(bitstream: Path, model: Path) -> None:
    before = stamps(bitstream)
    again = codesign("build", model, "--board", "ulx3s", "--target-fps", 20_000, "--frames", 40, "-o", bitstream)
    assert again.returncode == 0
    assert again.stderr.count("up to date") == again.stderr.count("/14]") == 14
    assert stamps(bitstream) == before


def test_the_report_is_a_page(bitstream: Path) -> None:
    shown = codesign("report", bitstream)
    assert shown.returncode == 0
    for words in ("0 mismatches in 64 frames", "measured (RTL)", "yosys estimate", "nextpnr"):
        assert words in shown.stdout
    page = (bitstream / "report/index.html").read_text()
    assert page.count("<svg") >= 4
    assert "matrix_vector_unit_0" in page


def test_a_verilog_file_changed_behind_our_back_fails_the_verification(model: Path, tmp_path: Path) -> None:
    arguments = ("build", model, "--board", "ulx3s", "--target-fps", 20_000, "-o", tmp_path)
    assert codesign(*arguments, "--stop-step", "emit").returncode == 0
    memory = next((tmp_path / "rtl").glob("matrix_vector_unit_1_*.hex"))
    first, *others = memory.read_text().split()
    memory.write_text("\n".join([f"{int(first, 16) ^ 1:0{len(first)}x}", *others]))
    failed = codesign(*arguments, "--start-step", "simulate", "--stop-step", "simulate")
    assert failed.returncode == 4
    assert "The simulated Verilog differs from the integer graph in" in failed.stderr
    assert "first at frame 0, index (" in failed.stderr
    assert report(tmp_path, "verification")["mismatches"] > 0


def test_without_vivado_all_else_is_made_and_the_status_is_3(model: Path, tmp_path: Path) -> None:
    arguments = ("build", model, "--board", "ZCU104", "--frames", 40, "--netlist-frames", 4, "-o", tmp_path)
    ended = codesign(*arguments)
    assert ended.returncode == 3, ended.stderr
    assert "is written, but Vivado, which makes the bitstream, is not on PATH" in ended.stderr
    assert "vivado -mode batch -source build.tcl" in ended.stderr
    verified = report(tmp_path, "verification")
    assert (verified["mismatches"], verified["board_mismatches"], verified["netlist_mismatches"]) == (0, 0, 0)
    assert (tmp_path / "vivado/build.tcl").exists()
    assert not {"bitfile", "handoff"} & set(Package.load(tmp_path / "deploy").manifest["files"])


def test_bad_input_is_one_sentence(model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")
    plain = Net((1, 4))
    output = plain.op("Relu", "x")
    plain.save_raw(output, tmp_path / "float.onnx")
    (tmp_path / "f.json").write_text('{"matrix_vector_unit_6": {"PE": 7}}')
    np.save(tmp_path / "nan.npy", np.full((2, 6, 16), np.nan, np.float32))
    cases = [
        ((model, "--board", "zcu140"), "zcu104"),
        (("skeleton-tinny", "--board", "ulx3s"), "neither a file nor a preset"),
        ((tmp_path / "text.onnx", "--board", "ulx3s"), "is not an ONNX"),
        ((tmp_path / "float.onnx", "--board", "ulx3s"), "holds no quantizer"),
        ((model, "--board", "ulx3s", "--folding", tmp_path / "f.json"), "PE = 7, which must divide"),
        ((model, "--board", "ulx3s", "--target-fps", 5e7), "cycles a frame when fully unfolded"),
        ((model, "--board", "ulx3s", "--target-fps", 5e8), "leaves no cycle a frame"),
        ((model, "--board", "ulx3s", "--clock", 48), "The PLL makes no 48 MHz from 25"),
        ((model, "--board", "ulx3s", "--start-step", "emit"), "which the step size_fifos makes"),
        ((model, "--board", "ulx3s", "--stop-step", "nothing"), "is no step of the build"),
        ((model, "--board", "ulx3s", "--inputs", tmp_path / "nan.npy"), "192 values that are not finite"),
    ]
    for number, (arguments, words) in enumerate(cases):
        failed = codesign("build", *arguments, "-o", tmp_path / str(number))
        assert failed.returncode == 2, (arguments, failed.stderr)
        assert words in failed.stderr, (arguments, failed.stderr)
        assert "Traceback" not in failed.stderr
