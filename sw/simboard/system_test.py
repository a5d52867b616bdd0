"""The simulated system: bitfiles, addresses, clocks; and the driver on it, all well or not.

The driver runs on a build of skeleton-tiny; what must come out is what the build's IntegerGraph says.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator, Package
from codesign_board.errors import BoardError, MemoryShortage, PlaceError, TransferError, TransferTimeout
from codesign_board.samples import Samples

from hw.shell import registers
from hw.shell.axi.addresses import ADDRESSES
from sw.simboard.clocks import CRL_APB, SLCR
from sw.simboard.faults import FAULTS, fault, faults
from sw.simboard.memory import Incoherent
from sw.simboard.system import BusError, System
from sw.simboard.testing import BUILD, SHELL, stand_in_board

IDS = {register.name: 4 * register.index for register in registers.REGISTERS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stand_in_board(tmp_path_factory.mktemp("simboard"))


def bitfile(folder: Path) -> Path:
    return folder / "deploy/stand_in.bit"


# ---- the system ------------------------------------------------------------------------------------------------------
def test_nothing_answers_before_a_bitfile_is_loaded(folder: Path) -> None:
    system = System(folder)
    for address in (system.addresses["dma"], system.addresses["accelerator"]):
        with pytest.raises(BusError, match=f"{address:#x}: no bitfile is loaded"):
            system.read(address)
        with pytest.raises(BusError):
            system.write(address, 0)
    system.download(bitfile(folder))
    assert system.read(system.addresses["accelerator"] + IDS["BUILD"]) == BUILD
    assert system.read(system.addresses["accelerator"] + IDS["MAGIC"]) == registers.MAGIC
    assert system.read(system.addresses["dma"] + 4) == 1
    end = system.addresses["dma"] + system.addresses["range"]
    for address in (system.addresses["dma"] - 4, system.addresses["accelerator"] + 0x10000, 0):
        with pytest.raises(BusError, match="in nobody's range"):
            system.read(address)
    assert end == system.addresses["accelerator"]
    system.close()
    with pytest.raises(BusError):
        system.read(system.addresses["dma"])


def test_what_is_no_simulated_board(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="is no simulated board"):
        System(tmp_path)
    (tmp_path / "simboard.json").write_text('{"io": "uart"}')
    with pytest.raises(PlaceError, match="on a serial line"):
        System(tmp_path)
    system = System(folder)
    (tmp_path / "real.bit").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "list.bit").write_text("[1]")
    (tmp_path / "other.bit").write_text('{"bits": 1}')
    for name in ("real.bit", "list.bit", "other.bit"):
        with pytest.raises(PlaceError, match=f"{name} is a bitfile for real hardware"):
            system.download(tmp_path / name)
    with pytest.raises(PlaceError, match="There is no bitfile"):
        system.download(tmp_path / "gone.bit")


def test_another_build_is_loaded_from_its_own_folder(folder: Path, tmp_path: Path) -> None:
    other = stand_in_board(tmp_path / "other", replace(SHELL, build=5))
    system = System(folder)
    system.download(bitfile(other))
    assert system.read(system.addresses["accelerator"] + IDS["BUILD"]) == 5
    system.download(bitfile(folder))
    assert system.read(system.addresses["accelerator"] + IDS["BUILD"]) == BUILD
    alone = shutil.copy(bitfile(other), tmp_path / "alone.bit")
    with pytest.raises(PlaceError, match=r"is of build 0x00000005, and .* simulates 0x89abcdef"):
        system.download(alone)
    copied = shutil.copy(bitfile(folder), tmp_path / "copied.bit")
    system.download(copied)
    assert system.read(system.addresses["accelerator"] + IDS["BUILD"]) == BUILD, "wherever its package was copied to"


def test_a_bitfile_that_is_loaded_again_starts_anew(folder: Path) -> None:
    system = System(folder)
    for _ in range(2):
        system.download(bitfile(folder))
        dma, accelerator = system.addresses["dma"], system.addresses["accelerator"]
        assert (system.read(dma), system.read(accelerator + IDS["FRAMES_OUT"])) == (0x10002, 0)
        assert system.read(accelerator + IDS["CYCLES"]) < 200
        system.write(dma, 1)
        assert system.fabric is not None
        system.fabric.run(500, idle=True)
        assert system.read(accelerator + IDS["CYCLES"]) > 500 and system.read(dma) == 1


@pytest.mark.parametrize("board", ["zcu104", "pynq_z2"])
def test_clocks(tmp_path: Path, board: str) -> None:
    """As UG1087 and UG585 have the registers: two dividers of six bits behind a PLL's multiplier."""
    system = System(stand_in_board(tmp_path / "board", board=board))
    zynq7 = board == "pynq_z2"
    control, pll, low, high = (SLCR + 0x170, SLCR + 0x108, 8, 20) if zynq7 else (CRL_APB + 0xC0, CRL_APB + 0x20, 8, 16)
    source = 1000 if zynq7 else 1499.985
    assert system.clocks.fabric_mhz == pytest.approx(100, rel=1e-4)
    system.write(control, 5 << low | 2 << high)
    assert system.read(control) == 5 << low | 2 << high
    assert system.clocks.fabric_mhz == pytest.approx(source / 10)
    system.clocks.divide(7, 3)
    assert system.read(control) == 7 << low | 3 << high and system.clocks.fabric_mhz == pytest.approx(source / 21)
    multiplier = 12 if zynq7 else 8
    system.write(pll, 40 << multiplier)
    assert system.clocks.fabric_mhz == pytest.approx((50 if zynq7 else 33.333) * 40 / 21)
    with pytest.raises(BusError):
        system.read(CRL_APB if zynq7 else SLCR)
    system.download(bitfile(system.folder))
    assert system.read(ADDRESSES[system.family].accelerator + IDS["BUILD"]) == BUILD


