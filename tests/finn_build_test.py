"""Builds with FINN's back end through the command line: to where it needs AMD's tools, again, and with bad input."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from codesign.graph import IntegerGraph
from codesign.ingest.testing import random_residual
from tests.command import SYSTEM, codesign

Built = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    net, output = random_residual(1, channels=4)
    return net.save_raw(output, tmp_path_factory.mktemp("model") / "residual.onnx")


@pytest.fixture(scope="module")
def built(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("build") / "finn"
    return folder, codesign("build", model, "--board", "ultra96-v2", "--backend", "finn", "-o", folder)


def test_it_ends_where_amds_tools_are_needed(built: Built) -> None:
    folder, ended = built
    assert ended.returncode == 3, ended.stderr
    sentence = ended.stderr.splitlines()[-1]
    assert "goes no further without Vivado and Vitis HLS, not on PATH here" in sentence
    assert "(2 DuplicateStreams, 2 ElementwiseAdd, 1 GlobalAccPool) for Vitis HLS only" in sentence
    assert sentence.endswith(f"cd {folder}/finn && finn build dataflow_build_config.yaml model.onnx")
    verified = json.loads((folder / "report/verification.json").read_text())
    assert (verified["finn_frames"], verified["finn_mismatches"], verified["finn_not_witnessed"]) == (20, 0, {})
    assert verified["finn_first_difference"] is None
    graph = IntegerGraph.load(folder / "graph")
    assert verified["finn_witnessed"] == [op.output for op in graph.operators]


def test_every_report_has_its_source(built: Built) -> None:
    folder, _ = built
    reports = {p.stem: json.loads(p.read_text()) for p in (folder / "report").glob("*.json") if p.stem != "ingest"}
    sources = {name: report["source"] for name, report in reports.items() if name != "verification"}
    assert sources.pop("finn_conversion") == "FINN's SpecializeLayers"
    assert set(sources.values()) == {"FINN estimate"} and len(sources) == 5
    cycles = reports["estimate_layer_cycles"]["kernels"]
    assert max(cycles.values()) == reports["estimate_network_performance"]["max_cycles"] <= 200e6 / 10_000
    assert "FMPadding_rtl_0" in reports["estimate_layer_resources"]["without_estimate"]
    nodes = [node.name for node in onnx.load(folder / "finn/converted.onnx").graph.node]
    assert list(cycles) == list(reports["finn_conversion"]["nodes"]) == nodes


def test_the_frames_for_finn_are_the_graphs(built: Built) -> None:
    folder, _ = built
    graph = IntegerGraph.load(folder / "graph")
    x, y = (np.load(folder / f"finn/{name}.npy") for name in ("input", "expected_output"))
    assert x.shape == (4, 16, 1, 6) and y.shape == (4, 1, 1, 10)
    expected = graph.run(x.reshape(4, *graph.tensors[graph.input].shape).astype(np.int64))
    assert (y.reshape(expected.shape) == expected).all() and len(np.unique(y)) > 10
    boundary = json.loads((folder / "finn/boundary.json").read_text())
    assert boundary["head"]["axes"] == list(graph.head.axes)
    assert boundary["tail"]["scale"] == graph.tail.scale.tolist()


def test_a_second_build_makes_nothing(built: Built, model: Path) -> None:
    folder, _ = built
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.suffix != ".log"}
    again = codesign("build", model, "--board", "ultra96_v2", "--backend", "finn", "-o", folder)
    assert again.returncode == 3
    assert again.stderr.count("up to date") == 5
    assert before == {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file() and p.suffix != ".log"}


def test_the_report_is_a_table(built: Built) -> None:
    shown = codesign("report", built[0])
    assert shown.returncode == 0, shown.stderr
    for words in ("FINN's SpecializeLayers", "0 mismatches in 20 frames, 19 of 19 operators", "FINN estimate", "LUT"):
        assert words in shown.stdout


def test_where_the_tools_are_the_command_is_told(built: Built, model: Path, tmp_path: Path) -> None:
    for program in ("vivado", "vitis_hls"):
        (tmp_path / program).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    arguments = ("build", model, "--board", "ultra96_v2", "--backend", "finn", "-o", built[0])
    one = codesign(*arguments, path=f"{SYSTEM}:{tmp_path}")
    assert one.returncode == 0, one.stderr
    log = (built[0] / "build_dataflow.log").read_text()
    assert f"FINN goes on with: cd {built[0]}/finn && finn build dataflow_build_config.yaml model.onnx" in log


def test_bad_input_is_one_sentence(model: Path, built: Built, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text('{"matrix_vector_unit_0": {"PE": 3}}')
    (tmp_path / "broken.json").write_text("{")
    cases = [
        (("--board", "ulx3s"), "FINN builds for AMD's parts only, and ulx3s has a LFE5U-85F"),
        (("--board", "pynq_z2", "--folding", tmp_path / "f.json"), "which is none of FINN's nodes"),
        (("--board", "pynq_z2", "--folding", tmp_path / "broken.json"), "is no folding"),
        (("--board", "pynq_z2", "--target-fps", 5e6), "cycles a frame as FINN folds it"),
        (("--board", "pynq_z2", "--stop-step", "lower"), "is no step of the build: it must be one of export"),
    ]  # fmt: skip
    for arguments, words in cases:
        failed = codesign("build", model, "--backend", "finn", *arguments, "-o", tmp_path / "build")
        assert failed.returncode == 2, (arguments, failed.stderr)
        assert words in failed.stderr, (arguments, failed.stderr)
        assert "Traceback" not in failed.stderr
    assert codesign("build", model, "--backend", "fin", "--board", "zcu104").returncode == 2
