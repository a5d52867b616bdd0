"""What HLS says of a project that it has synthesized: cycles and resources, from its report in XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from codesign.errors import ToolFailed
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.target import Target

REPORT = f"{PROJECT}_prj/solution1/syn/report/{{top}}_csynth.xml"
RESOURCES = {"LUT": "lut", "FF": "ff", "BRAM_18K": "bram", "DSP": "dsp", "DSP48E": "dsp", "URAM": "uram"}
"""Our names of what HLS counts; block RAM in units of 18 kbit."""
CYCLES = {
    "latency_cycles": "Worst-caseLatency",
    "interval_cycles": "Interval-max",
}


def estimate(project: Path, target: Target) -> dict[str, Any]:
    """Return the worst case's cycles of a frame and the resources, as HLS estimates them.

    Raises:
        ToolFailed: the report is not there or not readable.
    """
    path = project / REPORT.format(top=f"{PROJECT}_axi" if target.board else PROJECT)
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise ToolFailed(f"HLS ended without an error and without a readable report {path} ({error}).") from error
    whole = "PerformanceEstimates/SummaryOfOverallLatency"
    counted = root.find("AreaEstimates/Resources")
    return {
        "source": f"{next(iter(target.tools.values()))} estimate",
        "clock_ns": _number(root.findtext("PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod")),
        **{name: _number(root.findtext(f"{whole}/{tag}")) for name, tag in CYCLES.items()},
        "total": {RESOURCES[each.tag]: _number(each.text) for each in counted or () if each.tag in RESOURCES},
    }


def _number(text: str | None) -> float | None:
    """A number; None where HLS has none, such as for a loop without a bound (``undef``)."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return int(value) if value.is_integer() else value
