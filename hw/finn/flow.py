"""FINN+'s own flow for a graph: its model, its configuration and folding, and its conversion as far as it goes here."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from boards.board import Board
from codesign.errors import Refused, UserError, VerificationFailed
from codesign.files import write_json, write_text
from codesign.graph import IntegerGraph
from hw.finn import environment
from hw.finn.emit import Emission, save, translate
from hw.finn.process import Worker

MODEL, CONFIG, FOLDING, CONVERTED = "model.onnx", "dataflow_build_config.yaml", "folding_config.json", "converted.onnx"
FRAMES_IN, FRAMES_OUT = "input.npy", "expected_output.npy"
HERE = (
    "step_create_dataflow_partition",
    "step_specialize_layers",
    "step_target_fps_parallelization",
    "step_apply_folding_config",
    "step_minimize_bit_width",
    "step_transpose_decomposition",
    "step_generate_estimate_reports",
)
"""FINN's steps for a model in its abstract operators that need no tool of AMD's."""
WITH_VIVADO = (
    "step_assign_ddr_weight_offsets",
    "step_generate_hardware",
    "step_create_stitched_ip",
    "step_measure_rtlsim_performance",
    "step_out_of_context_synthesis",
)
WITH_A_BOARD = ("step_prepare_synthesis", "step_synthesize_bitfile", "step_make_driver", "step_deployment_package")
LIMIT_S = 600.0
WIDE = 10_000
"""FINN's own advice for ``mvau_wwidth_max`` where the default keeps a matrix product from its rate."""


@dataclass(frozen=True)
class Conversion:
    """What FINN made of the model.

    Attributes:
        nodes: FINN's nodes after SpecializeLayers, folding and decomposition, each with its kind (``MVAU_rtl``).
        operators: the graph's operator that a node serves, by the node's name, where FINN did not add it.
        reports: FINN's own reports, by file name.
        folding: in FINN's form.
    """

    nodes: dict[str, str]
    operators: dict[str, str]
    reports: dict[str, dict[str, Any]]
    folding: dict[str, dict[str, Any]]

    @property
    def hls(self) -> dict[str, int]:
        """How many nodes of each kind exist for Vitis HLS only."""
        return dict(Counter(kind.removesuffix("_hls") for kind in self.nodes.values() if kind.endswith("_hls")))

    @property
    def max_cycles(self) -> int:
        """Cycles a frame of the slowest node, by FINN's estimate."""
        return int(self.reports["estimate_network_performance.json"]["max_cycles"])


@dataclass(frozen=True)
class Flow:
    """A flow's settings.

    Attributes:
        board: where to; its part must be AMD's.
        clock_mhz: the accelerator's clock.
        fps: frames a second to fold for.
        folding: folding file in FINN's form to use in place of FINN's SetFolding.
        limits: further settings of FINN's that bound its folding.
    """

    board: Board
    clock_mhz: float
    fps: float
    folding: Path | None = None
    limits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_amd(self.board)
        if self.target_cycles < 1:
            raise UserError(
                f"--target-fps {self.fps:g} leaves no cycle a frame at {self.clock_mhz:g} MHz: it must be below "
                f"{self.clock_mhz * 1e6:g}."
            )

    @property
    def target_cycles(self) -> int:
        """Cycles a frame that the rate allows, as FINN computes it."""
        return int(10**9 / self.period_ns / ceil(self.fps))

    @property
    def period_ns(self) -> float:
        return round(1e3 / self.clock_mhz, 4)

    def settings(self) -> dict[str, Any]:
        """FINN's DataflowBuildConfig; a board that FINN does not know is a part and a clock."""
        known = bool(self.board.finn_name)
        outputs = ["estimate_reports", "stitched_ip", "rtlsim_performance", "out_of_context_synth"]
        target: dict[str, Any] = {"fpga_part": self.board.part}
        if known:
            target = {"board": self.board.finn_name, "shell_flow_type": "vivado_zynq"}
            outputs += ["bitfile", "pynq_driver", "deployment_package"]
        return {
            "output_dir": "build",
            **target,
            "synth_clk_period_ns": self.period_ns,
            "target_fps": ceil(self.fps),
            "folding_config_file": FOLDING,
            **self.limits,
            "standalone_thresholds": True,
            "minimize_bit_width": False,
            "verify_steps": ["stitched_ip_rtlsim"],
            "verify_input_npy": FRAMES_IN,
            "verify_expected_output_npy": FRAMES_OUT,
            "generate_outputs": outputs,
            "steps": [*HERE, *WITH_VIVADO, *(WITH_A_BOARD if known else ())],
        }


