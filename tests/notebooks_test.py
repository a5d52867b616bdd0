"""The notebooks, executed headless under stock pynq on a simulated board: no error, and they show what is right."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pytest
from codesign_board.samples import Samples
from matplotlib import image
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from rich.console import Console

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.packaging import contents_of
from codesign.build.steps.board import write_simboard
from codesign.deploy.package import Contents, write_zip
from codesign.deploy.wheel import build_wheel
from codesign.graph import IntegerGraph
from codesign.ingest.testing import random_residual
from sw.simboard.kernel import write_kernel
from tests import environments

FOLDER = Path(__file__).parents[1] / "sw" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MAY_IMPORT = {"codesign_board", "numpy", "matplotlib", *sys.stdlib_module_names}


@dataclass(frozen=True)
class Shown:
    """What a notebook shows.

    Attributes:
        text: all that it printed.
        pictures: RGB float32 [height, width, 3].
    """

    text: str
    pictures: list[np.ndarray]

    def line(self, start: str) -> str:
        """The rest of the one line that begins so."""
        found = re.findall(rf"^{re.escape(start)}(.*)$", self.text, re.MULTILINE)
        assert len(found) == 1, f"{len(found)} lines begin with {start!r} in\n{self.text}"
        return str(found[0]).strip()


Execute = Callable[..., Shown]


@pytest.fixture
def execute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Run the notebook of a number on a simulated board that is the first's, with packages of all that are given."""

    def run(number: int, *boards: Path) -> Shown:
        write_kernel(tmp_path / "jupyter", environments.get("pynq-4.0.0").python, boards[0])
        fonts = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        for name, value in {
            "JUPYTER_PATH": tmp_path / "jupyter",
            "CODESIGN_PACKAGES": os.pathsep.join(str(board / "deploy") for board in boards),
            "HOME": tmp_path,
            "XDG_CACHE_HOME": fonts,
        }.items():
            monkeypatch.setenv(name, str(value))
        (notebook,) = (nbformat.read(path, 4) for path in NOTEBOOKS if path.name.startswith(f"{number:02}"))
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        text = "".join(output.text for output in outputs if output.get("name") == "stdout")
        pngs = (output.data["image/png"] for output in outputs if "image/png" in output.get("data", {}))
        return Shown(text, [image.imread(io.BytesIO(base64.b64decode(png)))[..., :3] for png in pngs])

    return run


def simulated(folder: Path, model: str, **settings: object) -> Path:
    """Build a simulated board without the checks of a build; return its folder."""
    config = BuildConfig(model, "zcu104", folder, **settings)  # type: ignore[arg-type]
    steps = [step for step in STEPS if step.name != "witness"]
    run_steps(steps, config, stop_step="emit", console=Console(file=io.StringIO()))
    contents: Contents = contents_of(config)
    write_simboard(folder / "simboard", contents)
    return folder / "simboard"


def samples_of(board: Path) -> tuple[Samples, np.ndarray]:
    """The package's samples, and their scores by the integer graph."""
    with np.load(board / "deploy" / "samples.npz") as stored:
        samples = Samples(**{name: stored[name] for name in stored.files})
    return samples, scores(board, samples.inputs)


def scores(board: Path, x: np.ndarray) -> np.ndarray:
    """The model's outputs for ``x`` by the integer graph of the board's build."""
    graph = IntegerGraph.load(board.parent / "graph")
    return graph.tail.run(graph.run(graph.head.run(x)))


