"""Boards are found, and a wrong name is answered with the right ones."""

import pytest

import boards
from boards.board import FAMILIES
from codesign.errors import UserError


@pytest.mark.parametrize("name", ["ulx3s", "ULX3S", " Ulx3s "])
def test_case_does_not_matter(name: str) -> None:
    assert boards.get(name).part == "LFE5U-85F-6BG381C"


def test_dash_and_underscore_are_alike() -> None:
    for name in boards.names():
        assert boards.get(name.replace("_", "-").upper()).name == name


def test_unknown_name_gets_the_closest() -> None:
    with pytest.raises(UserError, match=r"'ulx3'.*the boards are .*ulx3s.*did you mean ulx3s\?"):
        boards.get("ulx3")
    with pytest.raises(UserError) as caught:
        boards.get("qqqqqqqq")
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize("name", boards.names())
def test_every_board_is_complete(name: str) -> None:
    board = boards.get(name)
    assert board.family in FAMILIES
    assert min(board.luts, board.ffs, board.bram, board.dsp, board.oscillator_mhz, board.clock_mhz) > 0
    assert board.title and board.part and board.tool


def test_ulx3s_constrains_every_port_once() -> None:
    lines = boards.get("ulx3s").file(".lpf").read_text().splitlines()
    sites = [line.split('"')[3] for line in lines if line.startswith("LOCATE")]
    ports = [line.split('"')[1] for line in lines if line.startswith("LOCATE")]
    assert len(sites) == len(set(sites)) == 12
    assert ports == sorted(set(ports), key=ports.index) and {"clk_25mhz", "ftdi_rxd", "ftdi_txd", "btn_reset"} < set(
        ports
    )


def test_missing_file_is_named() -> None:
    with pytest.raises(UserError, match=r"ulx3s\.xyz"):
        boards.get("ulx3s").file(".xyz")
