"""Which board gets what of hls4ml, and with which clock."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

import boards
from codesign.errors import UserError
from hw.hls4ml.target import Target, clock_of, known, target_of


def test_boards_of_hls4mls_get_a_block_design_and_others_an_ip_core() -> None:
    assert target_of(boards.get("pynq_z2"), 100) == Target("VivadoAccelerator", "xc7z020clg400-1", "pynq-z2", 100)
    assert target_of(boards.get("zcu102"), 100).board == "zcu102"
    assert target_of(boards.get("kv260"), 250) == Target("Vitis", "xck26-sfvc784-2LV-c", "", 250)
    assert known() == (
        "with block design and driver: pynq_z2, zcu102; as an IP core for the part: kv260, ultra96_v2, zcu104"
    )
    with pytest.raises(UserError, match=r"AMD's parts only, and ulx3s has a LFE5U.*with block design.*--backend own"):
        target_of(boards.get("ulx3s"), 80)


def test_a_block_design_has_its_own_clock() -> None:
    assert clock_of(boards.get("zcu102"), None) == clock_of(boards.get("zcu102"), 100) == 100
    assert clock_of(boards.get("zcu104"), None) == boards.get("zcu104").clock_mhz
    assert clock_of(boards.get("zcu104"), 137.5) == 137.5
    with pytest.raises(UserError, match="zcu102 has a clock of 100 MHz, not 200: leave out --clock"):
        clock_of(boards.get("zcu102"), 200)


def test_hls4ml_knows_the_boards_that_we_name() -> None:
    """hls4ml's own table of boards, against ours."""
    package = Path(importlib.util.find_spec("hls4ml").origin).parent  # type: ignore[union-attr, arg-type]
    table = json.loads((package / "backends/vivado_accelerator/supported_boards.json").read_text())
    for name in boards.names():
        board = boards.get(name)
        if board.hls4ml_name:
            assert table[board.hls4ml_name]["part"] == board.part
