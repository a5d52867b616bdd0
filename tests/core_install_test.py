"""A core install has no torch, brevitas nor FINN: what needs none of them works, what does says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from codesign.deploy.wheel import build_wheel
from codesign.ingest.testing import random_residual

ROOT = Path(__file__).parents[1]
WITHOUT = ("torch", "brevitas", "finn", "hls4ml", "da4ml", "scipy", "matplotlib")
START = f"import sys; sys.modules.update(dict.fromkeys({WITHOUT!r})); from codesign.cli import main; main()"


def codesign(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, *map(str, arguments)]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=wide)


def test_inventories_need_nothing() -> None:
    for command, words in (("models", "2,900,608"), ("boards", "zcu104"), ("doctor", "nextpnr-ecp5")):
        shown = codesign(command)
        assert shown.returncode == 0, shown.stderr
        assert words in shown.stdout


def test_a_preset_says_what_is_missing(tmp_path: Path) -> None:
    failed = codesign("build", "skeleton-tiny", "--board", "ulx3s", "-o", tmp_path)
    assert failed.returncode == 3
    assert "torch is not installed" in failed.stderr or "brevitas is not installed" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_qonnx_file_builds(tmp_path: Path) -> None:
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, tmp_path / "model.onnx")
    built = codesign("build", model, "--board", "ulx3s", "--stop-step", "emit", "-o", tmp_path / "out")
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "out/rtl/accelerator.sv").exists()


def test_a_comparison_shows_what_can_be_compared(tmp_path: Path) -> None:
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, tmp_path / "model.onnx")
    shown = codesign("compare", model, "--backends", "finn,native,hls4ml,da4ml", "--frames", 20, "-o", tmp_path / "out")
    assert shown.returncode == 3, shown.stderr
    assert "Traceback" not in shown.stderr and "native: agrees" in shown.stderr
    for extra in ("finn", "hls4ml", "da4ml"):
        assert f"{extra}: lacks a tool" in shown.stderr and f"'.[{extra}]'" in shown.stdout


INSTALLED = """
import sys
from pathlib import Path
editable = lambda thing: "editable" in repr(thing).lower()
sys.meta_path = [finder for finder in sys.meta_path if not editable(finder)]
sys.path_hooks = [hook for hook in sys.path_hooks if not editable(hook)]
sys.path.insert(0, sys.argv[1])
from codesign.deploy import wheel
assert Path(wheel.__file__).is_relative_to(sys.argv[1]), wheel.__file__
print(wheel.build_wheel(Path(sys.argv[2])))
"""


def test_an_installation_makes_the_same_driver(tmp_path: Path) -> None:
    """What is copied by pip holds the driver's project and its notebooks, not its code alone."""
    start = "from setuptools import setup; setup()"
    arguments = ["egg_info", "--egg-base", str(tmp_path), "build_py", "--build-lib", str(tmp_path / "lib")]
    subprocess.run([sys.executable, "-c", start, "--quiet", *arguments], cwd=ROOT, check=True, capture_output=True)
    run = [sys.executable, "-I", "-c", INSTALLED, str(tmp_path / "lib"), str(tmp_path / "wheel")]
    made = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.strip()
    assert Path(made).read_bytes() == build_wheel(tmp_path / "here").read_bytes()
