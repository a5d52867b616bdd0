"""The driver on a pseudo-terminal behind which the whole top of the ULX3S runs, around one that doubles its lanes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator
from codesign_board.boundary import Head, Tail
from codesign_board.errors import PlaceError, TransferError, TransferTimeout
from codesign_board.package import Package, Port, RegisterMap
from codesign_board.places import serial as place
from codesign_board.places.serial import SerialPlace

import boards
from hw.shell import registers
from hw.shell.uart.shell import SHORTEST, UartShell
from hw.shell.uart.simulated_board import SimulatedBoard
from hw.shell.uart.simulation import compile_library
from sw.simboard.line import Line, LineFaults

STAND_IN = Path(place.__file__).parents[4] / "hw/shell/uart/testdata/accelerator.sv"
WORDS, LANES, BUILD, BAUD = 6, 4, 0x89ABCDEF, 3_000_000
INPUT = Port(LANES, 8, False, WORDS, LANES, 0, 255, (WORDS, LANES))
OUTPUT = Port(LANES, 9, False, WORDS, LANES + 1, 0, 510, (WORDS, LANES))
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shell = UartShell(LANES * 8, LANES * 9, boards.get("ulx3s"), BUILD, 60, BAUD)
    sources = [STAND_IN, *shell.emit(tmp_path_factory.mktemp("shell"))]
    return compile_library(shell.top, sources, {**shell.parameters(), "EIGHTHS": SHORTEST})


@pytest.fixture
def line(library: Path) -> Iterator[Line]:
    with Line(lambda: SimulatedBoard(library, SHORTEST), BAUD) as line:
        yield line


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """What the build would say of the stand-in."""
    known = registers.as_json()
    index = {name: item["index"] for name, item in known["registers"].items()}
    fields = {name: item["fields"] for name, item in known["registers"].items()}
    one = np.ones(LANES)
    manifest = {"baud": BAUD, "cycles": {"interval": 40, "first_frame": 60}, "files": {"bitfile": "top.bit"}}
    return Package(
        tmp_path, manifest, "doubler", "ulx3s", "uart", BUILD, 60.0, INPUT, OUTPUT,
        Head((WORDS, LANES), (0, 1), one, 0 * one, 0, 255, integer=True), Tail(one, 0 * one, (0, 1), (WORDS, LANES)),
        RegisterMap(known["magic"], known["version"], index, fields),
    )  # fmt: skip


@pytest.fixture
def load(package: Package, line: Line) -> Iterator[Callable[..., Accelerator]]:
    loaded = []

    def one(package: Package = package, **options: object) -> Accelerator:
        loaded.append(Accelerator.load(package, place="serial", **{"port": line.port, "patience_s": 0.5, **options}))
        return loaded[-1]

    yield one
    for acc in loaded:
        acc.close()


def frames(count: int) -> np.ndarray:
    return RNG.integers(0, 256, (count, WORDS, LANES))


def right(acc: Accelerator, count: int) -> bool:
    x = frames(count)
    return np.array_equal(acc.infer_integers(x), 2 * x)


def test_many_frames(load: Callable[..., Accelerator], package: Package, line: Line) -> None:
    acc = load()
    assert right(acc, 300) and right(acc, 1) and right(acc, 7)
    held = acc.registers()
    assert (held["FRAMES_IN"], held["FRAMES_OUT"], held["ERRORS"]) == (308, 308, 0)
    assert (acc.place.name, acc.place.where, acc.place.clock_mhz()) == ("serial", line.port, 60.0)
    x = frames(50)
    assert np.array_equal(np.stack(list(acc.stream(iter(x)))), 2.0 * x)
    acc.reset()
    assert acc.registers()["FRAMES_IN"] == 0 and right(acc, 3)


@pytest.mark.parametrize("fault", ["flip", "drop", "duplicate"])
def test_nothing_is_lost_on_a_bad_line(load: Callable[..., Accelerator], line: Line, fault: str) -> None:
    acc = load(patience_s=10.0)  # a busy machine may hold the simulated board up
    setattr(line.faults, fault, 0.002)
    assert right(acc, 120)
    setattr(line.faults, fault, 0.0)
    state = acc.place.state()
    assert state["repeats"] > 2 and state["damaged"] > 0 and state["FRAMES_OUT"] == 120
    assert acc.registers()["ERRORS"] & 1 << acc.package.registers.fields["ERRORS"]["CRC"]
    acc.reset()
    assert acc.registers()["ERRORS"] == 0


def test_a_cable_that_is_pulled_in_mid_frame(load: Callable[..., Accelerator], line: Line) -> None:
    acc = load()
    assert right(acc, 5)
    line.faults.pull_after = 777
    with pytest.raises(TransferError, match=r"cable to .*ttyUSB0 was pulled.*unanswered"):
        acc.infer_integers(frames(60))
    with pytest.raises(TransferError, match=r"Call reset\(\) first"):
        acc.infer_integers(frames(1))
    for _ in range(2):  # still unplugged
        with pytest.raises(PlaceError, match=r"There is no serial port .*ttyUSB0"):
            acc.reset()
    line.plug()
    acc.reset()
    assert right(acc, 60) and acc.registers()["FRAMES_OUT"] == 60


def test_a_board_that_falls_silent(load: Callable[..., Accelerator], line: Line) -> None:
    acc = load()
    line.faults.silent = True
    with pytest.raises(TransferTimeout, match=r"Nothing answers on the serial line.*State: unanswered 0x"):
        acc.infer_integers(frames(20))
    with pytest.raises(PlaceError, match="No accelerator answers on"):
        acc.reset()
    line.faults.silent = False
    acc.reset()
    assert right(acc, 20)


def test_a_reset_button_that_is_pressed(load: Callable[..., Accelerator], line: Line) -> None:
    acc = load()
    assert right(acc, 5)
    line.press()
    with pytest.raises(TransferTimeout, match=r"Nothing moves any more.*FRAMES_OUT 0x0, CYCLES"):
        acc.infer_integers(frames(5))
    acc.reset()
    assert right(acc, 20)


def test_frames_that_do_not_come_back(package: Package, line: Line) -> None:
    """The board answers, and the accelerator does not, or not what it must."""
    place = SerialPlace(package, line.port, patience_s=0.3)
    place.reserve(3)
    place.input(0, 3)[:] = np.frombuffer(RNG.bytes(3 * INPUT.frame_bytes), np.uint8)
    place.start(0, 3)
    place._frames[0] = 4
    with pytest.raises(TransferTimeout, match=r"3 of 4 frames came back.*FRAMES_IN 0x3, FRAMES_OUT 0x3"):
        place.finish(0)
    place.reset()
    place._link.begin([bytes(INPUT.frame_bytes - LANES)])
    place._frames[0] = 1
    with pytest.raises(TransferError, match="Frame 0 came back with 25 bytes, and must have 30"):
        place.finish(0)
    place.start(0, 1)
    with pytest.raises(TransferError, match=r"got a frame that was cut short or too long.*ERRORS 0x1"):
        place.finish(0)
    place.reset()
    place.start(0, 3)
    assert len(place.finish(0)) == 3 * OUTPUT.frame_bytes
    place.close()


def test_another_bitstream(load: Callable[..., Accelerator], package: Package, line: Line) -> None:
    said = r"register BUILD is 0x89abcdef, and the package's is 0x00000007.*openFPGALoader -b ulx3s .*/top\.bit, or fuj"
    with pytest.raises(PlaceError, match=said):
        load(replace(package, build=7))
    with pytest.raises(PlaceError, match="register MAGIC is 0x434f4453"):
        load(replace(package, registers=replace(package.registers, magic=1)))
    assert right(load(), 3)  # the port was given back


def test_another_speed_and_another_board(load: Callable[..., Accelerator], package: Package) -> None:
    with pytest.raises(PlaceError, match=r"No accelerator answers on .* at 115200 baud"):
        load(baud=115_200)
    with pytest.raises(PlaceError, match="zcu104 has no serial line: its io is axi"):
        load(replace(package, board="zcu104", io="axi"))


def test_a_port_in_use(load: Callable[..., Accelerator]) -> None:
    acc = load()
    with pytest.raises(PlaceError, match="is in use"):
        load()
    assert right(acc, 3)


@pytest.mark.parametrize("answer", [lambda data: data, lambda data: b"", lambda data: RNG.bytes(50)])
def test_another_device(load: Callable[..., Accelerator], answer: Callable[[bytes], bytes]) -> None:
    """One that echoes, one that is silent, and one that babbles."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    ended = threading.Event()

    def device() -> None:
        while not ended.wait(0.01):
            try:
                os.write(master, answer(os.read(master, 4096)))
            except BlockingIOError:
                continue

    thread = threading.Thread(target=device)
    thread.start()
    try:
        with pytest.raises(PlaceError, match="No accelerator answers on /dev/pts/"):
            load(port=os.ttyname(slave))
    finally:
        ended.set()
        thread.join()
        os.close(master)
        os.close(slave)


