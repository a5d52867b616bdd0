"""The AMD boards hold what their data sheets say, and what the Vivado project needs."""

import pytest

import boards

AMD = ("kv260", "pynq_z2", "ultra96_v2", "zcu102", "zcu104")


@pytest.mark.parametrize(
    ("name", "part", "resources"),
    [
        ("zcu104", "xczu7ev-ffvc1156-2-e", (230_400, 460_800, 2 * 312, 96, 1_728)),
        ("zcu102", "xczu9eg-ffvb1156-2-e", (274_080, 548_160, 2 * 912, 0, 2_520)),
        ("pynq_z2", "xc7z020clg400-1", (53_200, 106_400, 2 * 140, 0, 220)),
        ("ultra96_v2", "xczu3eg-sbva484-1-i", (70_560, 141_120, 2 * 216, 0, 360)),
        ("kv260", "xck26-sfvc784-2LV-c", (117_120, 234_240, 2 * 144, 64, 1_248)),
    ],
)
def test_resources(name: str, part: str, resources: tuple[int, ...]) -> None:
    board = boards.get(name)
    assert board.part == part
    assert (board.luts, board.ffs, board.bram, board.uram, board.dsp) == resources


@pytest.mark.parametrize("name", AMD)
def test_vivado_finds_its_way(name: str) -> None:
    board = boards.get(name)
    seven = board.family == "xc7"
    assert board.vivado["processing_system"] == ("processing_system7" if seven else "zynq_ultra_ps_e")
    assert board.clock_mhz == (100.0 if seven else 200.0)
    assert (board.io, board.tool) == ("axi", "vivado")
    assert board.package in board.part and board.speed in board.part