def test_faults_are_named() -> None:
    assert [type(each) for each in faults("hang:2,stale")] == [FAULTS["hang"], FAULTS["stale"]]
    assert faults(None) == [] and len(faults([fault("hang"), "stale"])) == 2
    with pytest.raises(PlaceError, match="There is no fault 'fire': it must be one of dma_internal_error"):
        faults("fire")
    with pytest.raises(PlaceError, match="'hang:0' must strike at a whole number"):
        faults("hang:0")


# ---- the driver on it ------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def package(simulated_board: Path) -> Package:
    return Package.load(simulated_board / "deploy")


@pytest.fixture(scope="module")
def frames(package: Package) -> tuple[np.ndarray, np.ndarray]:
    """Integers, and what the graph says of them, as the build put them into the package."""
    samples = Samples.of(package)
    return package.head.run(samples.inputs)[:10], samples.outputs[:10]


@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_all_is_well(package: Package, frames: tuple[np.ndarray, np.ndarray], stall: float) -> None:
    with Accelerator.load(package, place="sim", stalls=stall, seed=7) as accelerator:
        for count in (1, 3, 6):
            assert np.array_equal(accelerator.infer_integers(frames[0][:count]), frames[1][:count])
        assert accelerator.registers()["FRAMES_OUT"] == 10 and accelerator.registers()["ERRORS"] == 0
        clock = accelerator.place.clock_mhz()
        assert clock is not None and 0.9 * package.clock_mhz < clock <= package.clock_mhz
        assert accelerator.selftest().mismatches == 0


