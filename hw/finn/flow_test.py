"""FINN's flow for a graph: FINN's own loader takes the configuration, and its own steps what is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boards
from codesign.errors import Refused, ToolFailed, UserError, VerificationFailed
from codesign.graph.examples import Builder, plain_2d, residual_1d
from hw.finn import conversion, environment, flow
from hw.finn.flow import CONFIG, CONVERTED, FOLDING, MODEL, Conversion, Flow, prepare
from hw.finn.operators_test import CASES, alone
from hw.finn.process import Worker

BOARD = boards.get("pynq_z2")


@pytest.fixture(scope="module")
def finn() -> Any:
    environment.bootstrap()
    import finn

    return finn


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Conversion]]:
    """A residual net, prepared for 20 kHz at 100 MHz: 5000 cycles a frame."""
    folder = tmp_path_factory.mktemp("finn")
    graph, x = residual_1d()
    yield folder, prepare(graph, x, Flow(BOARD, 100.0, 20_000), folder)


def test_finns_loader_takes_the_configuration(finn: Any, prepared: tuple[Path, Conversion]) -> None:
    from finn.builder.build_dataflow import resolve_build_steps
    from finn.builder.build_dataflow_config import DataflowBuildConfig

    config = DataflowBuildConfig.construct_from(prepared[0] / CONFIG)
    assert config._resolve_fpga_part() == BOARD.part
    assert (config.board, config.synth_clk_period_ns, config.target_fps) == ("Pynq-Z2", 10.0, 20_000)
    assert config._resolve_cycles_per_frame() == Flow(BOARD, 100.0, 20_000).target_cycles == 5000
    assert config.folding_config_file == prepared[0] / FOLDING
    assert (
        not config.minimize_bit_width
    )  # the widths are proven, and FINN's pass takes weights of -1 and 0 for -1 and 1
    steps = [step.__name__ for step in resolve_build_steps(config)]
    assert steps[0] == "step_create_dataflow_partition" and steps[-1] == "step_deployment_package"
    assert steps == list(config.steps)
    values = [output.value for output in config.generate_outputs]
    assert "bitfile" in values and "estimate_reports" in values


def test_a_board_that_finn_does_not_know_is_a_part_and_a_clock(finn: Any, tmp_path: Path) -> None:
    from finn.builder.build_dataflow_config import DataflowBuildConfig

    unknown = replace(BOARD, name="mine", finn_name="", part="xc7a100tcsg324-1")
    (tmp_path / FOLDING).write_text("{}")
    (tmp_path / CONFIG).write_text(flow._yaml(Flow(unknown, 80.0, 0.4).settings()))
    config = DataflowBuildConfig.construct_from(tmp_path / CONFIG)
    assert (config.board, config.shell_flow_type, config.target_fps) == (None, None, 1)
    assert (config._resolve_fpga_part(), config.synth_clk_period_ns) == ("xc7a100tcsg324-1", 12.5)
    assert config.steps[-1] == "step_out_of_context_synthesis"
    assert "bitfile" not in [output.value for output in config.generate_outputs]


@pytest.mark.parametrize("name", [name for name in boards.names() if boards.get(name).finn_name])
def test_finns_part_of_a_board_is_the_boards(finn: Any, name: str) -> None:
    from finn.util.basic import part_map

    assert part_map[boards.get(name).finn_name] == boards.get(name).part


def test_finns_own_verification_passes_on_the_frames(
    finn: Any, prepared: tuple[Path, Conversion], tmp_path: Path
) -> None:
    from finn.builder.build_dataflow_config import DataflowBuildConfig
    from finn.builder.build_dataflow_steps import verify_step
    from qonnx.core.modelwrapper import ModelWrapper

    config = DataflowBuildConfig.construct_from(prepared[0] / CONFIG)
    config.output_dir = str(tmp_path)
    config.verify_input_npy = prepared[0] / config.verify_input_npy
    config.verify_expected_output_npy = prepared[0] / config.verify_expected_output_npy
    verify_step(ModelWrapper(str(prepared[0] / MODEL)), config, "initial_python", need_parent=False)
    found = sorted(p.name for p in (tmp_path / "verification_output").glob("*.npy"))
    assert found == [f"verify_initial_python_{i}_SUCCESS.npy" for i in range(4)]


def test_the_folding_file_gives_finns_own_cycles_again(prepared: tuple[Path, Conversion], tmp_path: Path) -> None:
    graph, x = residual_1d()
    folder, made = prepared
    again = prepare(graph, x, Flow(BOARD, 100.0, 1.0, folder / FOLDING), tmp_path)
    assert again.reports["estimate_layer_cycles.json"] == made.reports["estimate_layer_cycles.json"]
    assert again.folding == made.folding
    written = json.loads((folder / FOLDING).read_text())
    convs = {operator: name for name, operator in made.operators.items() if name.startswith("MVAU")}
    for op in graph.operators:
        if op.output in convs:  # positions * (outputs / PE) * (columns / SIMD), as FINN's papers have it
            node = convs[op.output]
            lanes = prod(written[node][fold] for fold in ("PE", "SIMD"))
            work = op.weights.size * prod(graph.tensors[op.output].shape[:-1])  # type: ignore[attr-defined]
            assert made.reports["estimate_layer_cycles.json"][node] == work // lanes <= 5000
    assert made.max_cycles == max(made.reports["estimate_layer_cycles.json"].values())


def test_the_converted_model_is_folded_and_says_what_is_for_vitis_hls_only(prepared: tuple[Path, Conversion]) -> None:
    from qonnx.core.modelwrapper import ModelWrapper

    model = ModelWrapper(str(prepared[0] / CONVERTED))
    kinds = [node.op_type for node in model.graph.node]
    assert all(kind.endswith(("_hls", "_rtl")) for kind in kinds)
    assert prepared[1].hls == {"DuplicateStreams": 1, "ElementwiseMul": 3, "ElementwiseAdd": 1, "GlobalAccPool": 1}
    assert sum(prepared[1].hls.values()) == sum(kind.endswith("_hls") for kind in kinds)


@pytest.mark.parametrize("name", CASES)
def test_finns_conversion_takes_every_operator(name: str, tmp_path: Path) -> None:
    kind, shape, fields = CASES[name]
    graph = alone(kind, shape, **fields)
    x = np.zeros((1, *shape), np.int64)
    made = prepare(graph, x, Flow(BOARD, 100.0, 1000), tmp_path)
    assert set(made.operators.values()) == {"y"} | ({"x"} if name == "square" else set())
    assert 0 < made.max_cycles <= 100_000


def test_a_rate_beyond_finns_folding_is_an_error(tmp_path: Path) -> None:
    graph, x = plain_2d()
    with pytest.raises(UserError, match=r"FINN's \w+ takes \d+ cycles a frame as FINN folds it, more than the 10 that"):
        prepare(graph, x, Flow(BOARD, 100.0, 1e7), tmp_path)
    with pytest.raises(UserError, match=r"--target-fps 2e\+08 leaves no cycle a frame at 100 MHz"):
        Flow(BOARD, 100.0, 2e8)


def test_wide_products_are_folded_as_far_as_the_rate_needs(tmp_path: Path) -> None:
    b = Builder((64,), -8, 7)
    graph = b.graph(b.matmul("x", 2))
    made = prepare(graph, b.frames(1), Flow(BOARD, 100.0, 25_000_000), tmp_path)
    assert made.max_cycles <= 4 and made.folding["MVAU_rtl_0"]["SIMD"] * 4 > 36
    assert "mvau_wwidth_max" in (tmp_path / CONFIG).read_text()


def test_a_folding_that_names_no_node_is_an_error(tmp_path: Path) -> None:
    graph, x = residual_1d()
    (tmp_path / "f.json").write_text('{"matrix_vector_unit_0": {"PE": 2}}')
    with pytest.raises(UserError, match="names 'matrix_vector_unit_0', which is none of FINN's nodes"):
        prepare(graph, x, Flow(BOARD, 100.0, 1000, tmp_path / "f.json"), tmp_path)


def test_only_amds_parts() -> None:
    with pytest.raises(UserError, match="FINN builds for AMD's parts only, and ulx3s has a LFE5U-85F-6BG381C"):
        Flow(boards.get("ulx3s"), 80.0, 100)


def test_what_finn_cannot_hold_is_refused(tmp_path: Path) -> None:
    b = Builder((5, 2), -100, 100)
    with pytest.raises(Refused, match="levels, and FINN compares with each"):
        prepare(b.graph(b.requantize("x", -4000, 4000)), b.frames(1), Flow(BOARD, 100.0, 100), tmp_path)


def test_a_model_without_operators_is_refused(tmp_path: Path) -> None:
    b = Builder((5, 2), -8, 7)
    with pytest.raises(Refused, match="leaves nothing for FINN to compute"):
        prepare(b.graph(b.reshape("x", (5, 1, 2))), b.frames(1), Flow(BOARD, 100.0, 100), tmp_path)


def test_a_parameter_that_finn_changes_is_found(finn: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import finn.builder.build_dataflow as builder

    graph, x = residual_1d()
    prepare(graph, x, Flow(BOARD, 100.0, 1000), tmp_path)
    resolve = builder.resolve_build_steps

    def one_weight_more(model: Any, config: object) -> Any:
        weights = model.get_initializer("conv0_weights").copy()
        weights[0, 0] += 1
        model.set_initializer("conv0_weights", weights)
        return model

    monkeypatch.setattr(builder, "resolve_build_steps", lambda config: [*resolve(config), one_weight_more])
    answer = conversion.conversion({"folder": str(tmp_path), "steps": [*flow.HERE, "one_weight_more"]})
    assert answer["changed"] == ["conv0_weights"]
    monkeypatch.setattr(Worker, "ask", lambda *_: answer)
    with pytest.raises(VerificationFailed, match="changed the parameter conv0_weights"):
        prepare(graph, x, Flow(BOARD, 100.0, 1000), tmp_path)


def test_a_conversion_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    graph, x = residual_1d()
    with pytest.raises(ToolFailed, match=r"FINN's conversion of residual_1d did not end within 0\.001 s"):
        prepare(graph, x, Flow(BOARD, 100.0, 1000), tmp_path, limit_s=0.001)