def test_the_only_port(
    load: Callable[..., Accelerator], line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[str] = []
    monkeypatch.setattr(place, "candidates", lambda: there)
    with pytest.raises(PlaceError, match="There is no serial port over USB"):
        load(port=None)
    there.append(line.port)
    assert right(load(port=None), 3)
    there.append("/dev/ttyUSB9")
    with pytest.raises(PlaceError, match=r"There are 2 serial ports: .*ttyUSB0, /dev/ttyUSB9"):
        load(port=None)


def test_a_transport_in_place_of_a_port(load: Callable[..., Accelerator], library: Path) -> None:
    acc = load(port=None, transport=lambda: SimulatedBoard(library, SHORTEST))
    assert right(acc, 20)
    acc.reset()
    assert right(acc, 20)


def test_programming(
    load: Callable[..., Accelerator], line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bitstream is loaded first, and again where the board lost it with its power."""
    tool = tmp_path / "fujprog"
    tool.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/called\n')
    tool.chmod(0o755)
    (tmp_path / "top.bit").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    acc = load(program=True)
    line.pull()
    line.plug()
    acc.reset()
    assert right(acc, 3)
    assert (tmp_path / "called").read_text().splitlines() == [str(tmp_path / "top.bit")] * 2


def test_faults_are_what_they_say() -> None:
    data = RNG.bytes(100_000)
    flipped = LineFaults(flip=0.1).spoil(data, RNG)
    different = np.frombuffer(data, np.uint8) ^ np.frombuffer(flipped, np.uint8)
    assert np.mean(different != 0) == pytest.approx(0.1, abs=0.01) and set(different) == {0, *(1 << np.arange(8))}
    assert len(LineFaults(drop=0.1).spoil(data, RNG)) == pytest.approx(90_000, abs=1000)
    assert len(LineFaults(duplicate=0.1).spoil(data, RNG)) == pytest.approx(110_000, abs=1000)
    assert LineFaults().spoil(data, RNG) == data and LineFaults(silent=True).spoil(data, RNG) == b""


def test_a_device_file_of_that_name(line: Line, library: Path, tmp_path: Path) -> None:
    """One that a killed simulation left is replaced, any other is not."""
    stale, taken = tmp_path / "stale", tmp_path / "taken"
    stale.symlink_to(tmp_path / "gone")
    Line(lambda: SimulatedBoard(library, SHORTEST), port=stale).close()
    assert not stale.is_symlink()
    taken.write_text("mine")
    with pytest.raises(PlaceError, match="taken cannot be made"):
        Line(lambda: SimulatedBoard(library, SHORTEST), port=taken)
    assert taken.read_text() == "mine"
