"""The place ``sim``: the driver on a simulated board, without PYNQ; frames go through the accelerator's Verilog."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from codesign_board.dma import Mmio
from codesign_board.errors import PlaceError
from codesign_board.package import Package
from codesign_board.place import Place
from codesign_board.places.axi import AxiPlace
from codesign_board.places.serial import SerialPlace

from hw.shell.axi.clock import divided
from hw.shell.uart.simulated_board import SimulatedBoard
from sw.simboard import options
from sw.simboard.faults import Fault
from sw.simboard.memory import Buffer
from sw.simboard.system import ABOUT, MEMORY, System, about

VARIABLE = "CODESIGN_SIMBOARD"


def sim(
    package: Package,
    simboard: str | Path | None = None,
    *,
    faults: str | Fault | Iterable[str | Fault] | None = None,
    stalls: float = 0.0,
    seed: int = 0,
    memory: int = MEMORY,
    patience_s: float = 1.0,
) -> Place:
    """Return the package's accelerator on its simulated board.

    Args:
        package: what is to run.
        simboard: a build's folder ``simboard/``; the variable CODESIGN_SIMBOARD, or what lies around the package, where
            none is given.
        faults, stalls, seed, memory: see ``System``; only of boards with AXI.
        patience_s: seconds without progress after which a transfer is given up.

    Raises:
        PlaceError: there is no simulated board, it is of another build, it cannot be loaded, or an option is not
            what it must be.
    """
    patience_s = options.seconds("patience_s", patience_s)
    folder = _folder(package, simboard)
    found = about(folder)
    if found["build"] != package.build % 2**32:
        raise PlaceError(
            f"{folder} simulates build {found['build']:#010x}, and the package is of {package.build % 2**32:#010x}: "
            "run the step board of the same build."
        )
    if found["io"] == "axi":
        host = SimulatedHost(package, System(folder, faults, stalls, seed, memory))
        return AxiPlace(package, host, "sim", f"a simulated {found['title']}", patience_s)
    if (faults, stalls, seed, memory) != (None, 0.0, 0, MEMORY):
        raise PlaceError(f"{folder} is a simulated board on a serial line: give it no faults, stalls, seed or memory.")
    return _on_a_line(package, folder, found, patience_s)


def _on_a_line(package: Package, folder: Path, found: dict[str, Any], patience_s: float) -> Place:
    """Return the place of a board with a serial line; the line is waited for by the simulated clock."""
    second = package.manifest["baud"] * found["eighths"] / 8  # in cycles
    powered: list[SimulatedBoard] = []

    def power_up() -> SimulatedBoard:
        powered[:] = [SimulatedBoard(folder / found["library"], found["eighths"], folder / found["memories"])]
        return powered[0]

    place = SerialPlace(package, patience_s=patience_s, transport=power_up, clock=lambda: powered[0].cycles / second)
    place.name, place.where = "sim", f"a simulated {found['title']}"
    return place


def _folder(package: Package, simboard: str | Path | None) -> Path:
    """Return the simulated board's folder."""
    named = simboard or os.environ.get(VARIABLE)
    around = package.directory.resolve().parent
    candidates = [Path(str(named)).expanduser()] if named else [around, around / "simboard"]
    for folder in candidates:
        if (folder / ABOUT).is_file():
            return folder
    listed = " and ".join(map(str, candidates))
    raise PlaceError(
        f"There is no simulated board in {listed}: name a build's folder simboard/ by simboard= or by {VARIABLE}."
    )


class SimulatedHost:
    """A simulated system as the driver's ``AxiHost``."""

    def __init__(self, package: Package, system: System) -> None:
        self._package, self.system = package, system
        self.dma: Mmio = _Registers(system, system.addresses["dma"])
        self.accelerator: Mmio = _Registers(system, system.addresses["accelerator"])
        loads = "dma_weights" in system.addresses
        self.weights: Mmio | None = _Registers(system, system.addresses["dma_weights"]) if loads else None

    def download(self) -> None:
        self.system.download(self._package.file("bitfile"))
        clock = divided(self.system.family, float(self._package.clock_mhz))
        self.system.clocks.divide(clock.first, clock.second)

    def loaded(self) -> bool:
        return self.system.fabric is not None

    def allocate(self, size: int) -> _Buffer:
        return _Buffer(self.system.allocate(size))

    def clock_mhz(self) -> float | None:
        return self.system.clocks.fabric_mhz

    def watts(self) -> dict[str, float]:
        return {}

    def close(self) -> None:
        self.system.close()


class _Registers:
    """What lies from an address on, as ``pynq.MMIO`` has it."""

    def __init__(self, system: System, base: int) -> None:
        self._system, self._base = system, base

    def read(self, offset: int) -> int:
        return self._system.read(self._base + offset)

    def write(self, offset: int, value: int) -> None:
        self._system.write(self._base + offset, value)


class _Buffer:
    """A buffer as the driver's ``AxiBuffer``: flushed and invalidated from its beginning."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self.array: np.ndarray = buffer.array
        self.device_address = buffer.device_address

    def flush(self, size: int) -> None:
        self._buffer.flush(0, size)

    def invalidate(self, size: int) -> None:
        self._buffer.invalidate(0, size)

    def free(self) -> None:
        self._buffer.free()
