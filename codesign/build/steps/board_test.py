"""What the driver on the simulated board would not pass: a wrong weight, a transfer gone wrong, registers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator

from codesign.build.config import BuildConfig
from codesign.build.steps.board import BATCHES, OPTIONS, check_registers, verify
from codesign.errors import VerificationFailed

GOOD = {"BUILD": 7, "FRAMES_IN": 3, "FRAMES_OUT": 3, "ERRORS": 0}


@pytest.fixture
def config(simulated_build: Path, tmp_path: Path) -> BuildConfig:
    """A copy of a build with a simulated board."""
    shutil.copytree(simulated_build, tmp_path / "build")
    return BuildConfig("skeleton-tiny", "zcu104", tmp_path / "build")


def recorded(config: BuildConfig) -> dict[str, object]:
    return dict(json.loads((config.output_dir / "verification_output/board.json").read_text()))


def test_a_good_board_passes(config: BuildConfig) -> None:
    verify(config)
    found = recorded(config)
    assert (found["board_frames"], found["board_mismatches"]) == (sum(BATCHES), 0) and sum(BATCHES) >= 16


def test_a_wrong_weight_is_found(config: BuildConfig) -> None:
    memory = next((config.output_dir / "simboard/memories").glob("matrix_vector_unit_1_*.hex"))
    first, *others = memory.read_text().split()
    memory.write_text("\n".join([f"{int(first, 16) ^ 1:0{len(first)}x}", *others]))
    with pytest.raises(VerificationFailed, match=r"simulated zcu104 differs .* in \d+ of 160 integers, first at frame"):
        verify(config)
    assert np.asarray(recorded(config)["board_mismatches"]) > 0


@pytest.mark.parametrize(("name", "words"), [("dma_slave_error", "slave error"), ("wrong_bitstream", "another build")])
def test_what_the_driver_reports_fails(
    config: BuildConfig, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setitem(OPTIONS["axi"], "faults", name)
    with pytest.raises(VerificationFailed, match=f"The driver failed on the simulated board: .*{words}"):
        verify(config)


def test_the_registers_are_looked_at(config: BuildConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Accelerator.registers
    monkeypatch.setattr(Accelerator, "registers", lambda self: {**read(self), "FRAMES_OUT": 17})
    with pytest.raises(VerificationFailed, match="register FRAMES_OUT holds 0x11, and must hold 0x10"):
        verify(config)


@pytest.mark.parametrize(("name", "value"), [("BUILD", 8), ("FRAMES_IN", 2), ("FRAMES_OUT", 4), ("ERRORS", 1)])
def test_each_register_counts(name: str, value: int) -> None:
    check_registers(GOOD, build=7, frames=3)
    with pytest.raises(VerificationFailed, match=f"register {name} holds {value:#x}, and must hold {GOOD[name]:#x}"):
        check_registers({**GOOD, name: value}, build=7, frames=3)
