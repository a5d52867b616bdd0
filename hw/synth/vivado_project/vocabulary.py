"""The part of Vivado that our script may use: commands, IP, properties and pins, each with where it was seen to work.

Facts only: names, options, directions. ``python -m hw.synth.vivado_project.vocabulary`` prints them as docs/vivado.md
shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SOURCES = {
    "finn": "Xilinx/finn, src/finn/transformation/fpgadataflow/templates.py (custom_zynq_shell_template)",
    "resizer": "Xilinx/PYNQ-HelloWorld, boards/{ZCU104,KV260,Ultra96,Pynq-Z2}/resizer/resizer.tcl",
    "pynq": "Xilinx/PYNQ, boards/{ZCU104,Pynq-Z2}/base/build_bitstream.tcl",
    "pynqz2": "Xilinx/PYNQ, boards/Pynq-Z2/petalinux_bsp/hardware_project/pynqz2.tcl",
    "kria": "Xilinx/Kria-PYNQ, kv260/base/base.tcl",
    "hls4ml": "fastmachinelearning/hls4ml, hls4ml/templates/vivado_accelerator/{zcu104,pynq-z2}/tcl_scripts/"
    "axi_stream_design.tcl",
    "riscv": "eugene-tarassov/vivado-risc-v, board/nexys-video/riscv-2024.1.tcl and uart/uart.v",
    "steel": "riscv-steel/riscv-steel, hardware/spi/tests/software/arty_a7/create_unit_tests_project.tcl",
    "ocra": "OpenMRI/ocra, HDL/scripts/project.tcl and HDL/projects/base_pl/block_design.tcl",
    "firesim": "firesim/firesim, platforms/xilinx_alveo_u250/cl_firesim/scripts/implementation.tcl",
    "ug835": "AMD UG835, Vivado Tcl commands",
    "pg021": "AMD PG021, AXI DMA",
    "pg247": "AMD PG247, SmartConnect",
}


@dataclass(frozen=True)
class Command:
    """A command: its options (whether each takes a value), how many plain arguments, and where it was seen."""

    source: str
    options: Mapping[str, bool] = field(default_factory=dict)
    plain: tuple[int, int] = (0, 0)


FLAG, VALUE = False, True

COMMANDS: Mapping[str, Command] = {
    "create_project": Command("hls4ml", {"-force": FLAG, "-part": VALUE}, (2, 2)),
    "current_project": Command("finn"),
    "current_fileset": Command("pynq"),
    "set_property": Command("finn", {"-dict": VALUE}, (1, 3)),
    "get_property": Command("finn", {}, (2, 2)),
    "get_board_parts": Command("kria", {"-quiet": FLAG, "-latest_file_version": FLAG}, (1, 1)),
    "set_param": Command("kria", {}, (2, 2)),
    "xhub::get_xstores": Command("kria", {}, (1, 1)),
    "set_msg_config": Command("ug835", {"-id": VALUE, "-new_severity": VALUE}),
    "add_files": Command("pynq", {"-norecurse": FLAG, "-fileset": VALUE}, (1, 1)),
    "get_files": Command("finn", {}, (1, 1)),
    "update_compile_order": Command("pynq", {"-fileset": VALUE}),
    "create_bd_design": Command("finn", {}, (1, 1)),
    "get_ipdefs": Command("finn", {}, (1, 1)),
    "create_bd_cell": Command("riscv", {"-type": VALUE, "-vlnv": VALUE, "-reference": VALUE}, (1, 1)),
    "apply_bd_automation": Command("finn", {"-rule": VALUE, "-config": VALUE}, (1, 1)),
    "get_bd_cells": Command("finn", {}, (1, 1)),
    "get_bd_pins": Command("finn", {}, (1, 1)),
    "get_bd_intf_pins": Command("finn", {}, (1, 1)),
    "connect_bd_net": Command("finn", {}, (2, 2)),
    "connect_bd_intf_net": Command("finn", {}, (2, 2)),
    "get_bd_addr_spaces": Command("riscv", {}, (1, 1)),
    "get_bd_addr_segs": Command("riscv", {}, (1, 1)),
    "assign_bd_address": Command(
        "riscv", {"-offset": VALUE, "-range": VALUE, "-target_address_space": VALUE, "-force": FLAG}, (1, 1)
    ),
    "validate_bd_design": Command("finn"),
    "save_bd_design": Command("finn"),
    "generate_target": Command("ocra", {}, (2, 2)),
    "make_wrapper": Command("finn", {"-files": VALUE, "-top": FLAG, "-import": FLAG, "-fileset": VALUE}),
    "launch_runs": Command("pynq", {"-to_step": VALUE, "-jobs": VALUE}, (1, 1)),
    "wait_on_run": Command("pynq", {}, (1, 1)),
    "get_runs": Command("finn", {}, (1, 1)),
    "open_run": Command("finn", {}, (1, 1)),
    "report_utilization": Command("hls4ml", {"-file": VALUE, "-hierarchical": FLAG}),
    "report_timing_summary": Command("hls4ml", {"-file": VALUE}),
}

PROPERTIES: Mapping[str, tuple[str, str, str]] = {
    # name: what it belongs to, the values that it may have, where it was seen
    "board_part": ("project", r"[\w.]+:[\w-]+:part0:[\d.]+", "finn"),
    "file_type": ("file", "Memory Initialization Files", "steel"),
    "synth_checkpoint_mode": ("file", "None", "ocra"),
    "top": ("fileset", r"\w+", "pynq"),
}
READ_PROPERTIES: Mapping[str, tuple[str, str]] = {
    "VLNV": ("ip", "finn"),
    "PROGRESS": ("run", "firesim"),
    "STATS.WNS": ("run", "firesim"),
    "STATS.WHS": ("run", "firesim"),
    "LOCAL_ROOT_DIR": ("store", "kria"),
    "CONFIG.PSU__CRL_APB__PL0_REF_CTRL__ACT_FREQMHZ": ("cell", "resizer"),
    "CONFIG.PCW_ACT_FPGA0_PERIPHERAL_FREQMHZ": ("cell", "resizer"),
}
RULES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    # automation rule: the IP that it is for, the keys of its -config, where it was seen
    "xilinx.com:bd_rule:zynq_ultra_ps_e": ("zynq_ultra_ps_e", ("apply_board_preset",), "finn"),
    "xilinx.com:bd_rule:processing_system7": (
        "processing_system7", ("make_external", "apply_board_preset", "Master", "Slave"), "finn"
    ),
}  # fmt: skip
RUN_STEPS: Mapping[str, str] = {"route_design": "firesim", "write_bitstream": "pynq"}

Config = Mapping[str, str]


def always(config: Config) -> bool:
    return True


def is_one(name: str) -> Callable[[Config], bool]:
    """Return whether a property is 1."""
    return lambda config: config[name] == "1"


def more_than(name: str, index: int) -> Callable[[Config], bool]:
    return lambda config: int(config[name]) > index


@dataclass(frozen=True)
class Pin:
    """A pin: ``I`` or ``O``, ``clk`` or ``rst``; an input that exists must be connected unless it has a default."""

    direction: str
    kind: str
    exists: Callable[[Config], bool] = always
    optional: bool = False


@dataclass(frozen=True)
class Interface:
    """An interface pin: ``master`` or ``slave``, ``aximm`` or ``axis``, its width in bits where that must match."""

    mode: str
    protocol: str
    exists: Callable[[Config], bool] = always
    width: str = ""


@dataclass(frozen=True)
class Ip:
    """An IP of the catalog.

    Attributes:
        source: where its pins were seen.
        properties: allowed values (a pattern), value before anything is set, and where it was seen.
        spaces: address spaces and the master interface that each looks out of.
        segments: address segments and the slave interface that each lies behind.
        automated: rule that must have been applied.
    """

    source: str
    properties: Mapping[str, tuple[str, str, str]]
    pins: Mapping[str, Pin]
    interfaces: Mapping[str, Interface]
    spaces: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)


BIT, MHZ = "[01]", r"\d+(\.\d+)?"
# Widths that PG021 has for AXI DMA.
BEAT, WORD = "8|16|32|64|128|256|512|1024", "32|64|128|256|512|1024"


def _zynq_ultra() -> Ip:
    properties = {f"PSU__USE__M_AXI_GP{i}": (BIT, "1" if i < 2 else "0", "resizer") for i in range(3)}
    properties |= {
        "PSU__USE__S_AXI_GP2": (BIT, "0", "resizer"),
        "PSU__SAXIGP2__DATA_WIDTH": ("32|64|128", "128", "resizer"),
        "PSU__FPGA_PL0_ENABLE": (BIT, "0", "resizer"),
        "PSU__OVERRIDE__BASIC_CLOCK": (BIT, "0", "finn"),
        "PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ": (MHZ, "100", "finn"),
    }
    # The script uses HPM0 alone; the others stand here so that leaving one on is found.
    masters = {"M_AXI_HPM0_FPD": "GP0", "M_AXI_HPM1_FPD": "GP1", "M_AXI_HPM0_LPD": "GP2"}
    uses = {name: is_one(f"PSU__USE__M_AXI_{port}") for name, port in masters.items()}
    hp0 = is_one("PSU__USE__S_AXI_GP2")
    return Ip(
        "resizer",
        properties,
        {
            "pl_clk0": Pin("O", "clk", is_one("PSU__FPGA_PL0_ENABLE")),
            "pl_resetn0": Pin("O", "rst"),
            "maxihpm0_fpd_aclk": Pin("I", "clk", uses["M_AXI_HPM0_FPD"]),
            "maxihpm1_fpd_aclk": Pin("I", "clk", uses["M_AXI_HPM1_FPD"]),
            "maxihpm0_lpd_aclk": Pin("I", "clk", uses["M_AXI_HPM0_LPD"]),
            "saxihp0_fpd_aclk": Pin("I", "clk", hp0),
        },
        {name: Interface("master", "aximm", use) for name, use in uses.items()}
        | {"S_AXI_HP0_FPD": Interface("slave", "aximm", hp0)},
        {"Data": "M_AXI_HPM0_FPD"},
        {"SAXIGP2/HP0_DDR_LOW": "S_AXI_HP0_FPD"},
    )


IPS: Mapping[str, Ip] = {
    "zynq_ultra_ps_e": _zynq_ultra(),
    "processing_system7": Ip(
        "resizer",
        {
            "PCW_USE_M_AXI_GP0": (BIT, "1", "pynqz2"),
            "PCW_USE_S_AXI_HP0": (BIT, "0", "resizer"),
            "PCW_EN_CLK0_PORT": (BIT, "1", "pynqz2"),
            "PCW_EN_RST0_PORT": (BIT, "1", "pynqz2"),
            "PCW_FPGA0_PERIPHERAL_FREQMHZ": (MHZ, "50", "resizer"),
            "PCW_CRYSTAL_PERIPHERAL_FREQMHZ": (MHZ, "33.333333", "pynqz2"),
            "PCW_APU_PERIPHERAL_FREQMHZ": (MHZ, "666.666666", "pynqz2"),
        },
        {
            "FCLK_CLK0": Pin("O", "clk", is_one("PCW_EN_CLK0_PORT")),
            "FCLK_RESET0_N": Pin("O", "rst", is_one("PCW_EN_RST0_PORT")),
            "M_AXI_GP0_ACLK": Pin("I", "clk", is_one("PCW_USE_M_AXI_GP0")),
            "S_AXI_HP0_ACLK": Pin("I", "clk", is_one("PCW_USE_S_AXI_HP0")),
        },
        {
            "M_AXI_GP0": Interface("master", "aximm", is_one("PCW_USE_M_AXI_GP0")),
            "S_AXI_HP0": Interface("slave", "aximm", is_one("PCW_USE_S_AXI_HP0")),
        },
        {"Data": "M_AXI_GP0"},
        {"S_AXI_HP0/HP0_DDR_LOWOCM": "S_AXI_HP0"},
    ),
    "axi_dma": Ip(
        "resizer",
        {
            "c_include_s2mm": (BIT, "1", "pg021"),
            "c_include_sg": (BIT, "1", "resizer"),
            "c_sg_include_stscntrl_strm": (BIT, "1", "resizer"),
            "c_sg_length_width": ("[89]|1[0-9]|2[0-6]", "14", "resizer"),
            "c_m_axi_mm2s_data_width": (WORD, "32", "hls4ml"),
            "c_m_axis_mm2s_tdata_width": (BEAT, "32", "hls4ml"),
            "c_mm2s_burst_size": ("2|4|8|16|32|64|128|256", "16", "resizer"),
            "c_m_axi_s2mm_data_width": (WORD, "32", "hls4ml"),
            "c_m_axi_s2mm_data_width.VALUE_SRC": ("USER", "", "hls4ml"),
            "c_s_axis_s2mm_tdata_width": (BEAT, "32", "hls4ml"),
            "c_s_axis_s2mm_tdata_width.VALUE_SRC": ("USER", "", "hls4ml"),
            "c_s2mm_burst_size": ("2|4|8|16|32|64|128|256", "16", "resizer"),
        },
        {
            "s_axi_lite_aclk": Pin("I", "clk"),
            "m_axi_mm2s_aclk": Pin("I", "clk"),
            "m_axi_s2mm_aclk": Pin("I", "clk", is_one("c_include_s2mm")),
            "m_axi_sg_aclk": Pin("I", "clk", is_one("c_include_sg")),
            "axi_resetn": Pin("I", "rst"),
        },
        {
            "S_AXI_LITE": Interface("slave", "aximm"),
            "M_AXI_MM2S": Interface("master", "aximm"),
            "M_AXI_S2MM": Interface("master", "aximm", is_one("c_include_s2mm")),
            "M_AXIS_MM2S": Interface("master", "axis", width="c_m_axis_mm2s_tdata_width"),
            "S_AXIS_S2MM": Interface("slave", "axis", is_one("c_include_s2mm"), width="c_s_axis_s2mm_tdata_width"),
        },
        {"Data_MM2S": "M_AXI_MM2S", "Data_S2MM": "M_AXI_S2MM"},
        {"S_AXI_LITE/Reg": "S_AXI_LITE"},
    ),
    "smartconnect": Ip(
        "riscv",
        {"NUM_SI": ("[1-9]|1[0-6]", "2", "finn"), "NUM_MI": ("[1-9]|1[0-6]", "1", "pg247")},
        {"aclk": Pin("I", "clk"), "aresetn": Pin("I", "rst")},
        {f"S{i:02d}_AXI": Interface("slave", "aximm", more_than("NUM_SI", i)) for i in range(16)}
        | {f"M{i:02d}_AXI": Interface("master", "aximm", more_than("NUM_MI", i)) for i in range(16)},
    ),
    "proc_sys_reset": Ip(
        "resizer",
        {},
        {
            "slowest_sync_clk": Pin("I", "clk"),
            "ext_reset_in": Pin("I", "rst"),
            "interconnect_aresetn": Pin("O", "rst"),
            "peripheral_aresetn": Pin("O", "rst"),
        },
        {},
    ),
}


PORT = r"\b(input|output)\s+wire\s+(?:\[([^\]]*)\]\s*)?(\w+)"
INFO = r'X_INTERFACE_INFO = "xilinx\.com:(\w+):(\w+):1\.0 (\w+) (\w+)"[^;]*?' + PORT


def module_ip(verilog: str) -> Ip:
    """Return what a block design makes of a Verilog module: its attributes name the interfaces, clocks and resets."""
    pins, interfaces = dict[str, Pin](), dict[str, Interface]()
    for kind, what, name, signal, direction, span, port in re.findall(INFO, verilog):
        if kind == "signal":
            pins[port] = Pin("I" if direction == "input" else "O", {"clock": "clk", "reset": "rst"}[what])
        elif signal in ("TDATA", "AWADDR"):
            mode = "slave" if direction == "input" else "master"
            width = str(_width(span, verilog)) if signal == "TDATA" else ""
            interfaces[name] = Interface(mode, what, width=width)
    segments = {f"{name}/reg0": name for name, i in interfaces.items() if (i.mode, i.protocol) == ("slave", "aximm")}
    return Ip("riscv", {}, pins, interfaces, {}, segments)


def _width(span: str, verilog: str) -> int:
    """Return the bits of ``high:low``, where high may be a parameter less 1, at its default."""
    if not span:
        return 1
    values = dict(re.findall(r"\bparameter\s+(\w+)\s*=\s*(\d+)", verilog))
    high, low = span.replace(" ", "").split(":")
    if high.removesuffix("-1") in values:
        return int(values[high.removesuffix("-1")]) - int(low)
    return int(high) - int(low) + 1


def tables() -> str:
    """Return all of it as Markdown."""
    rows = ["| source | repository and path, or manual |", "| --- | --- |"]
    rows += [f"| {key} | {where} |" for key, where in SOURCES.items()]
    rows += ["", "| command | options | source |", "| --- | --- | --- |"]
    rows += [f"| `{name}` | {' '.join(c.options) or '–'} | {c.source} |" for name, c in COMMANDS.items()]
    rows += ["", "| property | of | source |", "| --- | --- | --- |"]
    rows += [f"| `{name}` | {owner} | {source} |" for name, (owner, _, source) in PROPERTIES.items()]
    rows += [f"| `{name}` (read) | {owner} | {source} |" for name, (owner, source) in READ_PROPERTIES.items()]
    for ip, declared in IPS.items():
        rows += [f"| `CONFIG.{name}` | {ip} | {source} |" for name, (_, _, source) in declared.properties.items()]
    rows += ["", "| automation rule, run step | what is given | source |", "| --- | --- | --- |"]
    rows += [f"| `{name}` | {', '.join(keys)} | {source} |" for name, (_, keys, source) in RULES.items()]
    rows += [f"| `-to_step {name}` | – | {source} |" for name, source in RUN_STEPS.items()]
    rows += ["", "| IP | pins and interfaces | address spaces and segments | source |", "| --- | --- | --- | --- |"]
    for ip, declared in IPS.items():
        names = [*declared.pins, *declared.interfaces]
        if ip == "smartconnect":
            names = ["aclk", "aresetn", "S00_AXI…", "M00_AXI…"]
        places = ", ".join([*declared.spaces, *declared.segments]) or "–"
        rows.append(f"| `xilinx.com:ip:{ip}` | {', '.join(names)} | {places} | {declared.source} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(tables(), end="")
