"""The place on PYNQ with a stand-in for the package ``pynq``; the real ones run on the simulated board."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.fake_board import FakeBoard, frames, model, write_package

from codesign_board import Accelerator
from codesign_board.errors import MemoryShortage, PackageError, PlaceError
from codesign_board.package import Package
from codesign_board.places.pynq import PynqHost

CELLS = {"dma": 0xA0000000, "accelerator": 0xA0010000}


class Pynq(ModuleType):
    """As much of pynq's interface as there is on all of its versions, over a board in Python.

    Args:
        cells: addresses of the overlay's DMA and, where it has one, accelerator, in this order.
    """

    def __init__(self, board: FakeBoard, dividers_of: float = 1500.0, cells: Mapping[str, int] = CELLS) -> None:
        super().__init__("pynq")
        self.board, self.overlays = board, list[str]()
        outer = self

        class Clocks:
            divider = 15.0

            @property
            def fclk0_mhz(self) -> float:
                return round(dividers_of / self.divider, 6)

            @fclk0_mhz.setter
            def fclk0_mhz(self, wanted: float) -> None:
                self.divider = max(1, round(dividers_of / wanted))

        class Overlay:
            def __init__(self, bitfile: str) -> None:
                outer.overlays.append(bitfile)
                self.number = len(outer.overlays)
                self.ip_dict = {name: {"phys_addr": at, "addr_range": 65536} for name, at in cells.items()}

            def is_loaded(self) -> bool:
                return self.number == len(outer.overlays)

        class Array(np.ndarray):
            """A slice of it flushes what it has."""

            buffer: Any = None
            device_address = 0

            def __array_finalize__(self, of: Any) -> None:
                self.buffer = getattr(of, "buffer", None)

            def flush(self) -> None:
                self.buffer.flush(self.nbytes)

            def invalidate(self) -> None:
                self.buffer.invalidate(self.nbytes)

            def __del__(self) -> None:
                if self.device_address:  # a slice has none
                    self.buffer.free()

        def allocate(shape: tuple[int], dtype: str, cacheable: int = 0) -> Array:
            assert cacheable == 1 and dtype == "u1"
            try:
                buffer = board.allocate(*shape)
            except MemoryError:
                raise RuntimeError("Failed to allocate memory!") from None
            array = buffer.array.view(Array)
            array.buffer, array.device_address = buffer, buffer.device_address
            return array

        self.Clocks: Any = Clocks()
        self.Overlay, self.allocate = Overlay, allocate
        registers = dict(zip(cells.values(), (board.dma, board.accelerator), strict=False))
        self.MMIO = lambda base, length: registers[base]
        self.get_rails = lambda: {
            name: SimpleNamespace(power=SimpleNamespace(value=watts), voltage=None, current=None)
            for name, watts in board.rails.items()
        }


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard()


@pytest.fixture
def pynq(board: FakeBoard, monkeypatch: pytest.MonkeyPatch) -> Pynq:
    found = Pynq(board)
    monkeypatch.setitem(sys.modules, "pynq", found)
    monkeypatch.setenv("BOARD", "ZCU104")
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("package"))


def test_a_package_for_a_board_with_pynq_runs_there(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    x = frames(300)
    with Accelerator.load(folder) as accelerator:
        assert np.array_equal(accelerator.infer(x), model(x))
        assert (accelerator.place.name, accelerator.place.where) == ("pynq", "ZCU104")
        assert len(board.buffers) == 4
    assert pynq.overlays == [str(folder / "sums.bit")]
    assert board.buffers == []


@pytest.mark.parametrize("here", ["ZCU104", "zcu104", "", None])
def test_the_packages_board_is_taken(
    pynq: Pynq, folder: Path, here: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOARD") if here is None else monkeypatch.setenv("BOARD", here)
    Accelerator.load(folder, "pynq").close()


@pytest.mark.parametrize(
    ("here", "there", "fits"),
    [
        ("Ultra96", "ultra96_v2", True),
        ("Pynq-Z2", "pynq_z2", True),
        ("KV260", "kv260", True),
        ("Pynq-Z1", "pynq_z2", False),
        ("KV260", "zcu104", False),
    ],
)
def test_a_package_for_another_board_is_refused(
    pynq: Pynq, tmp_path: Path, here: str, there: str, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOARD", here)
    package = write_package(tmp_path, board=there)
    if fits:
        return Accelerator.load(package).close()
    with pytest.raises(PlaceError, match=f"for the board {there}, and this is {here}: build for this board"):
        Accelerator.load(package)
    assert pynq.overlays == []


def test_a_package_for_a_serial_line_is_refused(pynq: Pynq, tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match=r"ulx3s does not run PYNQ.*use the place serial"):
        Accelerator.load(write_package(tmp_path, io="uart", board="ulx3s"), "pynq")


def test_without_pynq_the_error_says_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynq", None)
    monkeypatch.delenv("BOARD", raising=False)
    with pytest.raises(PlaceError, match=r"PYNQ is missing .*'pip install pynq' on the board"):
        Accelerator.load(folder)


@pytest.mark.parametrize("role", ["bitfile", "handoff"])
def test_a_package_without_bitfile_is_named(pynq: Pynq, tmp_path: Path, role: str) -> None:
    files = {"bitfile": "sums.bit", "handoff": "sums.hwh", "samples": "samples.npz"}
    del files[role]
    with pytest.raises(PackageError, match=rf"has no {role}\. Make it with Vivado"):
        Accelerator.load(write_package(tmp_path, files=files))


def test_a_handoff_file_of_another_name_is_refused(pynq: Pynq, tmp_path: Path) -> None:
    files = {"bitfile": "sums.bit", "handoff": "other.hwh", "samples": "samples.npz"}
    with pytest.raises(PackageError, match=r"PYNQ looks for .*other\.hwh beside"):
        Accelerator.load(write_package(tmp_path, files=files))


def test_an_overlay_that_does_not_load_is_one_sentence(
    pynq: Pynq, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(bitfile: str) -> None:
        raise OSError("Root permissions required.")

    monkeypatch.setattr(pynq, "Overlay", fails)
    with pytest.raises(PlaceError, match=r"could not load .*sums\.bit \(OSError: Root permissions required"):
        Accelerator.load(folder)


def test_a_cell_that_is_not_in_the_handoff_file_is_named(pynq: Pynq, tmp_path: Path) -> None:
    package = write_package(tmp_path, cells={"dma": "axi_dma_0", "accelerator": "accelerator"})
    with pytest.raises(PlaceError, match=r"no cell 'axi_dma_0' \(it has dma, accelerator\)"):
        Accelerator.load(package)


@pytest.mark.parametrize(
    ("wanted", "had"),
    [(100.0, 100.0), (187.5, 187.5), (200.0, 187.5), (210.0, 187.5), (250.0, 250.0), (99.9, 100.0), (1600.0, 1500.0)],
)
def test_the_clock_is_set_and_never_faster_than_asked(pynq: Pynq, tmp_path: Path, wanted: float, had: float) -> None:
    with Accelerator.load(write_package(tmp_path, clock_mhz=wanted)) as accelerator:
        assert accelerator.place.clock_mhz() == had


def test_a_clock_that_cannot_be_slow_enough_is_refused(
    board: FakeBoard, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stuck:
        fclk0_mhz = property(lambda self: 300.0, lambda self, wanted: None)

    found = Pynq(board)
    found.Clocks = Stuck()
    monkeypatch.setitem(sys.modules, "pynq", found)
    monkeypatch.delenv("BOARD", raising=False)
    with pytest.raises(PlaceError, match="made for 100 MHz, and this board's clock stays at 300 MHz"):
        Accelerator.load(folder)


def test_no_memory_for_a_frame_is_one_sentence(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    with Accelerator.load(folder) as accelerator:
        board.memory = np.zeros(board.base + 20, np.uint8)
        with pytest.raises(MemoryShortage, match="ZCU104 has no 52 bytes"):
            accelerator.infer(frames(2))


def test_a_buffer_is_free_when_it_was_freed(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    buffer = PynqHost(Package.load(folder)).allocate(64)
    assert len(board.buffers) == 1
    buffer.free()
    assert board.buffers == []


def test_the_rails_are_read_where_there_are_any(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    board.rails = {"12V": 5.5, "INT": 1.25}
    with Accelerator.load(folder) as accelerator:
        assert accelerator.place.watts() == {"12V": 5.5, "INT": 1.25}


def test_rails_that_cannot_be_read_are_none(pynq: Pynq, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError("no libsensors")

    for rails in (fails, None):
        monkeypatch.setattr(pynq, "get_rails", rails)
        with Accelerator.load(folder) as accelerator:
            assert accelerator.place.watts() == {}
    monkeypatch.delattr(pynq, "get_rails")
    package = Package.load(folder)
    with Accelerator.load(package) as accelerator:
        assert accelerator.place.watts() == accelerator.place.watts() == {}
