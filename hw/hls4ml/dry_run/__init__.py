"""Runs what hls4ml wrote without AMD's tools, as far as that goes: its Tcl with stand-ins, its sources' file names."""

from hw.hls4ml.dry_run.check import Findings, check

__all__ = ["Findings", "check"]
