"""A build whose weights are not in the bitstream: ultra RAM has no initial contents, so that the driver loads them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from codesign_board import Accelerator, Package
from codesign_board.__main__ import main
from rich.console import Console

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.steps import board, emit, package, simulate
from codesign.build.steps.size_fifos import DESIGN
from codesign.errors import UserError, VerificationFailed
from codesign.graph import IntegerGraph
from codesign.ingest.testing import random_residual
from codesign.report.summary import Summary
from hw.design.design import Design
from hw.design.loads import LoadPackets
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> BuildConfig:
    """A small residual net as far as its design; then every matrix-vector unit gets its weights into ultra RAM."""
    folder = tmp_path_factory.mktemp("ultra")
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, folder / "residual.onnx")
    made = BuildConfig(str(model), "zcu104", folder / "build", target_fps=50_000, frames=100)
    steps = [step for step in STEPS if step.name != "witness"]
    with (folder / "log").open("w") as log:
        run_steps(steps, made, stop_step="size_fifos", console=Console(file=log))
    design = Design.load(made.output_dir / DESIGN)
    for name, kernel in design.kernels.items():
        if isinstance(kernel, MatrixVectorUnit):
            design.kernels[name] = kernel.fold(memory="ultra")
    design.save(made.output_dir / DESIGN)
    for step in (emit, simulate, board, package):
        step.run(made)
    return made


def read(config: BuildConfig, name: str) -> dict[str, int]:
    return dict(json.loads((config.output_dir / name).read_text()))


def test_simulation_and_driver_give_the_graphs_integers(config: BuildConfig) -> None:
    design = Design.load(config.output_dir / DESIGN)
    assert len(design.loads) == 7
    assert read(config, simulate.VERIFIED)["mismatches"] == 0 and read(config, simulate.VERIFIED)["frames"] == 124
    speed = read(config, simulate.PERFORMANCE)
    assert speed["weight_words"] == {"start": len(design.load_packets().start), "frame": 0}
    assert speed["cycles_per_frame"] == speed["predicted_cycles_per_frame"], "weights that stay cost no cycle"
    assert speed["first_frame_cycles"] < 1.2 * speed["predicted_first_frame_cycles"], "it begins with them there"
    driven = read(config, board.VERIFIED)
    assert driven["board_mismatches"] == 0 and driven["board_registers"]["LOADED"] == 1  # type: ignore[index]


def test_the_package_holds_the_weights(config: BuildConfig) -> None:
    weights = Package.load(config.output_dir / package.DEPLOY).weights
    assert weights is not None
    start, frame = Design.load(config.output_dir / DESIGN).load_packets()
    assert (weights.start_bytes, weights.frame_bytes, weights.frame_packets) == (start.nbytes, 0, len(frame))
    assert np.array_equal(np.fromfile(weights.file, "<u8"), start)


def test_report_and_info_say_what_is_loaded(config: BuildConfig, capsys: pytest.CaptureFixture[str]) -> None:
    size = 8 * len(Design.load(config.output_dir / DESIGN).load_packets().start)
    rows = {what: figure for what, figure, _ in Summary.read(config.output_dir).rows()}
    assert rows["weights that the driver loads"] == f"{size} bytes at the start, 0 a frame: 0 MB/s, 0.0% of the port's"
    main(["info", str(config.output_dir / package.DEPLOY)])
    assert f"loads  {size} bytes of weights at the start, 0 for each frame" in capsys.readouterr().out


def test_a_second_inference_and_a_reset(config: BuildConfig) -> None:
    graph = IntegerGraph.load(config.output_dir / "graph")
    tensor = graph.tensors[graph.input]
    q = np.random.default_rng(1).integers(tensor.low, tensor.high, (30, *tensor.shape), endpoint=True)
    with Accelerator.load(config.output_dir / board.SIMBOARD / board.DEPLOY, place="sim", stalls=0.3) as accelerator:
        for _ in range(2):
            np.testing.assert_array_equal(accelerator.infer_integers(q), graph.run(q))
            accelerator.reset()


def test_a_wrong_word_is_found(config: BuildConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the simulation and by the driver: what is in the packets is what is computed with."""

    def wrong(self: Design) -> LoadPackets:
        right = made(self)
        words = right.start.copy()
        words[len(words) // 2] ^= np.uint64(0x0101010101010101)
        return right._replace(start=words)

    made = Design.load_packets
    monkeypatch.setattr(Design, "load_packets", wrong)
    with pytest.raises(VerificationFailed, match="The simulated Verilog differs from the integer graph"):
        simulate.run(config)
    with pytest.raises(VerificationFailed, match="simulated zcu104 differs"):
        board.run(config)


def test_a_serial_line_is_refused_before_anything_is_simulated(config: BuildConfig) -> None:
    with pytest.raises(UserError, match="ulx3s is on a serial line, and this design loads"):
        emit.run(replace(config, board="ulx3s"))
