"""Parameters of the model's channels where the graph's lie along another axis: the tensor is moved first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.ingest import ingest
from codesign.ingest.testing import Net
from codesign.ingest.verify import compare

RNG = np.random.default_rng(3)


def _bn(net: Net, x: str) -> str:
    return net.bn(x, RNG.uniform(0.5, 1.5, 4), RNG.normal(0, 0.3, 4), RNG.normal(0, 0.3, 4), RNG.uniform(0.5, 2, 4))


def _residual(net: Net, x: str, skip: str) -> str:
    body = net.quant(net.op("Conv", x, net.weights(RNG.standard_normal((4, 4, 1))), kernel_shape=[1]), 0.37, 4)
    return _bn(net, net.op("Add", x, body))


CASES: dict[str, Callable[[Net, str, str], str]] = {
    "of integers": lambda n, x, a: _bn(n, x),
    "of an accumulator": lambda n, x, a: _bn(n, a),
    "behind a function": lambda n, x, a: _bn(n, n.op("Clip", n.op("Relu", a), n.const(0), n.const(1.5))),
    "of a sum of two scales": _residual,
    "a slope": lambda n, x, a: n.op("PRelu", x, n.const(RNG.uniform(0, 0.4, (4, 1)))),
}


@pytest.mark.parametrize("case", CASES)
def test_channels_behind_a_matrix_over_positions(tmp_path: Path, case: str) -> None:
    net = Net((1, 4, 6))
    w = net.quant(net.const(RNG.standard_normal((6, 5))), 0.3, 4)
    total = net.op("MatMul", net.quant("x", 0.2, 5), w)
    y = net.quant(CASES[case](net, net.quant(total, 0.21, 4), total), 0.13, 5)
    path = net.save_raw(y, tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    result = compare(graph, path, RNG.standard_normal((60, 4, 6)).astype(np.float32), report)
    assert result.exact and result.outputs >= 60 * 44, result.first


def test_what_was_done_in_other_channels_already_stays_there(tmp_path: Path) -> None:
    """A factor for each position, then one for each channel, of an accumulator that nobody rounds in between."""
    net = Net((1, 4, 6))
    total = net.op("MatMul", net.quant("x", 0.2, 5), net.quant(net.const(RNG.standard_normal((6, 5))), 0.3, 4))
    y = net.op(
        "Mul", net.op("Relu", net.op("Mul", total, net.const(RNG.uniform(0.3, 1, 5)))), net.const(np.ones((4, 1)))
    )
    ingest(net.save_raw(net.quant(y, 0.1, 4), tmp_path / "m.onnx"), "m")
    net.quant(_bn(net, net.nodes[-2].output[0]), 0.1, 4)
    with pytest.raises(Refused, match="put a quantizer before the data movement"):
        ingest(net.save_raw(net.nodes[-1].output[0], tmp_path / "m.onnx"), "m")