def require_amd(board: Board) -> None:
    """Raise UserError where FINN cannot build for the board's part."""
    if not board.part.lower().startswith("xc"):
        raise UserError(
            f"FINN builds for AMD's parts only, and {board.name} has a {board.part}: choose another --board, or "
            "--backend own."
        )


def prepare(graph: IntegerGraph, x: np.ndarray, flow: Flow, folder: Path, limit_s: float = LIMIT_S) -> Conversion:
    """Write FINN's model and configuration into ``folder``, run there what needs no tool of AMD's, and write that too.

    Args:
        x: integer frames, int64 [N, *shape], that FINN's flow verifies its RTL with.
        limit_s: time for FINN's part; where FINN takes longer its process is killed.

    Raises:
        Refused: the graph has no exact form in FINN's operators.
        UserError: the rate is out of FINN's reach.
        MissingTool: FINN is not installed.
        ToolFailed: FINN failed or did not end in time.
        VerificationFailed: FINN's conversion changed a parameter.
    """
    environment.require()
    emission = translate(graph)
    emission.require_whole()
    if not emission.model.graph.node:
        raise Refused(f"{graph.name} leaves nothing for FINN to compute: build a model with at least one operator.")
    save(emission.model, folder / MODEL)
    _write_frames(graph, emission, x, folder)
    conversion = _convert(graph, emission, flow, folder, limit_s)
    if flow.folding is not None:
        _require_known(flow.folding, conversion)
    elif conversion.max_cycles > flow.target_cycles:
        flow = replace(flow, limits={"mvau_wwidth_max": WIDE})
        conversion = _convert(graph, emission, flow, folder, limit_s)
        _require_rate(conversion, flow)
    write_json(folder / FOLDING, conversion.folding)
    write_text(folder / CONFIG, _yaml(flow.settings()))
    return conversion


def _convert(graph: IntegerGraph, emission: Emission, flow: Flow, folder: Path, limit_s: float) -> Conversion:
    """Run FINN's steps with a configuration that differs from the one that is left in its folding only."""
    settings = flow.settings()
    del settings["folding_config_file"]
    if flow.folding is not None:
        settings["folding_config_file"] = str(flow.folding.resolve())
        del settings["target_fps"]
    write_text(folder / CONFIG, _yaml(settings))
    job = {"task": "conversion", "folder": str(folder.resolve()), "steps": HERE}
    answer = Worker.shared().ask(job, limit_s, graph.name)
    if answer["changed"]:
        raise VerificationFailed(
            f"FINN's conversion of {graph.name} changed the parameter {answer['changed'][0]}, so that it no longer "
            "computes what the integer graph does."
        )
    served = {node.output[0]: node.doc_string for node in emission.model.graph.node}
    operators = {name: served[output] for name, output in answer["outputs"].items() if output in served}
    return Conversion(answer["nodes"], operators, answer["reports"], answer["folding"])


def _require_known(path: Path, conversion: Conversion) -> None:
    """Raise UserError where a folding file names a node that FINN's model has not; FINN itself only warns."""
    known = {*conversion.nodes, "Defaults"}
    named = json.loads(path.read_text())
    unknown = [name for name in named if name not in known and not name.startswith("Shuffle")]
    if unknown:
        raise UserError(
            f"The folding file {path} names {unknown[0]!r}, which is none of FINN's nodes: they are "
            f"{', '.join(conversion.nodes)}."
        )


def _require_rate(conversion: Conversion, flow: Flow) -> None:
    if conversion.max_cycles > flow.target_cycles:
        slowest = conversion.reports["estimate_network_performance.json"]["max_cycles_node_name"]
        raise UserError(
            f"FINN's {slowest} takes {conversion.max_cycles} cycles a frame as FINN folds it, more than the "
            f"{flow.target_cycles} that the target allows: lower --target-fps or choose a faster --clock."
        )


def _write_frames(graph: IntegerGraph, emission: Emission, x: np.ndarray, folder: Path) -> None:
    """The frames and what they must give, as FINN's verification reads them: float32 [N, *FINN's shape]."""
    for name, tensor, values in ((FRAMES_IN, graph.input, x), (FRAMES_OUT, graph.output, graph.run(x))):
        shape = emission.model.get_tensor_shape(emission.names[tensor])
        np.save(folder / name, values.reshape(len(x), *shape[1:]).astype(np.float32))


def _yaml(settings: dict[str, Any]) -> str:
    """JSON is YAML; one setting a line."""
    lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
    return f"# FINN+ 1.6.1. In this folder, with Vivado and Vitis HLS: finn build {CONFIG} {MODEL}\n{lines}"
