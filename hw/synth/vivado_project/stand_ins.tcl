# Runs a Vivado script with stand-ins for Vivado's commands: tclsh stand_ins.tcl SCRIPT LOG SCENARIO
#
# Each call is appended to LOG as a line of JSON: {"line", "command", "arguments"}, an argument being [text, elements of
# the text as a list]. A stand-in answers with a handle, KIND:NAME, or what SCENARIO (a Tcl dictionary) has it answer, and
# makes the files that Vivado would make. What is right about the calls is judged elsewhere. SCENARIO may name a file of
# `more` answers, to be sourced, and the script's own `argv`.

lassign $argv script log_file scenario
namespace eval stand_in {
    variable log [open $::log_file w]
    variable script [file normalize $::script]
    variable scenario $::scenario
    variable project {}
    variable design {}
}
fconfigure $stand_in::log -encoding utf-8

proc stand_in::json {text} {
    set map [list \\ {\\} \" {\"} \n {\n} \r {\r} \t {\t}]
    return "\"[regsub -all {[\x00-\x1f]} [string map $map $text] ?]\""
}

proc stand_in::record {command arguments} {
    variable log
    variable script
    set line 0
    for {set level 1} {$level <= [info frame]} {incr level} {
        set frame [info frame $level]
        if {[dict exists $frame file] && [file normalize [dict get $frame file]] eq $script} {
            set line [dict get $frame line]
            break
        }
    }
    set parts {}
    foreach argument $arguments {
        set elements {}
        if {[string is list $argument]} {
            foreach element $argument { lappend elements [json $element] }
        }
        lappend parts "\[[json $argument], \[[join $elements {, }]\]\]"
    }
    puts $log "{\"line\": $line, \"command\": [json $command], \"arguments\": \[[join $parts {, }]\]}"
    flush $log
}

# Writes a file that Vivado would write.
proc stand_in::make {args} {
    set path [file join {*}$args]
    file mkdir [file dirname $path]
    set file [open $path w]
    puts $file "made by a dry run"
    close $file
}

proc stand_in::after {arguments option} {
    set index [lsearch -exact $arguments $option]
    return [expr {$index < 0 ? {} : [lindex $arguments $index+1]}]
}

proc stand_in::answer {command arguments} {
    variable scenario
    variable project
    variable design
    set last [lindex $arguments end]
    switch -- $command {
        create_project {
            set project [lrange [lsearch -all -inline -not $arguments -*] 0 1]
            file mkdir [lindex $project 1]
        }
        create_bd_design  { set design $last }
        current_project   { return project:current }
        current_fileset   { return fileset:sources_1 }
        get_board_parts   { return [expr {[dict get $scenario board_files] ? [string map {* 9.9} $last] : {}}] }
        xhub::get_xstores { return store:$last }
        get_ipdefs {
            set name [lindex [split $last :] 2]
            return [expr {$name in [dict get $scenario ips] ? "ip:$name" : {}}]
        }
        get_property      { return [property [lindex $arguments end-1] $last] }
        get_files         { return file:$last }
        get_runs          { return run:$last }
        create_bd_cell - get_bd_cells { return cell:$last }
        get_bd_pins       { return pin:$last }
        get_bd_intf_pins  { return interface:$last }
        get_bd_addr_spaces { return space:$last }
        get_bd_addr_segs  { return segment:$last }
        generate_target {
            lassign $project name folder
            make $folder $name.[dict get $scenario handoff] sources_1 bd $design hw_handoff $design.hwh
        }
        launch_runs {
            lassign $project name folder
            if {[after $arguments -to_step] eq "write_bitstream"} {
                make $folder $name.runs impl_1 ${design}_wrapper.bit
            }
        }
        report_utilization - report_timing_summary { make [after $arguments -file] }
        default           { return [more $command $arguments] }
    }
    return {}
}

# Answers where the above has none.
proc stand_in::more {command arguments} { return {} }

proc stand_in::property {name object} {
    variable scenario
    switch -glob -- $name {
        VLNV      { return xilinx.com:ip:[lindex [split $object :] 1]:9.9 }
        PROGRESS  { return [expr {$object eq "run:[dict get $scenario failing]" ? "50%" : "100%"}] }
        STATS.*   { return [dict get $scenario slack] }
        CONFIG.*  { return 123.4 }
        default   { return /somewhere }
    }
}

foreach command [dict get $scenario commands] {
    namespace eval [namespace qualifiers ::$command] {}
    proc ::$command args [string map [list @ [list $command]] {
        stand_in::record @ $args
        return [stand_in::answer @ $args]
    }]
}
proc exit {{status 0}} { error "the script calls exit $status" }

set argv {}
if {[dict exists $scenario more]} {
    set argv [dict get $scenario argv]
    source [dict get $scenario more]
}
set failed [catch {source $script} message options]
if {$failed && [dict get $options -errorcode] eq {STAND_IN EXIT}} { set failed 0 }
stand_in::record {} [list $failed $message [expr {[dict exists $options -errorinfo] ? [dict get $options -errorinfo] : {}}]]
close $stand_in::log
