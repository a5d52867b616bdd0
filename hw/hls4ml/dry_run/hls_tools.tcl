# What the stand-ins answer beside Vivado's own: the commands of Vivado HLS and Vitis HLS, and those of hls4ml's scripts.
#
# They make the files that the tools would make, and stop the script where a file that it names is not there.

namespace eval stand_in {
    variable hls {}
    variable top {}
}

proc stand_in::must_exist {command arguments} {
    foreach path $arguments {
        if {![string match -* $path]} {
            if {![file exists $path]} { error "$command: there is no file $path" }
            return
        }
    }
}

# Writes a file that is Tcl itself, and makes others when it is run.
proc stand_in::make_script {path made} {
    file mkdir [file dirname $path]
    set file [open $path w]
    puts $file "stand_in::make [list [file join [pwd] $made]]"
    close $file
}

proc stand_in::more {command arguments} {
    variable project
    variable hls
    variable top
    set last [lindex $arguments end]
    set solution $hls/solution1
    switch -- $command {
        open_project    { set hls $last; file mkdir $hls }
        set_top         { set top $last }
        add_files       { must_exist add_files $arguments }
        csim_design     { make tb_data/csim_results.log }
        csynth_design   { make $solution/syn/verilog/$top.v }
        cosim_design    {
            make_script $solution/sim/verilog/run_sim.tcl tb_data/rtl_cosim_results.log
            make $solution/sim/verilog/$top.tcl
            make $solution/sim/report/${top}_cosim.rpt
        }
        export_design   { make $solution/impl/ip/component.xml }
        make_wrapper    {
            set path [file rootname [lindex [split [after $arguments -files] :] 1]]
            make [file dirname $path] hdl [file tail $path]_wrapper.v
        }
    }
    return {}
}

rename exec stand_in::real_exec
proc exec args {
    stand_in::record exec $args
    return {}
}
proc exit {{status 0}} {
    stand_in::record exit $status
    if {$status == 0} { throw {STAND_IN EXIT} {the script has ended} }
    error "the script calls exit $status"
}
