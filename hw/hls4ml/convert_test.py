"""hls4ml's project is one that compiles, and what fails on the way is named."""

from __future__ import annotations

import shutil
import time
import uuid
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.errors import ToolFailed, VerificationFailed
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from hw.hls4ml import csim
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.csim import MAIN, Program, compile_program
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import Target, target_of


def small() -> IntegerGraph:
    b = Builder((8, 3), -8, 7, seed=2)
    x = b.requantize(b.conv("x", 4, (3,)))
    return b.graph(b.matmul(b.global_sum(x), 5))


@pytest.fixture(scope="module")
def target() -> Target:
    return target_of(boards.get("pynq_z2"), 100.0)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, target: Target) -> Path:
    folder = tmp_path_factory.mktemp("hls") / "project"
    prepare(small(), Settings(), target, folder)
    return folder


def test_the_wrapper_and_the_streams_give_the_graphs_integers(project: Path, tmp_path: Path) -> None:
    graph = small()
    t = graph.tensors[graph.input]
    x = np.random.default_rng(0).integers(t.low, t.high + 1, (40, *t.shape))
    assert np.array_equal(simulate(graph, project, tmp_path, x), graph.run(x))
    assert len(np.unique(graph.run(x))) > 50
    assert not list(tmp_path.glob("*.bin"))  # what the frames were passed in is gone


def test_gxx_failing_names_its_first_error_and_keeps_the_files(project: Path, tmp_path: Path) -> None:
    source = project / MAIN
    text = source.read_text()
    source.write_text(text.replace("int main(", "int nonsense main("))
    try:
        with pytest.raises(
            ToolFailed, match=r"g\+\+ failed on hls4ml's project: .*csim.cpp:\d+.*error: .*The source is"
        ):
            compile_program(project, tmp_path, (5,))
    finally:
        source.write_text(text)
    assert "error" in (tmp_path / "g++.log").read_text()


@pytest.mark.parametrize(
    ("program", "kind", "words"),
    [
        (
            "echo \"WARNING: Hls::stream 'x' is read while empty\"",
            VerificationFailed,
            "met a fault: .*read while empty",
        ),
        ("echo leftover data in a stream; exit 3", VerificationFailed, "met a fault: leftover data"),
        ("exit 139", ToolFailed, "failed: exit status 139"),
    ],
)
def test_a_fault_of_the_simulation_is_named(program: str, kind: type[Exception], words: str, tmp_path: Path) -> None:
    script(tmp_path / "csim", program)
    with pytest.raises(kind, match=f"The C simulation {words}"):
        Program(tmp_path, (5,)).run(np.ones((2, 8, 3), np.int64))


def test_what_does_not_end_is_killed_with_what_it_started(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csim, "COMPILE_LIMIT_S", 0.3)
    monkeypatch.setattr(csim, "RUN_LIMIT_S", 0.3)
    hanging = f"sleep 300 & echo $! > {tmp_path}/child; wait"
    script(tmp_path / "csim", hanging)
    script(tmp_path / "g++", hanging)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolFailed, match=r"g\+\+ on hls4ml's project in .* did not end in 0.3 s"):
        compile_program(project, tmp_path / "work", (5,))
    assert gone(int((tmp_path / "child").read_text()))
    with pytest.raises(ToolFailed, match=r"The C simulation in .* did not end in 0.3 s"):
        Program(tmp_path, (5,)).run(np.ones((2, 8, 3), np.int64))
    assert gone(int((tmp_path / "child").read_text()))


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def gone(process: int) -> bool:
    """Whether a process has ended; it may take a moment."""
    stat = Path(f"/proc/{process}/stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("where", ["first", "every"])
def test_a_wrapper_that_marks_a_wrong_last_word_is_found(project: Path, tmp_path: Path, where: str) -> None:
    broken = shutil.copytree(project, tmp_path / "project")
    wrapper = broken / f"firmware/{PROJECT}_axi.cpp"
    right = "bool last = (is_last && (i * result_t::size + j == N_OUT - 1)) ? true : false;"
    wrong = {"first": "is_last && i == 0 && j == 0", "every": "i * result_t::size + j == N_OUT - 1"}[where]
    assert right in wrapper.read_text()
    wrapper.write_text(wrapper.read_text().replace(right, f"bool last = {wrong};"))
    with pytest.raises(VerificationFailed, match="last is at the wrong word"):
        simulate(small(), broken, tmp_path / "work", np.ones((3, 8, 3), np.int64))


def test_the_wrappers_words_are_integers_that_cxx_knows(project: Path) -> None:
    assert "typedef ap_int<32> T_in;" in (project / f"firmware/{PROJECT}_axi.h").read_text()


def test_a_project_is_the_same_wherever_it_is_written(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [Path("p"), tmp_path / "number", tmp_path / "power"]
    for folder, drawn in zip(folders, (0xABCDEF01, 0x12345678, 0x123E4567), strict=True):
        monkeypatch.setattr(uuid, "uuid4", partial(uuid.UUID, int=drawn))  # YAML quotes what reads like a number
        prepare(small(), Settings(), target, folder)
    files = [{f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()} for folder in folders]
    assert files[0] == files[1] == files[2] and len(files[0]) > 50
    assert "OutputDir: .\n" in (folders[0] / "hls4ml_config.yml").read_text()
