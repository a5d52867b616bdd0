"""One page on a build: every figure with its source."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

import boards
from hw.design.design import Design
from hw.shell import shells

DESIGN = "design/sized"
REPORTS = (
    "ingest",
    "verification",
    "rtlsim_performance",
    "estimate_layer_cycles",
    "estimate_layer_resources",
    "estimate_network_performance",
    "post_synth_resources",
    "timing",
)


@dataclass(frozen=True)
class Summary:
    """What a build folder holds.

    Attributes:
        directory: the build folder.
        design: the complete Design.
        reports: the JSON reports that are there, by name.
    """

    directory: Path
    design: Design
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    @staticmethod
    def read(directory: Path) -> Summary:
        """Read the folder of a build that has made its complete design."""
        reports = {}
        for name in REPORTS:
            path = directory / f"report/{name}.json"
            if path.exists():
                reports[name] = json.loads(path.read_text())
        return Summary(directory, Design.load(directory / DESIGN), reports)

    def rows(self) -> list[tuple[str, str, str]]:
        """(what, figure, source) of everything that is known."""
        rows: list[tuple[str, str, str]] = [("model", f"{self.design.name}, {len(self.design.kernels)} kernels", "")]
        rows += self._verification() + self._speed() + self._link() + self._resources() + self._timing()
        return rows

    def table(self) -> Table:
        """The rows for the terminal."""
        table = Table("what", "figure", "source", title=str(self.directory))
        for row in self.rows():
            table.add_row(*row)
        return table

    def _verification(self) -> list[tuple[str, str, str]]:
        v = self.reports.get("verification", {})
        rows = graph_rows(v)
        if "frames" in v:
            rows.append(
                (
                    "RTL against the integer graph",
                    f"{v['mismatches']} mismatches in {v['frames']} frames, stalls {v['stall_probability']:g}",
                    "measured (RTL)",
                )
            )
        if "board_frames" in v:
            figure = f"{v['board_mismatches']} mismatches in {v['board_frames']} frames, link included"
            rows.append(("whole board top against the integer graph", figure, "measured (RTL)"))
        if "netlist_frames" in v:
            figure = f"{v['netlist_mismatches']} mismatches in {v['netlist_frames']} frames"
            rows.append(("synthesized netlist against the integer graph", figure, "measured (netlist)"))
        return rows

    def _speed(self) -> list[tuple[str, str, str]]:
        p = self.reports.get("rtlsim_performance")
        if p is None:
            e = self.reports["estimate_network_performance"]
            figure = (
                f"{e['max_cycles']:,} cycles, {e['estimated_throughput_fps']:,.0f} frames/s at {e['clock_mhz']:g} MHz"
            )
            return [("a frame", f"{figure}; slowest {e['max_cycles_node_name']}", "model")]
        return [
            (
                "a frame",
                f"{p['cycles_per_frame']:,} cycles (predicted {p['predicted_cycles_per_frame']:,}), "
                f"{p['throughput_fps']:,.0f} frames/s at {p['clock_mhz']:g} MHz; slowest {p['bottleneck']}",
                p["source"],
            ),
            (
                "latency of the first frame",
                f"{p['latency_cycles']:,} cycles, {p['latency_cycles'] / p['clock_mhz'] / 1e3:.3f} ms",
                p["source"],
            ),
            *self._multipliers(p),
            *self._weights(p),
            (
                "simulation",
                f"{p['simulated_cycles_per_second']:,} cycles/s, {p['simulated_macs_per_second'] / 1e6:,.1f} M MAC/s",
                "measured here",
            ),
        ]

    def _multipliers(self, performance: dict[str, Any]) -> list[tuple[str, str, str]]:
        if "lanes" not in performance:
            return []
        busy = performance["slowest_unit_mac_utilisation"]
        figure = f"{performance['macs_per_frame']:,} MACs a frame, {performance['lanes']:,} lanes; {busy:.1%} busy in "
        return [("multipliers", figure + performance["slowest_unit"], performance["source"])]

    def _weights(self, performance: dict[str, Any]) -> list[tuple[str, str, str]]:
        """What comes through the weight-load port, where there is one."""
        words = performance.get("weight_words")
        if words is None:
            return []
        rate = 8 * words["frame"] * performance["throughput_fps"] / 1e6
        busy = words["frame"] / performance["cycles_per_frame"]
        figure = f"{8 * words['start']:,} bytes at the start, {8 * words['frame']:,} a frame: {rate:,.0f} MB/s, "
        figure += f"{busy:.1%} of the port's"
        return [("weights that the driver loads", figure, performance["source"])]

    def _link(self) -> list[tuple[str, str, str]]:
        """What the board's link carries, where it is known: it may be less than the accelerator does."""
        manifest = self.directory / "deploy/manifest.json"
        if not manifest.exists():
            return []
        board = boards.get(json.loads(manifest.read_text())["board"])
        fps = shells()[board.io].link_fps(self.design.input, self.design.output)
        return (
            [("the link to the host", f"at most {fps:,.0f} frames/s over {board.io.upper()}", "model")] if fps else []
        )

    def _resources(self) -> list[tuple[str, str, str]]:
        r = self.reports.get("post_synth_resources") or self.reports["estimate_layer_resources"]
        return [
            (name.upper(), f"{used:,} of {r['budget'][name]:,} ({used / max(r['budget'][name], 1):.1%})", r["source"])
            for name, used in r["total"].items()
        ]

    def _timing(self) -> list[tuple[str, str, str]]:
        t = self.reports.get("timing")
        return [("Fmax", f"{t['fmax_mhz']:.1f} MHz, asked {t['clock_mhz']:g}", t["source"])] if t else []


def graph_rows(verification: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, figure, source) of how the integer graph was checked."""
    v, rows = verification, []
    if "outputs" in v:
        float32 = f"{v['float32_differences']} (all on listed near ties)" if v["float32_differences"] else "0"
        figure = f"{v['float64_differences']} differences from its float64 run, {float32} from its float32 run"
        rows.append(
            ("integer graph against the network", f"{figure}, in {v['outputs']:,} quantizer outputs", "executed")
        )
    if v.get("finn_frames"):
        done, left = len(v["finn_witnessed"]), len(v["finn_not_witnessed"])
        figure = f"{v['finn_mismatches']} mismatches in {v['finn_frames']} frames, {done} of {done + left} operators"
        rows.append(("FINN's executors against the integer graph", figure, "executed"))
    if "hls4ml_frames" in v:
        figure = f"{v['hls4ml_mismatches']} mismatches in {v['hls4ml_frames']} frames"
        rows.append(("hls4ml's project against the integer graph", figure, v["hls4ml_source"]))
    return rows
