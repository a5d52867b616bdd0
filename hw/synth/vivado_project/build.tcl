# From the accelerator's sources to a bitstream: vivado -mode batch -source build.tcl
# With eight jobs at a time, not four: vivado -mode batch -source build.tcl -tclargs 8
#
# Makes the project in project/ and writes NAME.bit, NAME.hwh, the reports and summary.txt to out/. What differs from one
# accelerator to the next stands in settings.tcl.

set here [file dirname [file normalize [info script]]]
source [file join $here settings.tcl]
set project_dir [file join $here project]
set out_dir     [file join $here out]
set source_dir  [file join $here src]
set bd          system
set jobs        [expr {[llength $argv] ? [lindex $argv 0] : 4}]
file delete -force $out_dir
file mkdir $out_dir

# One cell of the newest version of an IP that this Vivado has.
proc ip_cell {ip name} {
    set definition [get_ipdefs xilinx.com:ip:$ip:*]
    if {[llength $definition] == 0} {
        error "ERROR: this Vivado has no IP xilinx.com:ip:$ip; install the device family's files"
    }
    return [create_bd_cell -type ip -vlnv [get_property VLNV [lindex $definition end]] $name]
}

# Stops unless a run came to its end.
proc finished {run what} {
    if {[get_property PROGRESS [get_runs $run]] ne "100%"} {
        error "ERROR: $what failed, see [file join $::project_dir $::design_name.runs $run runme.log]"
    }
}

# ---- project ----------------------------------------------------------------------------------------------------
create_project -force $design_name $project_dir -part $part

# Boards' files that came by way of the board store are found only where it is named.
set board_parts [get_board_parts -quiet -latest_file_version $board_part]
if {[llength $board_parts] == 0} {
    catch {set_param board.repoPaths [get_property LOCAL_ROOT_DIR [xhub::get_xstores xilinx_board_store]]}
    set board_parts [get_board_parts -quiet -latest_file_version $board_part]
}
set has_board [expr {[llength $board_parts] > 0}]
if {$has_board} {
    set_property board_part [lindex $board_parts end] [current_project]
} else {
    puts "WARNING: no board files $board_part; the overlay is built without them, for a board that has already booted"
}

# A memory file that is not found would leave a memory empty: an error, not a warning.
set_msg_config -id {Synth 8-4445} -new_severity ERROR

foreach name $rtl_files {
    add_files -norecurse -fileset sources_1 [file join $source_dir $name]
}
foreach name $memory_files {
    set path [file join $source_dir $name]
    add_files -norecurse -fileset sources_1 $path
    set_property file_type {Memory Initialization Files} [get_files $path]
}
update_compile_order -fileset sources_1

# ---- processing system ------------------------------------------------------------------------------------------
create_bd_design $bd
ip_cell $processing_system ps
if {$processing_system eq "zynq_ultra_ps_e"} {
    if {$has_board} {
        apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset "1"} [get_bd_cells ps]
    }
    # A port's width is set when the board boots: HP0 stays at 128 bits.
    set_property -dict [list \
        CONFIG.PSU__USE__M_AXI_GP0 1 \
        CONFIG.PSU__USE__M_AXI_GP1 0 \
        CONFIG.PSU__USE__M_AXI_GP2 0 \
        CONFIG.PSU__USE__S_AXI_GP2 1 \
        CONFIG.PSU__SAXIGP2__DATA_WIDTH 128 \
        CONFIG.PSU__FPGA_PL0_ENABLE 1 \
        CONFIG.PSU__OVERRIDE__BASIC_CLOCK 0 \
        CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ $clock_mhz \
    ] [get_bd_cells ps]
    set actual_clock       CONFIG.PSU__CRL_APB__PL0_REF_CTRL__ACT_FREQMHZ
    set clock              ps/pl_clk0
    set board_reset        ps/pl_resetn0
    set ps_clocks          [list ps/maxihpm0_fpd_aclk ps/saxihp0_fpd_aclk]
    set control_master     ps/M_AXI_HPM0_FPD
    set memory_slave       ps/S_AXI_HP0_FPD
    set memory_segment     ps/SAXIGP2/HP0_DDR_LOW
} else {
    if {$has_board} {
        apply_bd_automation -rule xilinx.com:bd_rule:processing_system7 \
            -config {make_external "FIXED_IO, DDR" apply_board_preset "1" Master "Disable" Slave "Disable"} [get_bd_cells ps]
    } else {
        apply_bd_automation -rule xilinx.com:bd_rule:processing_system7 \
            -config {make_external "FIXED_IO, DDR" Master "Disable" Slave "Disable"} [get_bd_cells ps]
        foreach {property value} $ps_without_board_files {
            set_property CONFIG.$property $value [get_bd_cells ps]
        }
    }
    set_property -dict [list \
        CONFIG.PCW_USE_M_AXI_GP0 1 \
        CONFIG.PCW_USE_S_AXI_HP0 1 \
        CONFIG.PCW_EN_CLK0_PORT 1 \
        CONFIG.PCW_EN_RST0_PORT 1 \
        CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ $clock_mhz \
    ] [get_bd_cells ps]
    set actual_clock       CONFIG.PCW_ACT_FPGA0_PERIPHERAL_FREQMHZ
    set clock              ps/FCLK_CLK0
    set board_reset        ps/FCLK_RESET0_N
    set ps_clocks          [list ps/M_AXI_GP0_ACLK ps/S_AXI_HP0_ACLK]
    set control_master     ps/M_AXI_GP0
    set memory_slave       ps/S_AXI_HP0
    set memory_segment     ps/S_AXI_HP0/HP0_DDR_LOWOCM
}

