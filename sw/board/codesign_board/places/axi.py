"""What a board with AXI DMA and a simulated one have in common: buffers in pairs, the DMA, checks of the registers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from codesign_board.dma import LONGEST, REACH, AxiDma
from codesign_board.errors import MemoryShortage, PlaceError, TransferError, TransferTimeout
from codesign_board.package import Package
from codesign_board.patience import Patience
from codesign_board.place import Place
from codesign_board.places.axi_host import AxiBuffer, AxiHost
from codesign_board.weights import WORD_BYTES, WeightPort

PATIENCE = 10
"""Times the cycles that a frame should take, in which nothing may move."""
LOAD_CYCLES = 1000
"""What loading weights may take beside a cycle a word."""
ADVICE = "Bitfile and manifest are of different builds: make the bitfile of this build, then package again."
"""What to do where something else is in the fabric."""
MEANINGS = {
    "FRAME": ": a frame was cut short or too long",
    "WEIGHTS": ": a packet of weights was cut short, or came where none is to come",
}
"""Of the fields of the register ERRORS."""


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
        PlaceError: the host cannot be configured, what answers there is not the package's accelerator, or it does not
            take its weights.
        MemoryShortage: there is no room for the weights.
    """

    def __init__(self, package: Package, host: AxiHost, name: str, where: str, patience_s: float = 1.0) -> None:
        super().__init__(package)
        self.name, self.where = name, where
        self._host = host
        self._patience_s = patience_s
        self._slots: list[_Slot] = []
        self._weights: WeightPort | None = None
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
        try:
            self._load_weights()
        except BaseException as error:
            self.close()
            if isinstance(error, TransferError):
                raise PlaceError(f"The weights cannot be loaded on {where}: {error}") from error
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
            self._feed()

    def finish(self, slot: int) -> np.ndarray:
        used = self._slots[slot]
        size = used.frames * self.package.output.frame_bytes
        cycles = self.package.manifest["cycles"]
        limit = PATIENCE * (cycles["first_frame"] + cycles["interval"])
        with self._explained():
            self._dma.wait(size, self._patience(limit, self._moved), self._feed)
            used.output.invalidate(size)
            if self.read("ERRORS"):
                raise TransferError("What came back is not all right.")
        return used.output.array[:size]

    def reset(self) -> None:
        try:
            self._restart()
            self._load_weights()
        except TransferTimeout:  # a DMA does not come out of its reset: only its bitfile helps
            self._free_all()  # PYNQ refuses to load one while there are buffers
            self._load()
            self._restart()
            self._load_weights()
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
        return {**self._dma.state(), **(self._weights.state() if self._weights else {}), **self._counters()}

    def close(self) -> None:
        if self._host.loaded():
            for dma in (self._dma, self._weights):
                with contextlib.suppress(TransferError):
                    if dma is not None:
                        dma.reset()  # it must not touch memory that is given back
        self._free_all()
        self._host.close()

    def _load(self) -> None:
        """Configure the fabric."""
        self._host.download()
        self._dma = AxiDma(self._host.dma)
        if self.package.weights is not None and self._host.weights is not None:
            self._weights = WeightPort(
                self.package.weights, self._host.weights, lambda size: self._buffer(size, WORD_BYTES)
            )

    def _check_loaded(self) -> None:
        """Check that no other overlay was loaded meanwhile: where it has no registers, reading one stops the board."""
        if not self._host.loaded():
            raise PlaceError(f"Another overlay was loaded on {self.where} since {self.package.model}: load it again.")

    def _restart(self) -> None:
        """Prove that the package's accelerator is in the fabric, and bring it and the DMAs to their start."""
        self._check_loaded()
        self.prove(ADVICE)
        self._dma.reset()  # first, because resetting the accelerator takes back what its output was showing
        if self._weights is not None:
            self._weights.reset()
        fields = self.package.registers.fields["CONTROL"]
        self.write("CONTROL", 1 << fields["RESET"] | 1 << fields["CLEAR"])

    def _load_weights(self) -> None:
        """Bring the accelerator, just reset, its weights, where it has any to load.

        Raises:
            TransferError: it does not take them as they are.
            MemoryShortage: there is no room for them.
        """
        weights = self.package.weights
        if self._weights is None or weights is None:
            return
        watch = self._patience(
            PATIENCE * (weights.start_bytes // WORD_BYTES + LOAD_CYCLES), lambda: (self.read("LOADED"),)
        )
        try:
            with self._explained():
                self._weights.load(watch, lambda: self.read("LOADED"))
                if self.read("ERRORS"):
                    raise TransferError("The weights that came in are not all right.")
        except MemoryError:
            raise MemoryShortage(
                f"{self.where} has no {self._weights.size} bytes of contiguous memory for the weights: free the "
                f"buffers of other overlays and notebooks.",
                self.state(),
            ) from None

    def _feed(self) -> None:
        """Keep the weights coming that each frame needs."""
        if self._weights is not None:
            self._weights.feed()

    def _patience(self, cycles: int, moved: Callable[[], tuple[int, ...]]) -> Patience:
        return Patience(self._patience_s, cycles, moved, lambda: self.read("CYCLES"))

    def _counters(self) -> dict[str, int]:
        names = ("FRAMES_IN", "FRAMES_OUT", "CYCLES", "ERRORS", *(("LOADED",) if self._weights else ()))
        return {name: self.read(name) for name in names}

    def _moved(self) -> tuple[int, int]:
        return self.read("FRAMES_IN"), self.read("FRAMES_OUT")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Add to an error what the accelerator's registers say of it."""
        try:
            yield
        except TransferError as error:
            counters = self._counters()
            fields = self.package.registers.fields.get("ERRORS", {})
            reported = [name for name, bit in fields.items() if counters["ERRORS"] >> bit & 1]
            said = "".join(f" The accelerator reports ERRORS.{n}{MEANINGS.get(n, '')}." for n in reported)
            if self._weights is not None and isinstance(error, TransferTimeout):
                wanted = self._weights.wanted(counters["FRAMES_OUT"])
                if counters["LOADED"] < wanted:
                    said += f" It waits for weights: it has taken {counters['LOADED']} of {wanted} packets."
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

    def _free_all(self) -> None:
        self._free()
        if self._weights is not None:
            self._weights.free()
