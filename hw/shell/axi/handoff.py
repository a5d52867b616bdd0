"""The hardware handoff file (.hwh) of the block design of ``hw/synth/vivado_project``, as far as PYNQ reads it.

A board's comes from Vivado; this one goes with a simulated board. It names the same cells at the same addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as Xml

from hw.kernels.kernel import LOAD_BITS
from hw.shell import registers
from hw.shell.axi.addresses import ADDRESSES
from hw.shell.axi.clock import Divided, divided
from hw.shell.axi.shell import TOP, AxiShell

CELLS = {"dma": "dma", "accelerator": "accelerator"}
"""Names of the cells in the block design, by what they are."""
WEIGHT_CELLS = {"dma_weights": "dma_weights"}
"""Of those that are there only with weights to load."""
PROCESSING_SYSTEM = "ps"
AXI_DMA = "xilinx.com:ip:axi_dma:7.1"
LENGTH_BITS = 26
_AXI = "xilinx.com:interface:aximm:1.0"

Registers = Sequence[tuple[str, int, str, str, Sequence[tuple[str, int]]]]
"""Name, byte offset, access, meaning, and the fields of one bit: name and bit."""
DMA_REGISTERS: Registers = [
    (f"{channel}_{name}", base + offset, access, meaning, fields)
    for channel, base, address in (("MM2S", 0x00, "SA"), ("S2MM", 0x30, "DA"))
    for name, offset, access, meaning, fields in (
        ("DMACR", 0x00, "read-write", "Control", (("RS", 0), ("Reset", 2), ("IOC_IrqEn", 12), ("Err_IrqEn", 14))),
        (
            "DMASR", 0x04, "read-write", "Status",
            (("Halted", 0), ("Idle", 1), ("DMAIntErr", 4), ("DMASlvErr", 5), ("DMADecErr", 6), ("IOC_Irq", 12),
             ("Err_Irq", 14)),
        ),
        (address, 0x18, "read-write", "Address in memory", ()),
        (f"{address}_MSB", 0x1C, "read-write", "Address in memory, its upper 32 bits", ()),
        ("LENGTH", 0x28, "read-write", "Bytes; writing it begins the transfer", ()),
    )
]  # fmt: skip
"""Of AXI DMA in simple mode, AMD PG021."""


def handoff(shell: AxiShell, family: str, clock_mhz: float) -> str:
    """Return the text of the .hwh file.

    Args:
        shell: the accelerator's.
        family: of the board's part, ``xcup`` or ``xc7``.
        clock_mhz: the clock asked for.
    """
    root = Xml.Element("EDKSYSTEM", EDWVERSION="1.2", TIMESTAMP="", VIVADOVERSION="")
    Xml.SubElement(root, "SYSTEMINFO", NAME="system")
    for name in ("EXTERNALPORTS", "EXTERNALINTERFACES"):
        Xml.SubElement(root, name)
    modules = Xml.SubElement(root, "MODULES")
    _processing_system(modules, shell, family, divided(family, clock_mhz))
    parameters = {**_dma_parameters(shell), **_placed(family, "dma")}
    _slave(modules, family, "dma", AXI_DMA, "S_AXI_LITE", "Reg", parameters, DMA_REGISTERS)
    if shell.loads:
        parameters = {**_weights_dma_parameters(), **_placed(family, "dma_weights")}
        sends = [register for register in DMA_REGISTERS if register[0].startswith("MM2S")]
        _slave(modules, family, "dma_weights", AXI_DMA, "S_AXI_LITE", "Reg", parameters, sends)
    parameters = {**shell.parameters(), **_placed(family, "accelerator")}
    ours = [
        (item.name, 4 * item.index, "write-only" if item.access == "w" else "read-only", item.meaning,
         [(field.name, field.bit) for field in item.fields])
        for item in registers.REGISTERS
    ]  # fmt: skip
    _slave(modules, family, "accelerator", f"xilinx.com:module_ref:{TOP}:1.0", "s_axi", "reg0", parameters, ours)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def cells(shell: AxiShell) -> dict[str, str]:
    """Return the names of a shell's cells, by what they are."""
    return {**CELLS, **(WEIGHT_CELLS if shell.loads else {})}


def _processing_system(modules: Xml.Element, shell: AxiShell, family: str, clock: Divided) -> None:
    if family == "xc7":
        kind, version, master, parameters = "processing_system7", "5.5", "M_AXI_GP0", dict(_zynq7_clocks(clock))
    else:
        kind, version, master, parameters = "zynq_ultra_ps_e", "3.4", "M_AXI_HPM0_FPD", dict(_ultrascale_clocks(clock))
    module = _module(modules, PROCESSING_SYSTEM, f"xilinx.com:ip:{kind}:{version}", "FALSE", parameters)
    interfaces = Xml.SubElement(module, "BUSINTERFACES")
    Xml.SubElement(interfaces, "BUSINTERFACE", NAME=master, TYPE="MASTER", VLNV=_AXI)
    memory_map = Xml.SubElement(module, "MEMORYMAP")
    for what, cell in cells(shell).items():
        interface, block = ("s_axi", "reg0") if what == "accelerator" else ("S_AXI_LITE", "Reg")
        base, high = _range(family, what)
        Xml.SubElement(
            memory_map, "MEMRANGE", ADDRESSBLOCK=block, BASENAME="C_BASEADDR", BASEVALUE=f"0x{base:08X}",
            HIGHNAME="C_HIGHADDR", HIGHVALUE=f"0x{high:08X}", INSTANCE=cell, IS_DATA="TRUE",
            MASTERBUSINTERFACE=master, MEMTYPE="REGISTER", SLAVEBUSINTERFACE=interface,
        )  # fmt: skip


