"""A device for stock pynq whose registers, memory and clocks are those of a simulated board.

``pynq.Overlay``, ``pynq.allocate``, ``pynq.MMIO``, ``pynq.Clocks`` and ``pynq.lib.dma`` of pynq 3.0.1 to 4.0.0 run as
they are. What a device must offer is read off ``pynq.pl_server.embedded_device`` and ``pynq.buffer`` of those versions;
this module can be imported only where pynq is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pynq
from pynq.buffer import PynqBuffer
from pynq.pl_server import embedded_device as stock
from pynq.pl_server.device import Device

from sw.simboard.memory import Buffer
from sw.simboard.registers import Window

if TYPE_CHECKING:
    from sw.simboard.system import System

ARCHITECTURES = {"xcup": "aarch64", "xc7": "armv7l"}
"""The processor's architecture by the part's family, as pynq names it."""


class SimulatedDevice(Device):
    """The device that pynq finds on a simulated board.

    Args:
        system: the simulated board.
    """

    _probe_priority_ = 10
    _installed: SimulatedDevice | None = None

    @classmethod
    def _probe_(cls) -> list[SimulatedDevice]:
        return [cls._installed] if cls._installed is not None else []

    def __init__(self, system: System) -> None:
        super().__init__("embedded_xrt0")
        self.capabilities = {"MEMORY_MAPPED": True, "REGISTER_RW": False, "CALLABLE": False}
        self.arch = ARCHITECTURES[system.family]
        self.name = system.board
        self.bitfile_name = None
        self.timestamp = ""
        self.system = system

    @classmethod
    def install(cls, system: System) -> SimulatedDevice:
        """Make ``system`` the board that pynq is on, and return its device."""
        device = cls(system)
        cls._installed = device
        Device.active_device = device
        pynq.ps.CPU_ARCH = device.arch  # pynq 3.0 chooses the clocks' registers by it
        return device

    # Registers

    def mmap(self, base_addr: int, length: int) -> Window:
        """Return the words from an address on, each access to one of which goes over the bus."""
        return Window.over(self.system, base_addr, length)

    # Memory

    def allocate(self, shape: Any, dtype: Any = "u4", cacheable: Any = 0, **_: Any) -> PynqBuffer:
        """Return a buffer; one that is not cacheable needs no flush.

        Raises:
            RuntimeError: no memory is left, or no bitstream was loaded; stock devices raise the same.
        """
        if not hasattr(self, "mem_dict"):
            raise RuntimeError("Overlay is not downloaded")
        try:
            block = self.system.allocate(int(np.prod(shape)) * np.dtype(dtype).itemsize, bool(cacheable))
        except MemoryError as error:
            raise RuntimeError(f"BO allocation failed: {error}") from error
        buffer = PynqBuffer(
            shape, dtype, buffer=block.array, device=self, device_address=block.device_address, bo=block
        )
        buffer.memory = buffer.return_to = self
        buffer.pointer = block
        return buffer

    def return_pointer(self, pointer: Buffer) -> None:
        """Take the memory of a buffer back that is no longer used."""
        pointer.free()

    def flush(self, bo: Buffer, offset: int, ptr: int, size: int) -> None:
        """Bring ``size`` bytes from ``offset`` on that the processor wrote to the memory."""
        bo.flush(offset, size)

    def invalidate(self, bo: Buffer, offset: int, ptr: int, size: int) -> None:
        """Let the processor see ``size`` bytes from ``offset`` on as they are in the memory."""
        bo.invalidate(offset, size)

    def get_memory(self, desc: dict[str, Any]) -> SimulatedDevice:
        """Return what allocates in the memory of a description; there is one memory."""
        return self

    # Bitstream

    def get_bitfile_metadata(self, bitfile_name: str, partial: bool = False) -> Any:
        """Return pynq's parse of the ``.hwh`` beside a bitfile, with the processor's memory added as XRT does."""
        parser = stock.RuntimeMetadataParser(stock.Metadata(input=Path(bitfile_name).with_suffix(".hwh")))
        parser.mem_dict["PSDDR"] = {
            "raw_type": 1, "used": 1, "base_address": 0, "size": self.system.memory_bytes, "type": "DDR4",
            "streaming": False, "idx": 0, "tag": "PSDDR",
        }  # fmt: skip
        parser.refresh_hierarchy_dict()
        return parser

    def download(self, bitstream: Any, parser: Any = None) -> None:
        """Load a bitfile that the build of a simulated board made."""
        if bitstream.partial:
            raise RuntimeError("This device takes no partial bitstreams")
        self.system.download(bitstream.bitfile_name)
        self.post_download(bitstream, parser, self.name)
