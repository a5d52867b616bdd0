"""A simulated system on chip: processor bus, memory, DMA, clocks and, once its bitfile is loaded, the accelerator.

Python 3.10, numpy 1.21 and the standard library, beside the driver's errors: it is loaded beside PYNQ, too.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from codesign_board.errors import PlaceError

from hw.shell import registers
from hw.shell.axi.addresses import ADDRESSES
from hw.shell.axi.simulated_board import SimulatedBoard
from sw.simboard import faults as faulty
from sw.simboard import options
from sw.simboard.clocks import Clocks
from sw.simboard.dma import AxiDma
from sw.simboard.memory import BASE, Buffer, Memory

ABOUT = "simboard.json"
"""What a simulated board's folder says of itself."""
MEMORY = 256 << 20
"""Bytes of memory for buffers, unless asked otherwise; only what is used is really taken."""
WEIGHTS_STEP = 500
"""Cycles that a look at a DMA takes, at most, where software must look after two."""
_RESET = next(1 << field.bit for field in registers.register("CONTROL").fields if field.name == "RESET")
_NAMES = {4 * register.index: register.name for register in registers.REGISTERS}


class BusError(RuntimeError):
    """Nothing answers at an address; a board would hang or kill the program."""


class System:
    """A board that has booted, and has no bitfile yet.

    Attributes:
        folder: the simulated board's.
        about: its ``simboard.json``.
        memory: buffers are allocated from it.
        clocks: the processing system's clock registers.
        faults: what goes wrong.
        fabric: the accelerator's simulation, None before a bitfile is loaded.
    """

    def __init__(
        self,
        folder: str | Path,
        faults: str | faulty.Fault | Iterable[str | faulty.Fault] | None = None,
        stalls: float = 0.0,
        seed: int = 0,
        memory: int = MEMORY,
        step: int = 20_000,
        patience: float = 120.0,
    ) -> None:
        """Power up.

        Args:
            folder: a build's ``simboard/``, of an accelerator with an AXI shell.
            faults: faults or their names (``hang``, ``hang:3`` for the third occasion, several with commas between).
            stalls: probability that each of the DMA's streams rests in a cycle, less than 1.
            seed: of the stalls, and of what registers without a reset hold at first; 31 bits.
            memory: bytes that buffers can have in all, as far as the DMA reaches.
            step: cycles that the accelerator runs, at most, when the DMA's status is read.
            patience: see ``AxiDma``.

        Raises:
            PlaceError: the folder is no simulated board's, or an option is not what it must be.
        """
        self.folder = Path(folder)
        self.about = about(self.folder)
        if self.about["io"] != "axi":
            raise PlaceError(f"{self.folder} is a simulated board on a serial line, and has no bus: use the place sim.")
        self.faults = faulty.faults(faults)
        self._stalls = options.probability("stalls", stalls)
        self._seed = options.whole("seed", seed, 0, 2**31 - 1)
        reached = ADDRESSES[self.family].memory - BASE
        self.memory = Memory(options.whole("memory", memory, 1, reached, "a whole number of bytes"), self.faults)
        self.clocks = Clocks(self.family)
        self.fabric: SimulatedBoard | None = None
        self._step, self._patience = step, patience
        self._dmas: dict[str, AxiDma] = {}
        self._lock = threading.RLock()

    @property
    def board(self) -> str:
        """Name of the board."""
        return str(self.about["board"])

    @property
    def family(self) -> str:
        """Family of its part, ``xcup`` or ``xc7``."""
        return str(self.about["family"])

    @property
    def memory_bytes(self) -> int:
        """Bytes that buffers can have in all."""
        return self.memory.size

    @property
    def addresses(self) -> Mapping[str, int]:
        """Bus addresses of ``dma``, ``accelerator`` and, with weights, ``dma_weights``; ``range`` in bytes of each."""
        return dict(self.about["addresses"])

    def download(self, bitfile: str | Path) -> None:
        """Configure the fabric with a stand-in for a bitfile, as a simulated board's ``deploy/`` holds it.

        Raises:
            PlaceError: it is a real bitfile, or there is no simulation of what it names.
        """
        path = Path(bitfile)
        build = stand_in(path)["build"]
        folders = (self.folder, path.resolve().parent.parent)
        found = [place for place in folders if (place / ABOUT).is_file() and about(place)["build"] == build]
        if not found:
            raise PlaceError(
                f"{path} is of build {build:#010x}, and {self.folder} simulates {self.about['build']:#010x}."
            )
        with self._lock:
            self._end()
            made = about(found[0])
            self.fabric = SimulatedBoard(found[0] / made["library"], found[0] / made["memories"], self._seed)
            self.fabric.stalls(self._stalls, self._stalls, self._seed)
            loads = "dma_weights" in self.addresses
            step = min(self._step, WEIGHTS_STEP) if loads else self._step
            around = (self.fabric, self.memory, self.faults, step, self._patience)
            self._dmas = {"dma": AxiDma(*around)}
            if loads:
                self._dmas["dma_weights"] = AxiDma(*around, weights=True)
            for fault in self.faults:
                fault.downloaded()

    def read(self, address: int) -> int:
        """Return the 32 bits at a bus address.

        Raises:
            BusError: nothing answers there.
        """
        with self._lock:
            if self.clocks.holds(address):
                return self.clocks.read(address)
            slave, offset = self._slave(address)
            if isinstance(slave, AxiDma):
                return slave.read(offset)
            for dma in self._dmas.values():
                dma.check_coherent()
            value = slave.read(offset)
            for fault in self.faults:
                value = fault.register(_NAMES.get(offset, ""), value)
            return value

    def write(self, address: int, value: int) -> None:
        """Write 32 bits at a bus address.

        Raises:
            BusError: nothing answers there.
        """
        value = int(value) % 2**32
        with self._lock:
            if self.clocks.holds(address):
                self.clocks.write(address, value)
                return
            slave, offset = self._slave(address)
            slave.write(offset, value)
            if isinstance(slave, AxiDma):
                return
            if _NAMES.get(offset) == "CONTROL" and value & _RESET:
                for fault in self.faults:
                    fault.accelerator_reset()

    def allocate(self, size: int, cacheable: bool = True) -> Buffer:
        """Return a buffer of ``size`` bytes.

        Raises:
            MemoryError: there is no room.
        """
        return self.memory.allocate(size, cacheable)

    def close(self) -> None:
        """Power down."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self.fabric is not None:
            self.fabric.close()
        self.fabric = None
        self._dmas = {}

    def _slave(self, address: int) -> tuple[AxiDma | SimulatedBoard, int]:
        """Who answers at an address, and the offset there."""
        addresses = self.addresses
        slaves: dict[str, AxiDma | SimulatedBoard] = {**self._dmas}
        if self.fabric is not None:
            slaves["accelerator"] = self.fabric
        for name, slave in slaves.items():
            offset = address - addresses[name]
            if 0 <= offset < addresses["range"]:
                return slave, offset
        why = "no bitfile is loaded" if self.fabric is None else "it is in nobody's range"
        raise BusError(f"Nothing answers at bus address {address:#x}: {why}.")


def about(folder: Path) -> dict[str, Any]:
    """Return what a simulated board's folder says of itself.

    Raises:
        PlaceError: it is none.
    """
    try:
        found: dict[str, Any] = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError) as error:
        raise PlaceError(f"{folder} is no simulated board ({error}): give the folder simboard/ of a build.") from error
    return found


def stand_in(path: Path) -> dict[str, Any]:
    """Return what a stand-in for a bitfile says.

    Raises:
        PlaceError: it is a real bitfile, or it is not there.
    """
    try:
        found = json.loads(path.read_bytes()[:65536].decode())
    except FileNotFoundError as error:
        raise PlaceError(f"There is no bitfile {path}.") from error
    except ValueError:
        found = None
    if not isinstance(found, dict) or "build" not in found:
        raise PlaceError(
            f"{path} is a bitfile for real hardware, and this board is simulated: "
            "take the package simboard/deploy of the same build."
        )
    return found