def _ultrascale_clocks(clock: Divided) -> Iterator[tuple[str, object]]:
    for index in range(4):
        control = f"PSU__CRL_APB__PL{index}_REF_CTRL__"
        yield f"PSU__FPGA_PL{index}_ENABLE", int(index == 0)
        yield f"{control}DIVISOR0", clock.first
        yield f"{control}DIVISOR1", clock.second
        yield f"{control}SRCSEL", "IOPLL"
        yield f"{control}ACT_FREQMHZ", f"{clock.mhz:.6f}"


def _zynq7_clocks(clock: Divided) -> Iterator[tuple[str, object]]:
    for index in range(4):
        yield f"PCW_FPGA_FCLK{index}_ENABLE", int(index == 0)
        yield f"PCW_FCLK{index}_PERIPHERAL_DIVISOR0", clock.first
        yield f"PCW_FCLK{index}_PERIPHERAL_DIVISOR1", clock.second
        yield f"PCW_FCLK{index}_PERIPHERAL_CLKSRC", "IO PLL"
        yield f"PCW_ACT_FPGA{index}_PERIPHERAL_FREQMHZ", f"{clock.mhz:.6f}"


def _mm2s_parameters(bits: int) -> dict[str, int]:
    """Of a DMA with beats of ``bits`` out of memory, as build.tcl sets them; what it leaves alone has the default."""
    return {
        "c_include_sg": 0,
        "c_sg_include_stscntrl_strm": 0,
        "c_sg_length_width": LENGTH_BITS,
        "c_micro_dma": 0,
        "c_include_mm2s": 1,
        "c_include_mm2s_dre": 0,
        "c_m_axi_mm2s_data_width": max(32, bits),
        "c_m_axis_mm2s_tdata_width": bits,
        "c_mm2s_burst_size": 256,
    }


def _weights_dma_parameters() -> dict[str, int]:
    return {**_mm2s_parameters(LOAD_BITS), "c_include_s2mm": 0}


def _dma_parameters(shell: AxiShell) -> dict[str, int]:
    return {
        **_mm2s_parameters(shell.s_tdata_bits),
        "c_include_s2mm": 1,
        "c_include_s2mm_dre": 0,
        "c_m_axi_s2mm_data_width": max(32, shell.m_tdata_bits),
        "c_s_axis_s2mm_tdata_width": shell.m_tdata_bits,
        "c_s2mm_burst_size": 256,
    }


def _range(family: str, what: str) -> tuple[int, int]:
    base = int(getattr(ADDRESSES[family], what))
    return base, base + ADDRESSES[family].range - 1


def _placed(family: str, what: str) -> dict[str, str]:
    base, high = _range(family, what)
    return {"C_BASEADDR": f"0x{base:08X}", "C_HIGHADDR": f"0x{high:08X}"}


def _slave(
    modules: Xml.Element, family: str, what: str, vlnv: str, interface: str, block: str,
    parameters: Mapping[str, object], found: Registers,
) -> None:  # fmt: skip
    module = _module(modules, {**CELLS, **WEIGHT_CELLS}[what], vlnv, "TRUE", parameters)
    blocks = Xml.SubElement(module, "ADDRESSBLOCKS")
    size = str(ADDRESSES[family].range)
    made = Xml.SubElement(blocks, "ADDRESSBLOCK", INTERFACE=interface, NAME=block, RANGE=size, USAGE="register")
    listed = Xml.SubElement(made, "REGISTERS")
    for name, offset, access, meaning, fields in found:
        register = Xml.SubElement(listed, "REGISTER", NAME=name)
        _properties(register, DESCRIPTION=meaning, ADDRESS_OFFSET=offset, SIZE=32, ACCESS=access, IS_ENABLED="true")
        if fields:
            inside = Xml.SubElement(register, "FIELDS")
            for field, bit in fields:
                one = Xml.SubElement(inside, "FIELD", NAME=field)
                _properties(one, DESCRIPTION=field, BIT_OFFSET=bit, BIT_WIDTH=1, ACCESS=access)
    interfaces = Xml.SubElement(module, "BUSINTERFACES")
    Xml.SubElement(interfaces, "BUSINTERFACE", NAME=interface, TYPE="SLAVE", VLNV=_AXI)


def _module(
    modules: Xml.Element, name: str, vlnv: str, in_fabric: str, parameters: Mapping[str, object]
) -> Xml.Element:
    kind = vlnv.split(":")[2]
    module = Xml.SubElement(
        modules, "MODULE", FULLNAME=f"/{name}", INSTANCE=name, MODTYPE=kind, VLNV=vlnv, IS_PL=in_fabric
    )
    listed = Xml.SubElement(module, "PARAMETERS")
    for key, value in parameters.items():
        Xml.SubElement(listed, "PARAMETER", NAME=key, VALUE=str(value))
    return module


def _properties(element: Xml.Element, **values: object) -> None:
    for name, value in values.items():
        Xml.SubElement(element, "PROPERTY", NAME=name, VALUE=str(value))
