"""Options of ``codesign build`` and ``codesign fuzz`` that are refused before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from codesign.cli import codesign
from codesign.errors import UserError

FOLDED = ("--folding", "f.json", "--target-fps", "100")


def build(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(codesign, ["build", "skeleton-tiny", "-o", str(folder / "out"), *options])


@pytest.mark.parametrize("command", [["build", "skeleton-tiny", "--board", "ulx3s"], ["fuzz"]])
def test_a_seed_below_0_is_refused(command: list[str], tmp_path: Path) -> None:
    refused = CliRunner().invoke(codesign, [*command, "--seed", "-1", "-o", str(tmp_path / "out")])
    assert refused.exit_code == 2
    assert "Invalid value for '--seed': -1 is not in the range x>=0." in refused.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option",
    [
        ("--fifo-depths", "f.json"),
        ("--stream-weights", "never"),
        ("--netlist-frames", "20"),
        ("--max-resources", "50%"),
        ("--reuse-factor", "2"),
    ],
)
def test_what_means_nothing_to_finn_is_refused(option: tuple[str, str], tmp_path: Path) -> None:
    refused = build(tmp_path, "--board", "zcu104", "--backend", "finn", *option)
    assert isinstance(refused.exception, UserError)
    assert f"{option[0]} means nothing to --backend finn" in str(refused.exception)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--backend", "own", "--board", "ulx3s", *FOLDED), "--folding says how everything is folded"),
        (("--backend", "finn", "--board", "ulx3s"), "FINN builds for AMD's parts only"),
        (("--backend", "hls4ml", "--board", "ulx3s"), "hls4ml builds for AMD's parts only, and ulx3s has a LFE5U-85F"),
        (("--backend", "hls4ml", "--board", "pynq_z2", "--clock", "150"), "has a clock of 100 MHz, not 150"),
        (("--backend", "hls4ml", "--board", "zcu104", "--io-type", "io_serial"), "not 'io_serial'"),
        (("--board", "ulx3s", "--input-type", "uint99"), "input type 'uint99' is unknown"),
    ],
)
def test_what_a_back_end_cannot_do_is_said_at_once(options: tuple[str, ...], told: str, tmp_path: Path) -> None:
    refused = build(tmp_path, *options)
    assert isinstance(refused.exception, UserError) and told in str(refused.exception)
    assert not (tmp_path / "out").exists()