MISTAKES: dict[str, tuple[type[BoardError], str]] = {
    "dma_internal_error": (TransferError, "S2MM reports an internal error"),
    "dma_slave_error": (TransferError, "MM2S reports a slave error"),
    "dma_decode_error": (TransferError, "S2MM reports a decode error"),
    "hang": (TransferTimeout, "nothing has moved for too long"),
    "input_hang": (TransferTimeout, "does not take its input: nothing has moved"),
    "short_transfer": (TransferError, "was short: .* bytes came back"),
    "exhausted": (MemoryShortage, "no .* bytes of contiguous memory"),
    "unflushed:3": (Incoherent, "were written but not flushed: flush the buffer before the transfer"),
    "stale": (Incoherent, "and they were not invalidated: invalidate the buffer before it is read"),
}
ON_LOADING = {
    "wrong_bitstream": "holds an accelerator of another build: register BUILD is",
    "dma_reset_stuck": "The DMA does not come out of its reset",
}


def test_every_fault_is_tried() -> None:
    assert {name.partition(":")[0] for name in (*MISTAKES, *ON_LOADING)} == {
        name for name, fault in FAULTS.items() if not fault.weights
    }


@pytest.mark.parametrize("name", MISTAKES)
def test_a_fault_is_told_and_a_reset_cures_it(
    package: Package, frames: tuple[np.ndarray, np.ndarray], name: str
) -> None:
    kind, words = MISTAKES[name]
    struck = fault(name)
    with Accelerator.load(package, place="sim", faults=struck, patience_s=0.2) as accelerator:
        with pytest.raises(kind, match=words) as caught:
            accelerator.infer_integers(frames[0])
        assert struck.struck
        assert "S2MM_DMASR" in caught.value.state and "FRAMES_OUT" in caught.value.state
        for _ in range(2):
            accelerator.reset()
            assert np.array_equal(accelerator.infer_integers(frames[0]), frames[1])


@pytest.mark.parametrize("name", ["dma_slave_error", "hang", "short_transfer", "input_hang"])
def test_a_fault_in_the_midst(package: Package, frames: tuple[np.ndarray, np.ndarray], name: str) -> None:
    with Accelerator.load(package, place="sim", faults=f"{name}:3", patience_s=0.2, stalls=0.2) as accelerator:
        for _ in range(2):
            assert np.array_equal(accelerator.infer_integers(frames[0][:2]), frames[1][:2])
        with pytest.raises(TransferError):
            accelerator.infer_integers(frames[0])
        accelerator.reset()
        assert np.array_equal(accelerator.infer_integers(frames[0]), frames[1])


@pytest.mark.parametrize("name", ON_LOADING)
def test_a_fault_while_loading(package: Package, frames: tuple[np.ndarray, np.ndarray], name: str) -> None:
    struck = fault(name)
    with pytest.raises(PlaceError, match=ON_LOADING[name]):
        Accelerator.load(package, place="sim", faults=struck)
    assert struck.struck
    with Accelerator.load(package, place="sim", faults=struck) as accelerator:
        assert np.array_equal(accelerator.infer_integers(frames[0][:2]), frames[1][:2])


def test_where_the_simulated_board_is_looked_for(
    package: Package, simulated_board: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(package.directory, tmp_path / "deploy")
    with pytest.raises(PlaceError, match="There is no simulated board in"):
        Accelerator.load(tmp_path / "deploy", place="sim")
    Accelerator.load(tmp_path / "deploy", place="sim", simboard=simulated_board).close()
    monkeypatch.setenv("CODESIGN_SIMBOARD", str(simulated_board))
    Accelerator.load(tmp_path / "deploy", place="sim").close()
    monkeypatch.setenv("CODESIGN_SIMBOARD", str(tmp_path))
    with pytest.raises(PlaceError, match=str(tmp_path)):
        Accelerator.load(tmp_path / "deploy", place="sim")
    about = json.loads((simulated_board / "simboard.json").read_text())
    (tmp_path / "simboard.json").write_text(json.dumps({**about, "build": 7}))
    with pytest.raises(PlaceError, match="simulates build 0x00000007, and the package is of"):
        Accelerator.load(tmp_path / "deploy", place="sim")
