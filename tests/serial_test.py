"""A real network on the ULX3S: built, simulated to the pin in a process of its own, and driven over its device file."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator
from codesign_board.errors import PlaceError, TransferError
from rich.console import Console

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.steps.ingest import GRAPH
from codesign.graph import IntegerGraph
from codesign.ingest.testing import random_residual
from tests.environments import PYNQ, ROOT

COMMAND = [sys.executable, "-m", "sw.simboard"]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serial")
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, folder / "residual.onnx")
    config = BuildConfig(str(model), "ulx3s", folder / "build", target_fps=20_000, frames=20)
    run_steps(STEPS, config, stop_step="board", console=Console(file=io.StringIO()))
    return folder / "build"


@pytest.fixture
def process(build: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, str(build / "simboard"), "--pty", "--port", str(tmp_path / "board"), "--drop", "0.0002"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == str(tmp_path / "board")
        yield process
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert not (tmp_path / "board").is_symlink()


def until_there(port: Path, there: bool) -> None:
    until = time.monotonic() + 30
    while port.exists() != there and time.monotonic() < until:
        time.sleep(0.01)


def test_a_network_over_the_line(build: Path, tmp_path: Path, process: subprocess.Popen[str]) -> None:
    port, graph = tmp_path / "board", IntegerGraph.load(build / GRAPH)
    with Accelerator.load(build / "simboard/deploy", port=str(port)) as acc:
        assert acc.place.name == "serial"
        given = acc.package.input
        x = np.random.default_rng(0).integers(given.low, given.high, (60, *given.shape), endpoint=True)
        expected = graph.run(x)
        assert np.array_equal(acc.infer_integers(x), expected)
        assert acc.selftest(20).mismatches == 0
        os.kill(process.pid, signal.SIGUSR1)
        with pytest.raises(TransferError, match="was pulled"):
            while True:
                acc.infer_integers(x)
        until_there(port, False)
        with pytest.raises(PlaceError, match="There is no serial port"):
            acc.reset()
        os.kill(process.pid, signal.SIGUSR1)
        until_there(port, True)
        acc.reset()
        assert np.array_equal(acc.infer_integers(x), expected)


def test_a_python_of_pynq_shows_a_board(build: Path) -> None:
    """Its environment has neither the driver nor the toolchain."""
    command = [str(PYNQ[0].python), *COMMAND[1:], str(build / "simboard"), "--pty"]
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=bare) as process:
        assert process.stdout is not None
        assert Path(process.stdout.readline().strip()).is_symlink()
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_what_has_no_serial_line(tmp_path: Path) -> None:
    (tmp_path / "simboard.json").write_text('{"io": "axi"}')
    for folder, said in ((tmp_path, "has no serial line: its io is axi"), (tmp_path / "no", "is no simulated board")):
        done = subprocess.run([*COMMAND, str(folder), "--pty"], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