def check_pictures(shown: Shown, count: int) -> None:
    """So many pictures, of a sensible size, with something on them."""
    assert len(shown.pictures) == count
    for picture in shown.pictures:
        height, width, _ = picture.shape
        assert 500 < width < 1400
        assert 150 < height < 1400
        assert 0.01 < (picture.min(axis=2) < 0.9).mean() < 0.7
        assert len(np.unique((255 * picture).astype(int).reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_clean(path: Path) -> None:
    notebook = json.loads(path.read_text())
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert not re.search(r"simulat|simboard|verilat|emulat|fake|mock", path.read_text(), re.IGNORECASE)
    for cell in code:
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= MAY_IMPORT


def test_getting_started(execute: Execute, simulated_board: Path) -> None:
    shown = execute(1, simulated_board)
    samples, expected = samples_of(simulated_board)
    manifest = json.loads((simulated_board / "deploy" / "manifest.json").read_text())
    labels = manifest["tail"]["labels"]
    assert shown.line("skeleton-tiny runs on") == "ZCU104"
    assert shown.line("clock ") == "200 MHz asked, 187.498 MHz actual"  # 33.333 MHz * 45 / 8, the nearest below
    assert shown.line("MAGIC ").startswith("0x434f4453")
    assert int(shown.line("BUILD ").split()[0], 16) == manifest["build"] % 2**32
    assert np.array2string(expected[:3], precision=3, suppress_small=True) in shown.text
    assert shown.line("recognised:").split() == [labels[i] for i in expected[:8].argmax(axis=1)]
    assert (
        f"{len(samples.inputs)} frames, {expected.size} integers compared with the package's, all equal." in shown.text
    )
    assert shown.text.count("refused:") == 5
    assert "the first is nan at [1, 0, 3]" in shown.text
    assert shown.line("40 results,") == "the same as before"
    check_pictures(shown, 1)


def test_skeleton_recognition(execute: Execute, simulated_board: Path) -> None:
    shown = execute(2, simulated_board)
    samples, expected = samples_of(simulated_board)
    labels = json.loads((simulated_board / "deploy" / "manifest.json").read_text())["tail"]["labels"]
    found, truth = expected.argmax(axis=1), samples.labels
    assert 0.4 < (found == truth).mean() < 1
    assert shown.line("accuracy:") == f"{(found == truth).mean():.1%} of 96 sequences"
    played = [*np.flatnonzero(found == truth)[:6], np.flatnonzero(found != truth)[0]]
    assert "97 windows of 64 moments" in shown.text
    assert shown.line("shown:").split() == [labels[truth[i]] for i in played]
    assert shown.line("recognised:").split()[:7] == [labels[found[i]] for i in played]
    check_pictures(shown, 4)


@pytest.fixture
def nameless_board(simulated_board: Path, tmp_path: Path) -> Path:
    """A skeleton network whose classes have no names."""
    board = shutil.copytree(simulated_board, tmp_path / "nameless")
    manifest, sums = board / "deploy" / "manifest.json", board / "deploy" / "SHA256SUMS"
    before = manifest.read_bytes()
    changed = json.loads(before)
    changed["tail"]["labels"] = []
    manifest.write_text(json.dumps(changed))
    old, new = (hashlib.sha256(data).hexdigest() for data in (before, manifest.read_bytes()))
    sums.write_text(sums.read_text().replace(old, new))
    return board


def test_skeleton_recognition_takes_a_package_with_names(
    execute: Execute, nameless_board: Path, simulated_board: Path
) -> None:
    with pytest.raises(CellExecutionError, match="None of the 1 packages found is of a skeleton network whose actions"):
        execute(2, nameless_board)
    shown = execute(2, nameless_board, simulated_board)
    assert shown.line("skeleton-tiny on") == "ZCU104: 96 sequences, 10 actions"


def test_accuracy_and_latency(
    execute: Execute, simulated_build: Path, simulated_board: Path, own_board: Path, tmp_path: Path
) -> None:
    folding = simulated_build / "auto_folding_config.json"
    wide = simulated(tmp_path / "wide", "skeleton-tiny-w8a8", folding_config_file=folding)
    shown = execute(3, simulated_board, wide, own_board)
    assert shown.text.count(", all equal.") == 3
    assert "is skipped" not in shown.text
    for board, name in ((simulated_board, "skeleton-tiny, "), (wide, "skeleton-tiny-w8a8, ")):
        samples, expected = samples_of(board)
        cycles = json.loads((board / "deploy" / "manifest.json").read_text())["cycles"]["interval"]
        row = shown.line(f"{name}{cycles:,} cycles a frame")
        assert re.fullmatch(r"187\.5 MHz +[\d.]+ ms +[\d,]+ frames/s +([\d.]+%) +no rails", row), row
        assert f" {(expected.argmax(axis=1) == samples.labels).mean():.1%} " in row
    assert re.search(r"^residual, .* frames/s +unknown", shown.text, re.MULTILINE)
    check_pictures(shown, 1)


@pytest.fixture
def own_board(tmp_path: Path) -> Path:
    """A user's own network: it has no labels, and the package's samples are the user's own."""
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, tmp_path / "residual.onnx")
    np.save(tmp_path / "mine.npy", np.random.default_rng(7).normal(0, 1, (12, 6, 16)))
    return simulated(tmp_path / "own", str(model), target_fps=100_000, inputs=tmp_path / "mine.npy")


def test_comparison_tells_packages_apart(
    execute: Execute, own_board: Path, simulated_board: Path, tmp_path: Path
) -> None:
    """Two clocks of one network have one title; a zip beside its folder is no third build."""
    folding = own_board.parent / "auto_folding_config.json"
    model = str(tmp_path / "residual.onnx")
    slow = simulated(tmp_path / "slow", model, synth_clk_mhz=100.0, folding_config_file=folding)
    copies = tmp_path / "codesign"  # in the user's home
    shutil.copytree(slow / "deploy", copies / "deploy")
    write_zip(slow / "deploy", copies / "deploy.zip")
    shown = execute(3, own_board, slow, simulated_board)
    for copy in ("deploy", "deploy.zip"):
        assert shown.line(f"{copies / copy} is skipped:") == f"it is the same as {slow / 'deploy'}"
    assert shown.text.count(", all equal.") == 3
    rows = re.findall(r"^(.*) cycles a frame(, \S+)? +([\d.]+ MHz) ", shown.text, re.MULTILINE)
    (own, own_place, _), (other, other_place, clock), (third, third_place, _) = rows
    assert own == other and own.startswith("residual, ")
    assert (own_place, other_place) == (", own/simboard/deploy", ", slow/simboard/deploy")
    assert clock == "100 MHz"
    assert third.startswith("skeleton-tiny, ") and third_place == ""


def test_bring_your_own_model(execute: Execute, own_board: Path, simulated_board: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "inputs.npy", np.arange(3))
    mine = {path: path.read_bytes() for path in tmp_path.glob("*.npy")}
    shown = execute(4, own_board, simulated_board)
    assert {path: path.read_bytes() for path in tmp_path.glob("*.npy")} == mine
    graph = IntegerGraph.load(own_board.parent / "graph")
    steps = np.random.default_rng(1).normal(0, graph.head.reach / 8, (16, 6, 16))
    expected = scores(own_board, steps.cumsum(axis=-1).astype(np.float32))
    manifest = json.loads((own_board / "deploy" / "manifest.json").read_text())
    assert shown.line("residual on") == f"ZCU104, built by codesign {manifest['made_by']['codesign']}"
    assert shown.line("first outputs:") == np.array2string(expected[0].ravel()[:6], precision=4)
    assert shown.line("the same as infer:") == "True"
    samples, outputs = samples_of(own_board)
    assert (samples.inputs[:12] == np.load(own_board.parents[1] / "mine.npy").astype(np.float32)).all()
    assert shown.line("96 frames,") == f"{outputs.size:,} integers, 0 mismatches. Frames of mine.npy."
    check_pictures(shown, 1)


@pytest.mark.parametrize("name", [environment.name for environment in environments.PYNQ])
def test_pynq_delivers_the_notebooks(name: str, tmp_path: Path) -> None:
    zipfile.ZipFile(build_wheel(tmp_path / "wheel")).extractall(tmp_path / "installed")
    command = [str(environments.get(name).python.with_name("pynq")), "get-notebooks"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def pynq(*options: str) -> str:
        return subprocess.run(
            [*command, *options], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
        ).stdout

    assert "codesign (source: codesign_board)" in pynq("--list")
    pynq("codesign", "--ignore-overlays", "--path", "delivered")
    delivered = tmp_path / "delivered" / "codesign"
    assert {path.name: path.read_bytes() for path in delivered.iterdir()} == {p.name: p.read_bytes() for p in NOTEBOOKS}