# ---- accelerator, DMA, buses, reset -----------------------------------------------------------------------------
create_bd_cell -type module -reference accelerator_axi accelerator

ip_cell axi_dma dma
set_property -dict [list \
    CONFIG.c_m_axi_s2mm_data_width.VALUE_SRC USER \
    CONFIG.c_s_axis_s2mm_tdata_width.VALUE_SRC USER \
] [get_bd_cells dma]
set_property -dict [list \
    CONFIG.c_include_sg 0 \
    CONFIG.c_sg_include_stscntrl_strm 0 \
    CONFIG.c_sg_length_width 26 \
    CONFIG.c_m_axi_mm2s_data_width [expr {max(32, $s_tdata_bits)}] \
    CONFIG.c_m_axis_mm2s_tdata_width $s_tdata_bits \
    CONFIG.c_mm2s_burst_size 256 \
    CONFIG.c_m_axi_s2mm_data_width [expr {max(32, $m_tdata_bits)}] \
    CONFIG.c_s_axis_s2mm_tdata_width $m_tdata_bits \
    CONFIG.c_s2mm_burst_size 256 \
] [get_bd_cells dma]

ip_cell smartconnect control_bus
set_property -dict [list CONFIG.NUM_SI 1 CONFIG.NUM_MI 2] [get_bd_cells control_bus]
ip_cell smartconnect memory_bus
set_property -dict [list CONFIG.NUM_SI 2 CONFIG.NUM_MI 1] [get_bd_cells memory_bus]
ip_cell proc_sys_reset reset

# A DMA of their own for weights that are not in the bitstream: out of memory only, beats of 64 bits.
set weights_clocks {}
set weights_resets {}
set weights_spaces {}
if {$weights} {
    ip_cell axi_dma dma_weights
    set_property -dict [list \
        CONFIG.c_include_s2mm 0 \
        CONFIG.c_include_sg 0 \
        CONFIG.c_sg_include_stscntrl_strm 0 \
        CONFIG.c_sg_length_width 26 \
        CONFIG.c_m_axi_mm2s_data_width 64 \
        CONFIG.c_m_axis_mm2s_tdata_width 64 \
        CONFIG.c_mm2s_burst_size 256 \
    ] [get_bd_cells dma_weights]
    set_property CONFIG.NUM_MI 3 [get_bd_cells control_bus]
    set_property CONFIG.NUM_SI 3 [get_bd_cells memory_bus]
    set weights_clocks [list dma_weights/s_axi_lite_aclk dma_weights/m_axi_mm2s_aclk]
    set weights_resets [list dma_weights/axi_resetn]
    set weights_spaces [list dma_weights/Data_MM2S]
}

# ---- connections ------------------------------------------------------------------------------------------------
connect_bd_intf_net [get_bd_intf_pins $control_master] [get_bd_intf_pins control_bus/S00_AXI]
connect_bd_intf_net [get_bd_intf_pins control_bus/M00_AXI] [get_bd_intf_pins dma/S_AXI_LITE]
connect_bd_intf_net [get_bd_intf_pins control_bus/M01_AXI] [get_bd_intf_pins accelerator/s_axi]
connect_bd_intf_net [get_bd_intf_pins dma/M_AXI_MM2S] [get_bd_intf_pins memory_bus/S00_AXI]
connect_bd_intf_net [get_bd_intf_pins dma/M_AXI_S2MM] [get_bd_intf_pins memory_bus/S01_AXI]
connect_bd_intf_net [get_bd_intf_pins memory_bus/M00_AXI] [get_bd_intf_pins $memory_slave]
connect_bd_intf_net [get_bd_intf_pins dma/M_AXIS_MM2S] [get_bd_intf_pins accelerator/s_axis]
connect_bd_intf_net [get_bd_intf_pins accelerator/m_axis] [get_bd_intf_pins dma/S_AXIS_S2MM]
if {$weights} {
    connect_bd_intf_net [get_bd_intf_pins control_bus/M02_AXI] [get_bd_intf_pins dma_weights/S_AXI_LITE]
    connect_bd_intf_net [get_bd_intf_pins dma_weights/M_AXI_MM2S] [get_bd_intf_pins memory_bus/S02_AXI]
    connect_bd_intf_net [get_bd_intf_pins dma_weights/M_AXIS_MM2S] [get_bd_intf_pins accelerator/w_axis]
}

