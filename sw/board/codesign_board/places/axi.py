"""What a board with AXI DMA and a simulated one have in common: buffers in pairs, the DMA, checks of the registers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from codesign_board.dma import LONGEST, REACH, AxiDma, Mmio
from codesign_board.errors import MemoryShortage, PlaceError, TransferError, TransferTimeout
from codesign_board.package import Package
from codesign_board.patience import Patience
from codesign_board.place import Place

PATIENCE = 10
"""Times the cycles that a frame should take, in which nothing may move."""
ADVICE = "Bitfile and manifest are of different builds: make the bitfile of this build, then package again."
"""What to do where something else is in the fabric."""
MEANINGS = {"FRAME": ": a frame was cut short or too long"}
"""Of the fields of the register ERRORS."""


class AxiBuffer(Protocol):
    """Memory that processor and DMA share, and that the processor may see through its cache.

    Attributes:
        array: uint8, as long as was asked for.
        device_address: where the DMA finds it.
    """

    array: np.ndarray
    device_address: int

    def flush(self, size: int) -> None:
        """Make the DMA see what was written to the first ``size`` bytes."""

    def invalidate(self, size: int) -> None:
        """Make the processor see what the DMA wrote to the first ``size`` bytes."""

    def free(self) -> None:
        """Give it back; ``array`` is not to be used after that."""


class AxiHost(Protocol):
    """A system with the accelerator and its DMA: what ``AxiPlace`` needs of it."""

    @property
    def dma(self) -> Mmio:
        """The DMA's registers, there after ``download``."""

    @property
    def accelerator(self) -> Mmio:
        """The accelerator's registers, there after ``download``."""

    def download(self) -> None:
        """Configure the fabric with the package's bitfile.

        Raises:
            PlaceError: that is impossible.
        """

    def loaded(self) -> bool:
        """Return whether what was downloaded is still in the fabric."""

    def allocate(self, size: int) -> AxiBuffer:
        """Return a buffer of ``size`` bytes.

        Raises:
            MemoryError: there is no room for it.
        """

    def clock_mhz(self) -> float | None:
        """Return the accelerator's clock, read back, None where it cannot be."""

    def watts(self) -> dict[str, float]:
        """Return the power of each rail, empty where none is measured."""

    def close(self) -> None:
        """Give the device back."""


@dataclass
class _Slot:
    input: AxiBuffer
    output: AxiBuffer
    frames: int = 0


