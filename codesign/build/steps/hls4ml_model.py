"""hls4ml's back end: the HLS project of the integer graph, every type proven, with what stays in software beside it."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from codesign.build import frames
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.ingest import GRAPH
from codesign.errors import Refused
from codesign.files import replacing_folder, write_json, write_text
from codesign.graph import IntegerGraph
from hw.hls4ml import environment
from hw.hls4ml.build import WANTED, write_options
from hw.hls4ml.emit import Emission
from hw.hls4ml.flow import Prepared, prepare
from hw.hls4ml.precision import Fixed
from hw.hls4ml.remarks import SOURCE
from hw.hls4ml.settings import DERIVED, Settings
from hw.hls4ml.target import Target, clock_of, target_of

log = logging.getLogger("codesign")
FOLDER = "hls4ml"
BOUNDARY = "boundary.json"
PRECISION, REWRITES = "report/hls4ml_precision.json", "report/hls4ml_rewrites.json"
REMARKS, FIFOS = "report/hls4ml_remarks.json", "report/hls4ml_fifos.json"
SUMS = ("result", "accum")
"""What holds sums, and is as wide as ``--precision`` says."""
TESTBENCH = "tb_data/tb_input_features.dat", "tb_data/tb_output_predictions.dat"
"""What hls4ml's own test bench reads: a frame a line, channels last."""
TESTBENCH_FRAMES = 10


def run(config: BuildConfig) -> None:
    """Write the folder ``hls4ml`` anew, and what was chosen, rewritten and remarked as reports."""
    graph = IntegerGraph.load(config.output_dir / GRAPH)
    with replacing_folder(config.output_dir / FOLDER) as fresh:
        try:
            prepared = prepare(graph, settings(config), target(config), fresh)
        except Refused as refused:
            raise Refused(
                f"{refused}\nThe project's own kernels may take it: --backend own.", refused.reasons
            ) from refused
        if target(config).backend == "Vitis":
            write_options(fresh, WANTED)
        ends = {"head": graph.head.record(), "tail": graph.tail.record()}
        write_json(fresh / BOUNDARY, ends)
        x = frames.frames(config, graph, TESTBENCH_FRAMES)
        for name, values in zip(TESTBENCH, (x, graph.run(x)), strict=True):
            write_text(fresh / name, _lines(values))
    for remark in prepared.remarks:
        log.warning("The synthesis may stop: %s", remark)
    _write_reports(config, prepared)


def settings(config: BuildConfig) -> Settings:
    """What the user chose, by hls4ml's names."""
    return Settings(config.io_type, config.strategy, config.reuse_factor, config.precision)


def target(config: BuildConfig) -> Target:
    """What hls4ml builds for."""
    return target_of(config.target, clock_of(config.target, config.synth_clk_mhz))


def _lines(values: np.ndarray) -> str:
    """Integers [N, *shape] as text."""
    return "".join(" ".join(map(str, frame)) + "\n" for frame in values.reshape(len(values), -1).tolist())


def _write_reports(config: BuildConfig, prepared: Prepared) -> None:
    emission = prepared.emission
    asked = emission.settings.precision
    proven = "derived from proven ranges"
    layers = precision(emission)
    totals = {f"{name}bits": sum(layer[f"{name}bits"] for layer in layers) for name in ("", "derived_")}
    source = proven if asked == DERIVED else f"--precision {asked} for sums, the rest {proven}"
    made = {"source": source, "hls4ml": environment.version(), **totals, "layers": layers}
    write_json(config.output_dir / PRECISION, made)
    done = [vars(rewrite) for rewrite in prepared.rewrites]
    checked = "each checked on random integers"
    write_json(config.output_dir / REWRITES, {"source": f"exact rewriting, {checked}", "rewrites": done})
    write_json(config.output_dir / REMARKS, {"source": SOURCE, "remarks": prepared.remarks})
    declared = [vars(fifo) for fifo in prepared.fifos]
    bits = sum(fifo.depth * fifo.width for fifo in prepared.fifos)
    write_json(config.output_dir / FIFOS, {"source": "the project's pragmas", "bits": bits, "fifos": declared})


def precision(emission: Emission) -> list[dict[str, Any]]:
    """Every layer: the operator that it serves, its types as asked and as derived, and the bits of what holds sums."""
    kinds = {op.output: type(op).__name__ for op in emission.graph.operators}
    found = []
    for layer in emission.layers:
        name = layer["name"]
        owner, types, derived = emission.owners[name], emission.types[name], emission.derived[name]
        found.append(
            {
                "layer": name,
                "class": layer["class_name"],
                "operator": f"{kinds.get(owner, 'Input')} {owner}",
                "types": {what: {"type": str(kind), "derived": str(derived[what])} for what, kind in types.items()},
                "bits": _bits(types),
                "derived_bits": _bits(derived),
            }
        )
    return found


def _bits(types: dict[str, Fixed]) -> int:
    return sum(kind.bits for what, kind in types.items() if what in SUMS)


STEP = Step(
    "hls4ml_model",
    "hls4ml's project, with every type proven",
    run,
    needs=(GRAPH,),
    makes=(FOLDER, PRECISION, REWRITES, REMARKS, FIFOS),
    settings=(
        *("board", "synth_clk_mhz", "io_type", "strategy", "reuse_factor", "precision"),
        *("model", "inputs", "data", "seed"),
    ),
)
