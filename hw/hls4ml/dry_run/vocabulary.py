"""What hls4ml's Tcl may call and set: AMD's manuals, and our Vivado project's vocabulary where both use a thing."""

from __future__ import annotations

from collections.abc import Mapping

from hw.synth.vivado_project import vocabulary
from hw.synth.vivado_project.vocabulary import FLAG, VALUE, Command

HLS: Mapping[str, Command] = {
    # AMD UG902 (Vivado HLS) and UG1399 (Vitis HLS), "Vitis HLS Command Reference"
    "open_project": Command("ug1399", {"-reset": FLAG}, (1, 1)),
    "set_top": Command("ug1399", {}, (1, 1)),
    "add_files": Command("ug1399", {"-tb": FLAG, "-cflags": VALUE}, (1, 1)),
    "open_solution": Command("ug1399", {"-reset": FLAG, "-flow_target": VALUE}, (1, 1)),
    "config_array_partition": Command("ug902", {"-maximum_size": VALUE}),
    "config_compile": Command("ug1399", {"-name_max_length": VALUE}),
    "config_schedule": Command("ug1399", {"-enable_dsp_full_reg=false": FLAG}),
    "set_part": Command("ug1399", {}, (1, 1)),
    "create_clock": Command("ug1399", {"-period": VALUE, "-name": VALUE}, (0, 1)),
    "set_clock_uncertainty": Command("ug1399", {}, (1, 2)),
    "csim_design": Command("ug1399"),
    "csynth_design": Command("ug1399"),
    "cosim_design": Command("ug1399", {"-trace_level": VALUE, "-setup": FLAG}),
    "export_design": Command("ug1399", {"-format": VALUE, "-version": VALUE}),
}
OWN_COMMANDS: Mapping[str, Command] = {"exec": Command("Tcl", {}, (1, 99)), "exit": Command("Tcl", {}, (0, 1))}
"""Tcl's own that the stand-ins record; in ``exec``'s arguments everything is the program's."""
_SHARED = (
    *("create_project", "current_project", "set_property", "get_files", "create_bd_design", "create_bd_cell"),
    *("get_bd_cells", "get_bd_pins", "get_bd_intf_pins", "connect_bd_intf_net", "apply_bd_automation", "make_wrapper"),
    *("launch_runs", "open_run"),
)
VIVADO: Mapping[str, Command] = {
    **{name: vocabulary.COMMANDS[name] for name in _SHARED},
    # AMD UG835
    "update_ip_catalog": Command("ug835"),
    "startgroup": Command("ug835"),
    "endgroup": Command("ug835"),
    "group_bd_cells": Command("ug835", {}, (2, 99)),
    "add_files": Command("ug835", {"-norecurse": FLAG}, (1, 1)),
    "reset_run": Command("ug835", {}, (1, 1)),
    "wait_on_run": Command("ug835", {"-timeout": VALUE}, (1, 1)),
    "report_utilization": Command("ug835", {"-file": VALUE, "-hierarchical": FLAG, "-hierarchical_percentages": FLAG}),
    "synth_design": Command("ug835", {"-top": VALUE, "-part": VALUE}),
    "opt_design": Command(
        "ug835",
        dict.fromkeys(("-retarget", "-propconst", "-sweep", "-bram_power_opt", "-shift_register_opt"), FLAG),
    ),
}
RULES: Mapping[str, tuple[str, ...]] = {
    # automation rules: the keys of their -config; Vivado's own journals have them so
    **{rule: keys for rule, (_, keys, _) in vocabulary.RULES.items()},
    "xilinx.com:bd_rule:axi4": (
        *("Clk_master", "Clk_slave", "Clk_xbar", "Master", "Slave", "ddr_seg", "intc_ip", "master_apm"),
    ),
    "xilinx.com:bd_rule:clkrst": ("Clk", "Freq", "Ref_Clk0", "Ref_Clk1", "Ref_Clk2"),
}
PROPERTIES: Mapping[str, Mapping[str, str]] = {
    # further properties of an IP, and their values (a pattern)
    "zynq_ultra_ps_e": {"PSU__USE__S_AXI_GP0": "[01]", "PSU__SAXIGP0__DATA_WIDTH": "32|64|128"},
}
INTERFACES: Mapping[str, tuple[str, ...]] = {
    # further interfaces of an IP
    "zynq_ultra_ps_e": ("S_AXI_HPC0_FPD",),
}
ODDITIES: Mapping[str, str] = {
    # what hls4ml 1.3.0's own templates set and no manual has: told, and no reason to stop
    "axi_dma c_s_axis_s2mm_data_width": "AMD PG021 has no such property of axi_dma",
}