class AxiPlace(Place):
    """An accelerator behind an AXI DMA.

    Args:
        package: what is to run.
        host: the system; it is downloaded to here.
        name, where: see ``Place``.
        patience_s: seconds without progress after which a transfer is given up, see ``patience``.

    Raises:
        PlaceError: the host cannot be configured, or what answers there is not the package's accelerator.
    """

    def __init__(self, package: Package, host: AxiHost, name: str, where: str, patience_s: float = 1.0) -> None:
        super().__init__(package)
        self.name, self.where = name, where
        self._host = host
        self._patience_s = patience_s
        self._slots: list[_Slot] = []
        self._frames = 0
        self._limit = LONGEST // max(package.input.frame_bytes, package.output.frame_bytes)
        self._most = self._limit  # less, while memory is short
        if not self._limit:
            raise PlaceError(f"One frame of {package.model} is longer than the DMA's {LONGEST} bytes a transfer.")
        try:
            self._load()
            self._restart()
        except TransferTimeout as error:
            host.close()
            raise PlaceError(f"No DMA answers on {where}: {error}") from error
        except BaseException:
            host.close()
            raise

    def reserve(self, frames: int) -> int:
        self._check_loaded()
        wanted = min(frames, self._most)
        if wanted <= self._frames:
            return wanted
        self._free()
        while True:
            try:
                self._allocate(wanted)
                return wanted
            except MemoryError:
                self._free()
                if wanted == 1:
                    size = 2 * (self.package.input.frame_bytes + self.package.output.frame_bytes)
                    raise MemoryShortage(
                        f"{self.where} has no {size} bytes of contiguous memory for the buffers of one frame: "
                        f"free those of other overlays and notebooks.",
                        self.state(),
                    ) from None
                wanted = self._most = wanted // 2

    def input(self, slot: int, frames: int) -> np.ndarray:
        return self._slots[slot].input.array[: frames * self.package.input.frame_bytes]

    def start(self, slot: int, frames: int) -> None:
        used = self._slots[slot]
        used.frames = frames
        sent, got = frames * self.package.input.frame_bytes, frames * self.package.output.frame_bytes
        used.input.flush(sent)
        with self._explained():
            self._dma.start(used.input.device_address, sent, used.output.device_address, got)

    def finish(self, slot: int) -> np.ndarray:
        used = self._slots[slot]
        size = used.frames * self.package.output.frame_bytes
        cycles = self.package.manifest["cycles"]
        limit = PATIENCE * (cycles["first_frame"] + cycles["interval"])
        with self._explained():
            self._dma.wait(size, Patience(self._patience_s, limit, self._moved, lambda: self.read("CYCLES")))
            used.output.invalidate(size)
            if self.read("ERRORS"):
                raise TransferError("What came back is not all right.")
        return used.output.array[:size]

    def reset(self) -> None:
        try:
            self._restart()
        except TransferTimeout:  # the DMA does not come out of its reset: only its bitfile helps
            self._free()  # PYNQ refuses to load one while there are buffers
            self._load()
            self._restart()
        self._most = self._limit

    def read(self, register: str) -> int:
        return int(self._host.accelerator.read(4 * self.package.registers.index[register]))

    def write(self, register: str, value: int) -> None:
        self._host.accelerator.write(4 * self.package.registers.index[register], value)

    def clock_mhz(self) -> float | None:
        return self._host.clock_mhz()

    def watts(self) -> dict[str, float]:
        return self._host.watts()

    def state(self) -> dict[str, int]:
        return {**self._dma.state(), **self._counters()}

    def close(self) -> None:
        if self._host.loaded():
            with contextlib.suppress(TransferError):
                self._dma.reset()  # it must not write to memory that is given back
        self._free()
        self._host.close()

    def _load(self) -> None:
        """Configure the fabric."""
        self._host.download()
        self._dma = AxiDma(self._host.dma)

    def _check_loaded(self) -> None:
        """Check that no other overlay was loaded meanwhile: where it has no registers, reading one stops the board."""
        if not self._host.loaded():
            raise PlaceError(f"Another overlay was loaded on {self.where} since {self.package.model}: load it again.")

    def _restart(self) -> None:
        """Prove that the package's accelerator is in the fabric, and bring it and the DMA to their start."""
        self._check_loaded()
        self.prove(ADVICE)
        self._dma.reset()  # first, because resetting the accelerator takes back what its output was showing
        fields = self.package.registers.fields["CONTROL"]
        self.write("CONTROL", 1 << fields["RESET"] | 1 << fields["CLEAR"])

    def _counters(self) -> dict[str, int]:
        return {name: self.read(name) for name in ("FRAMES_IN", "FRAMES_OUT", "CYCLES", "ERRORS")}

    def _moved(self) -> tuple[int, int]:
        return self.read("FRAMES_IN"), self.read("FRAMES_OUT")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Add to an error what the accelerator's registers say of it."""
        try:
            yield
        except TransferError as error:
            counters = self._counters()
            fields = self.package.registers.fields["ERRORS"]
            reported = [name for name, bit in fields.items() if counters["ERRORS"] >> bit & 1]
            said = "".join(f" The accelerator reports ERRORS.{n}{MEANINGS.get(n, '')}." for n in reported)
            raise type(error)(error.text + said, {**error.state, **counters}) from None

    def _allocate(self, frames: int) -> None:
        for _ in range(2):
            output = None
            source = self._buffer(frames * self.package.input.frame_bytes, self.package.input.bytes_per_word)
            try:
                output = self._buffer(frames * self.package.output.frame_bytes, self.package.output.bytes_per_word)
            finally:
                if output is None:
                    source.free()
            output.flush(frames * self.package.output.frame_bytes)  # or the cache could write over what the DMA wrote
            self._slots.append(_Slot(source, output))
        self._frames = frames

    def _buffer(self, size: int, alignment: int) -> AxiBuffer:
        buffer = self._host.allocate(size)
        address = buffer.device_address
        if address % alignment == 0 and address + size <= REACH:
            return buffer
        buffer.free()
        raise PlaceError(
            f"{self.where} gave a buffer at {address:#x}, and the DMA needs one at a multiple of {alignment} below "
            f"{REACH:#x}: free the buffers of other overlays and notebooks."
        )

    def _free(self) -> None:
        for slot in self._slots:
            slot.input.free()
            slot.output.free()
        self._slots, self._frames = [], 0
