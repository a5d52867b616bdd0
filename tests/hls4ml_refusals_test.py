"""What hls4ml's own front end gets wrong or refuses of Brevitas' exports is exact here, or refused with a remedy.

hls4ml 1.3.0 reads these models otherwise (seen): float activation scales with a residual are silently wrong, by up to
236; a bias with float scales per channel and a per-channel fully connected layer fail, as do resizing along one axis
and a gate's broadcast over streams; its global average divides in fixed point.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("brevitas")
pytest.importorskip("hls4ml")

import brevitas.nn as qnn
import torch
from torch import Tensor, nn

import boards
from codesign.errors import Refused, UserError
from codesign.graph import Add, GlobalSum, MatMul
from codesign.graph.operators.mul import Mul
from codesign.graph.operators.upsample import Upsample
from codesign.ingest import ingest
from codesign.ingest.verify import compare
from hw.hls4ml.flow import prepare
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of
from tests.hls4ml_nets import Formats, compared, export

FLOATS = Formats(4, 4, powers=False, per_channel=True, bias=True)


class Everything(nn.Module):
    """Float scales throughout: a residual whose addends have scales of their own, a sigmoid gate on its channels from
    a global mean, nearest resizing, another global mean, and a fully connected layer with a scale and a bias a class.
    """

    def __init__(self) -> None:
        super().__init__()
        f = FLOATS
        self.first = nn.Sequential(f.signed(), f.conv(3, 8, (3, 3), 1, 1), nn.BatchNorm2d(8), f.relu())
        self.body = nn.Sequential(f.conv(8, 8, (3, 3), 1, 1), nn.BatchNorm2d(8))
        self.left, self.right, self.relu = f.signed(), f.signed(), f.relu()
        sigmoid = qnn.QuantSigmoid(bit_width=6)
        squeeze = [nn.AdaptiveAvgPool2d(1), f.signed(), f.conv(8, 4, (1, 1)), f.relu(), f.conv(4, 8, (1, 1)), sigmoid]
        self.gate, self.product = nn.Sequential(*squeeze), f.signed()
        ends = [nn.Upsample(scale_factor=2, mode="nearest"), f.conv(8, 8, (3, 3), 2), f.relu()]
        self.last = nn.Sequential(*ends, nn.AdaptiveAvgPool2d(1), nn.Flatten(), f.signed(), f.linear(8, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Ten scores."""
        x = self.first(x)
        x = self.relu(self.left(x) + self.right(self.body(x)))
        return self.last(self.product(x * self.gate(x)))  # type: ignore[no-any-return]


class Linear(nn.Module):
    """Resizing that computes new values."""

    def __init__(self) -> None:
        super().__init__()
        f = FLOATS
        resized = nn.Upsample(scale_factor=2, mode="bilinear")
        self.layers = nn.Sequential(f.signed(), f.conv(3, 4, (3, 3)), f.relu(), resized, f.conv(4, 2, (3, 3)))

    def forward(self, x: Tensor) -> Tensor:
        """Two maps."""
        return self.layers(x)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(1)
    return Everything()


@pytest.fixture(scope="module")
def everything(net: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(net, (3, 8, 8), tmp_path_factory.mktemp("net") / "everything.onnx")


def test_what_hls4mls_front_end_gets_wrong_is_exact(net: nn.Module, everything: Path, tmp_path: Path) -> None:
    """C simulation against the graph in every integer; the graph against float64 runs of the exported model; scores
    of the C simulation against torch's in float32.
    """
    graph, report = ingest(everything, "everything")
    frames = np.random.default_rng(5).standard_normal((100, 3, 8, 8)).astype(np.float32)
    against_floats = compare(graph, everything, frames[:40], report)
    assert against_floats.exact and against_floats.output_error < 1e-12
    kinds = {type(op) for op in graph.operators}
    assert kinds >= {Add, Mul, GlobalSum, Upsample, MatMul}
    (add,) = (op for op in graph.operators if isinstance(op, Add))
    assert add.coefficients[0] not in (0, 1) and add.coefficients[1] not in (0, 1), "scales that have no common step"
    found = compared(graph, Settings(), tmp_path / "project", frames=graph.head.run(frames))
    assert (found.mismatches, found.expected.size) == (0, 1000)
    assert len(np.unique(found.expected)) > 300
    with torch.no_grad():
        scores = net.eval()(torch.from_numpy(frames)).numpy()
    assert np.array_equal(scores.argmax(1), graph.tail.run(found.outputs).argmax(1))
    assert len(np.unique(scores.argmax(1))) > 1


def test_linear_resizing_is_refused_with_its_remedy(tmp_path: Path) -> None:
    torch.manual_seed(1)
    path = export(Linear(), (3, 8, 8), tmp_path / "linear.onnx")
    with pytest.raises(
        Refused, match=r"Resize .*its mode is linear, which computes new values. Remedy: use mode 'near"
    ):
        ingest(path, "linear")


def test_a_type_that_does_not_hold_the_integers_is_refused_and_nothing_is_written(
    everything: Path, tmp_path: Path
) -> None:
    graph, _ = ingest(everything, "everything")
    folder = tmp_path / "project"
    with pytest.raises(Refused) as caught:
        prepare(graph, Settings(precision="fixed<12,6>"), target_of(boards.get("zcu104"), 100.0), folder)
    (reason,) = caught.value.reasons  # what reads it is not judged
    assert reason.reason == "fixed<12,6> cannot hold its result, which is in [-128, 127] and needs int<8>"
    assert reason.remedy == "take a --precision with at least 8 bits before the point, or derived"
    assert not folder.exists()


def test_a_reuse_factor_that_hls4ml_would_change_is_refused(everything: Path, tmp_path: Path) -> None:
    graph, _ = ingest(everything, "everything")
    folder = tmp_path / "project"
    with pytest.raises(UserError, match=r"5 is none for conv_0_out0_op and 5 more: use 1 \(conv_0.* takes 3 or 9\)"):
        prepare(graph, Settings(reuse_factor=5), target_of(boards.get("zcu104"), 100.0), folder)
    assert not folder.exists()
