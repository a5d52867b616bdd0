"""A small build, made once: all that a package needs, without the steps that take long."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.packaging import contents_of
from codesign.deploy.package import write_package
from codesign.ingest.testing import random_residual

PASSED_OVER = ("witness", "simulate")


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    """A build of a residual net for the ZCU104, to its Verilog."""
    folder = tmp_path_factory.mktemp("build")
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, folder / "residual.onnx")
    made = BuildConfig(str(model), "zcu104", folder / "out")
    steps = [step for step in STEPS if step.name not in PASSED_OVER]
    run_steps(steps, made, stop_step="emit", console=Console(quiet=True))
    return made


@pytest.fixture(scope="session")
def package(config: BuildConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its package, with stand-ins for the bitstream's files."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "residual.bit").write_bytes(bytes(range(256)) * 40)
    (folder / "residual.hwh").write_text("<EDKSYSTEM/>")
    write_package(
        folder / "deploy",
        contents_of(config),
        bitfile=folder / "residual.bit",
        handoff=folder / "residual.hwh",
    )
    return folder / "deploy"
