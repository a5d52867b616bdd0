"""An accelerator without registers, as in hls4ml's block designs, with a stand-in for the package ``pynq``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fake_board import CLASSES, INPUT, OUTPUT, SHAPE, FakeBoard, frames, model, network, write_package

from codesign_board import Accelerator
from codesign_board.__main__ import main
from codesign_board.errors import Mismatch, PackageError, PlaceError, TransferTimeout
from codesign_board.package import Package
from codesign_board.places.pynq_test import Pynq

WORD: dict[str, Any] = {"lanes": 1, "bits": 32, "signed": True, "bytes_per_word": 4}
SENT = {**INPUT, **WORD, "words": int(np.prod(SHAPE)), "shape": list(SHAPE)}
GIVEN = {**OUTPUT, **WORD, "words": CLASSES, "shape": [CLASSES]}
CELL = "hier_0/axi_dma_0"
STATED = {
    "board": "pynq_z2", "build": 0, "cells": {"dma": CELL}, "input": SENT, "output": GIVEN,
    "register_map": {"magic": 0, "version": 0, "registers": {}},
}  # fmt: skip


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard(input=SENT, output=GIVEN)


@pytest.fixture
def pynq(board: FakeBoard, monkeypatch: pytest.MonkeyPatch) -> Pynq:
    found = Pynq(board, cells={CELL: 0x40400000})
    monkeypatch.setitem(sys.modules, "pynq", found)
    monkeypatch.setenv("BOARD", "Pynq-Z2")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path / "package", **STATED)


def test_frames_go_through_an_integer_a_word(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    x = frames(300)
    with Accelerator.load(folder) as accelerator:
        assert np.array_equal(accelerator.infer(x), model(x))
        assert (accelerator.place.name, accelerator.place.where) == ("pynq", "Pynq-Z2")
        assert "all equal" in str(accelerator.selftest())
        assert accelerator.registers() == {}
        q = np.full((2, *SHAPE), -7)
        assert accelerator.cycles(q) is None  # nothing counts them
        assert np.array_equal(accelerator.infer_integers(q), network(q))
    assert not [event for event in board.events if event.startswith("control")]
    assert board.buffers == []


def test_a_wrong_integer_is_seen_by_the_self_test(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    board.compute = lambda q: network(q) + (np.arange(CLASSES) == 3)
    with Accelerator.load(folder) as accelerator, pytest.raises(Mismatch, match=r"the first in frame 0 at \[3\]"):
        accelerator.selftest().raise_for_mismatch()


def test_one_that_hangs_is_given_up_and_loaded_again(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    x = frames(5)
    with Accelerator.load(folder, patience_s=0.05) as accelerator:
        board.hang = True
        with pytest.raises(TransferTimeout, match=r"nothing has moved for too long \(0\.05 s\)\."):
            accelerator.infer(x)
        held = len(board.buffers)
        board.events.clear()
        accelerator.reset()  # while it still hangs
        assert held == 4 and board.buffers == [] and board.freed_in_use == 0
        assert len(pynq.overlays) == 2  # it has no reset of its own
        board.hang = False
        assert np.array_equal(accelerator.infer(x), model(x))


def test_a_dma_that_does_not_come_out_of_its_reset_is_loaded_again(
    pynq: Pynq, folder: Path, board: FakeBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Accelerator.load(folder) as accelerator:
        board.stuck = True
        load = pynq.Overlay

        def loads(bitfile: str) -> object:
            board.stuck = False
            return load(bitfile)

        monkeypatch.setattr(pynq, "Overlay", loads)
        accelerator.reset()
        assert np.array_equal(accelerator.infer(frames(5)), model(frames(5)))


def test_another_overlay_is_left_alone(pynq: Pynq, folder: Path, board: FakeBoard) -> None:
    with Accelerator.load(folder) as accelerator:
        accelerator.infer(frames(5))
        pynq.Overlay("another.bit")
        board.events.clear()
        with pytest.raises(PlaceError, match="Another overlay was loaded on Pynq-Z2 since sums: load it again"):
            accelerator.reset()
        assert pynq.overlays[1:] == ["another.bit"] and board.events == []


def test_an_ip_core_is_for_a_design_of_the_users_own(pynq: Pynq, tmp_path: Path) -> None:
    package = write_package(tmp_path / "core", **{**STATED, "cells": {}})
    with pytest.raises(PlaceError, match="holds an IP core of sums for a design of your own, and no block design for"):
        Accelerator.load(package)
    assert pynq.overlays == []


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        (
            {"cells": {"dma": CELL}},
            r"no bitfile\. Make it with Vivado HLS and Vivado by the commands .*docs/hls4ml\.md",
        ),
        ({"cells": {}}, r"no bitfile\. It holds an IP core of sums for a design of your own, and no block design for"),
    ],
)
def test_without_a_bitfile_the_hint_is_the_back_ends(tmp_path: Path, stated: dict[str, Any], told: str) -> None:
    changes = {**STATED, "backend": {"name": "hls4ml"}, "files": {"samples": "samples.npz"}, **stated}
    with pytest.raises(PackageError, match=told):
        Package.load(write_package(tmp_path / "unmade", **changes)).file("bitfile")


def test_a_bound_is_no_figure(pynq: Pynq, tmp_path: Path, board: FakeBoard, capsys: pytest.CaptureFixture[str]) -> None:
    cycles = {"interval": 24, "first_frame": 29, "source": "bound: at best a cycle a word"}
    folder = write_package(tmp_path / "bound", **STATED, cycles=cycles)
    assert main(["info", str(folder)]) == 0
    assert "frames at most 4,166,667 a second (bound: at best a cycle a word)\n" in capsys.readouterr().out
    with Accelerator.load(folder) as accelerator:
        found = accelerator.benchmark(0.01)
    assert found.cycles is None and found.hardware_frames_per_s is None and "hardware alone" not in str(found)
    assert ("hardware by the build", "at most 4,166,667 frames/s", "bound: at best a cycle a word") in found.rows()
