"""Compressed encoder-decoders from Brevitas to Verilog: exact ingest, no moves for the ranks, RTL under stalls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval
from hw.design.design import Design
from hw.design.emit import ERROR_FLAG, TOP, emit
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit
from hw.kernels.reorder.kernel import Reorder
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator
from quant.export import export_qonnx
from quant.layers.field_shape import FieldShape
from quant.layers.fields import FieldNet
from quant.layers.quantizers import Quantizers

FRAMES = 100
QUANT = Quantizers(weight_bits=8, act_bits=8, join_bits=8, input_bits=10, collect_batches=2, percentile=99.99)
SHAPE = FieldShape((8, 8), 2, 1, (2, 3), rank=2, window=((2, 8), (0, 6)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[nn.Module, IntegerGraph]:
    """A net with random weights whose scales have seen random fields, and its integers."""
    path = tmp_path_factory.mktemp("wave") / "net.onnx"
    torch.manual_seed(0)
    net = FieldNet(SHAPE, QUANT)
    for _ in range(60):
        net(torch.randn(8, SHAPE.inputs, *SHAPE.field))
    export_qonnx(net.eval(), (SHAPE.inputs, *SHAPE.field), path, "net")
    return net, ingest(path, "net")[0]


def fields(count: int) -> np.ndarray:
    """float32 [count, C, H, W]."""
    return np.random.default_rng(1).standard_normal((count, SHAPE.inputs, *SHAPE.field)).astype(np.float32)


def words(design: Design, x: np.ndarray) -> np.ndarray:
    """Frames as the input stream's words."""
    return x.reshape(len(x), -1, design.input.stream.lanes)


def test_integers_are_brevitas_numbers(made: tuple[nn.Module, IntegerGraph]) -> None:
    net, graph = made
    x = fields(20)
    with torch.no_grad():
        expected = net(torch.from_numpy(x)).numpy()
    found = graph.infer(x)
    assert found.shape == expected.shape
    close = np.abs(found - expected).max((1, 2, 3)) < 1e-5 * np.abs(expected).max()
    assert close.mean() > 0.5  # a near tie in float32 moves a step; an error moves all frames


def test_ranks_beside_one_another_take_no_reordering(made: tuple[nn.Module, IntegerGraph]) -> None:
    kernels = lower(made[1], "xcup").kernels.values()
    assert not any(isinstance(kernel, Reorder) for kernel in kernels)
    assert sum(isinstance(kernel, DepthwiseUnit) for kernel in kernels) == 6


def test_rtl_of_a_compressed_net_is_the_integer_graph(made: tuple[nn.Module, IntegerGraph], tmp_path: Path) -> None:
    graph = made[1]
    lowered = lower(graph, "xcup")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, lowered.interval // 2)))
    x = graph.head.run(fields(FRAMES))
    expected = graph.run(x)
    assert len(np.unique(expected)) > FRAMES
    simulator = compile_simulator(
        TOP, emit(design, tmp_path), [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG]
    )
    for stalls in (None, Stalls(0.3, 4, 1)):
        run = simulator.run([words(design, x)], stalls=stalls) if stalls else simulator.run([words(design, x)])
        np.testing.assert_array_equal(run.outputs[0].reshape(expected.shape), expected)
        assert run.flags == {ERROR_FLAG: 0}