set clocked [list reset/slowest_sync_clk accelerator/aclk control_bus/aclk memory_bus/aclk \
    dma/s_axi_lite_aclk dma/m_axi_mm2s_aclk dma/m_axi_s2mm_aclk {*}$weights_clocks {*}$ps_clocks]
foreach pin $clocked {
    connect_bd_net [get_bd_pins $clock] [get_bd_pins $pin]
}
connect_bd_net [get_bd_pins $board_reset] [get_bd_pins reset/ext_reset_in]
foreach pin [list accelerator/aresetn dma/axi_resetn {*}$weights_resets] {
    connect_bd_net [get_bd_pins reset/peripheral_aresetn] [get_bd_pins $pin]
}
foreach pin [list control_bus/aresetn memory_bus/aresetn] {
    connect_bd_net [get_bd_pins reset/interconnect_aresetn] [get_bd_pins $pin]
}

# ---- addresses --------------------------------------------------------------------------------------------------
assign_bd_address -offset $dma_address -range $register_range \
    -target_address_space [get_bd_addr_spaces ps/Data] [get_bd_addr_segs dma/S_AXI_LITE/Reg] -force
assign_bd_address -offset $accelerator_address -range $register_range \
    -target_address_space [get_bd_addr_spaces ps/Data] [get_bd_addr_segs accelerator/s_axi/reg0] -force
if {$weights} {
    assign_bd_address -offset $dma_weights_address -range $register_range \
        -target_address_space [get_bd_addr_spaces ps/Data] [get_bd_addr_segs dma_weights/S_AXI_LITE/Reg] -force
}
foreach space [list dma/Data_MM2S dma/Data_S2MM {*}$weights_spaces] {
    assign_bd_address -offset 0x00000000 -range $memory_range \
        -target_address_space [get_bd_addr_spaces $space] [get_bd_addr_segs $memory_segment] -force
}

validate_bd_design
save_bd_design
set clock_made_mhz [get_property $actual_clock [get_bd_cells ps]]

# The whole design in one synthesis: a block of its own would look for the memory files elsewhere.
set bd_file [get_files $bd.bd]
set_property synth_checkpoint_mode None $bd_file
generate_target all $bd_file
make_wrapper -files $bd_file -top -import -fileset sources_1
set_property top ${bd}_wrapper [current_fileset]
update_compile_order -fileset sources_1

# ---- synthesis, place and route ---------------------------------------------------------------------------------
launch_runs synth_1 -jobs $jobs
wait_on_run synth_1
finished synth_1 synthesis

launch_runs impl_1 -to_step route_design -jobs $jobs
wait_on_run impl_1
finished impl_1 "place and route"

open_run impl_1
report_utilization -file [file join $out_dir utilization.rpt]
report_utilization -hierarchical -file [file join $out_dir utilization_by_module.rpt]
report_timing_summary -file [file join $out_dir timing.rpt]
set setup_slack [get_property STATS.WNS [get_runs impl_1]]
set hold_slack  [get_property STATS.WHS [get_runs impl_1]]
set summary [open [file join $out_dir summary.txt] w]
puts $summary "clock_asked_mhz $clock_mhz"
puts $summary "clock_made_mhz $clock_made_mhz"
puts $summary "setup_slack_ns $setup_slack"
puts $summary "hold_slack_ns $hold_slack"
close $summary
if {$setup_slack < 0 || $hold_slack < 0} {
    error "ERROR: timing is not met (setup $setup_slack ns, hold $hold_slack ns) at $clock_mhz MHz; build for a lower clock"
}

launch_runs impl_1 -to_step write_bitstream -jobs $jobs
wait_on_run impl_1
finished impl_1 "the bitstream"

# ---- results ----------------------------------------------------------------------------------------------------
file copy -force [file join $project_dir $design_name.runs impl_1 ${bd}_wrapper.bit] [file join $out_dir $design_name.bit]
# The handoff file lies under .gen from Vivado 2020.2 on, under .srcs before.
foreach area {gen srcs} {
    set handoff [file join $project_dir $design_name.$area sources_1 bd $bd hw_handoff $bd.hwh]
    if {[file exists $handoff]} {
        file copy -force $handoff [file join $out_dir $design_name.hwh]
        break
    }
}
if {![file exists [file join $out_dir $design_name.hwh]]} {
    error "ERROR: Vivado wrote no handoff file $bd.hwh"
}
puts "codesign: [file join $out_dir $design_name.bit] at $clock_made_mhz MHz, setup slack $setup_slack ns"
