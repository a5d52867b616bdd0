"""Networks that the hls4ml back end is held to, at any number of bits, with scales that are powers of two or floats.

Random weights, batch normalizations with statistics and scales of random data, exported by Brevitas through QONNX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import brevitas.nn as qnn
import numpy as np
import onnx
import torch
from brevitas.export import export_qonnx
from brevitas.quant import (
    Int8ActPerTensorFixedPoint,
    Int8ActPerTensorFloat,
    Int8WeightPerChannelFloat,
    Int8WeightPerTensorFixedPoint,
    Int8WeightPerTensorFloat,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFloat,
)
from torch import Tensor, nn

import boards
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from codesign.ingest.file.cleanup import clean
from codesign.ingest.file.model import parse
from hw.hls4ml.flow import Prepared, prepare, simulate
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of
from tests.zoo import randomize_norms


@dataclass(frozen=True)
class Formats:
    """Number formats of a network.

    Attributes:
        weight_bits, act_bits: of weights and activations; inputs have 8.
        powers: whether every scale is a power of two; else floats from statistics.
        per_channel: whether float weights have a scale for each output.
        bias: whether convolutions and fully connected layers have a float bias.
    """

    weight_bits: int = 4
    act_bits: int = 4
    powers: bool = True
    per_channel: bool = False
    bias: bool = False

    @property
    def weights(self) -> dict[str, Any]:
        float_scale = Int8WeightPerChannelFloat if self.per_channel else Int8WeightPerTensorFloat
        kind = Int8WeightPerTensorFixedPoint if self.powers else float_scale
        return {"weight_quant": kind, "weight_bit_width": self.weight_bits, "bias": self.bias}

    def conv(self, into: int, out: int, kernel: Any, stride: Any = 1, padding: Any = 0) -> nn.Module:
        """In one dimension where the kernel is a number, else in two."""
        layer = qnn.QuantConv1d if isinstance(kernel, int) else qnn.QuantConv2d
        return layer(into, out, kernel, stride, padding, **self.weights)  # type: ignore[no-any-return]

    def linear(self, into: int, out: int) -> nn.Module:
        return qnn.QuantLinear(into, out, **self.weights)  # type: ignore[no-any-return]

    def relu(self) -> nn.Module:
        kind = Uint8ActPerTensorFixedPoint if self.powers else Uint8ActPerTensorFloat
        return qnn.QuantReLU(act_quant=kind, bit_width=self.act_bits)  # type: ignore[no-any-return]

    def signed(self, bits: int = 8) -> nn.Module:
        kind = Int8ActPerTensorFixedPoint if self.powers else Int8ActPerTensorFloat
        return qnn.QuantIdentity(act_quant=kind, bit_width=bits)  # type: ignore[no-any-return]


class Skeleton(nn.Module):
    """skeleton-tiny's layers, 60 coordinates over 64 frames: three residual stages of 16, 32 and 64 channels."""

    def __init__(self, f: Formats) -> None:
        super().__init__()
        width = 16
        self.first = nn.Sequential(f.signed(), f.conv(60, width, 9, 1, 4), nn.BatchNorm1d(width), f.relu())
        self.bodies, self.skips, self.relus = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        self.addends = nn.ModuleList()
        for out in (16, 32, 64):
            stride = 1 if out == width else 2
            down = [f.conv(width, out, 9, stride, 4), nn.BatchNorm1d(out), f.relu()]
            self.bodies.append(nn.Sequential(*down, f.conv(out, out, 9, 1, 4), nn.BatchNorm1d(out)))
            skip = nn.Sequential(f.conv(width, out, 1, stride), nn.BatchNorm1d(out))
            self.skips.append(nn.Identity() if out == width else skip)
            self.addends.append(f.signed(max(4, f.act_bits)))
            self.relus.append(f.relu())
            width = out
        self.scores = f.linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of ten classes."""
        x = self.first(x)
        for body, skip, addend, relu in zip(self.bodies, self.skips, self.addends, self.relus, strict=True):
            x = relu(addend(skip(x)) + addend(body(x)))
        return self.scores(x.mean(2))  # type: ignore[no-any-return]


class OneWay(nn.Module):
    """An encoder-decoder of one-way convolutions: strided down, nearest up, skips that are added or concatenated."""

    def __init__(self, f: Formats, skip: str) -> None:
        super().__init__()

        def pair(into: int, out: int, stride: int = 1) -> nn.Sequential:
            first = [f.conv(into, out, (3, 1), (stride, 1), (1, 0)), nn.BatchNorm2d(out), f.relu()]
            return nn.Sequential(*first, f.conv(out, out, (1, 3), (1, stride), (0, 1)), nn.BatchNorm2d(out), f.relu())

        self.skip = skip
        self.start, self.outer, self.inner, self.deep = f.signed(), pair(1, 8), pair(8, 16, 2), pair(16, 24, 2)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        join = {"add": (16, 8), "concat": (32, 16)}[skip]
        self.narrow, self.middle, self.join_in = pair(24, 16), pair(join[0], 8), f.signed()
        self.last, self.join_out = pair(join[1], 8), f.signed()
        self.head, self.out = f.conv(8, 1, (1, 1)), f.signed(12)

    def joined(self, quantizer: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        pair = quantizer(x), quantizer(y)
        return pair[0] + pair[1] if self.skip == "add" else torch.cat(pair, 1)

    def forward(self, x: Tensor) -> Tensor:
        """A map of the input's size."""
        outer = self.outer(self.start(x))
        inner = self.inner(outer)
        x = self.joined(self.join_in, self.up(self.narrow(self.deep(inner))), inner)
        x = self.joined(self.join_out, self.up(self.middle(x)), outer)
        return self.out(self.head(self.last(x)))  # type: ignore[no-any-return]


class Dense(nn.Module):
    """TFC: three hidden layers of 64 over 28 x 28 pixels."""

    def __init__(self, f: Formats) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten(), f.signed()]
        for into in (784, 64, 64):
            layers += [f.linear(into, 64), nn.BatchNorm1d(64), f.relu()]
        self.layers = nn.Sequential(*layers, f.linear(64, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Scores of ten digits."""
        return self.layers(x)  # type: ignore[no-any-return]


class Cnv(nn.Module):
    """CNV with an eighth of its channels: six 3 x 3 convolutions, two pools, three fully connected layers.

    With fewer ``convolutions`` the last ones are missing: four take 16 x 16 pixels to one.
    """

    def __init__(self, f: Formats, convolutions: int = 6) -> None:
        super().__init__()
        layers: list[nn.Module] = [f.signed()]
        sizes = ((3, 8, 0), (8, 8, 1), (8, 16, 0), (16, 16, 1), (16, 32, 0), (32, 32, 0))[:convolutions]
        for into, out, pool in sizes:
            layers += [f.conv(into, out, (3, 3)), nn.BatchNorm2d(out), f.relu()]
            layers += [nn.MaxPool2d(2)] * pool
        layers.append(nn.Flatten())
        for into in (sizes[-1][1], 64):
            layers += [f.linear(into, 64), nn.BatchNorm1d(64), f.relu()]
        self.layers = nn.Sequential(*layers, f.linear(64, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Scores of ten classes."""
        return self.layers(x)  # type: ignore[no-any-return]


NETS: dict[str, tuple[Callable[[Formats], nn.Module], tuple[int, ...]]] = {
    "skeleton": (Skeleton, (60, 64)),
    "one-way-add": (lambda f: OneWay(f, "add"), (1, 32, 32)),
    "one-way-concat": (lambda f: OneWay(f, "concat"), (1, 32, 32)),
    "one-way-add-8x8": (lambda f: OneWay(f, "add"), (1, 8, 8)),
    "one-way-concat-8x8": (lambda f: OneWay(f, "concat"), (1, 8, 8)),
    "tfc": (Dense, (1, 28, 28)),
    "cnv": (Cnv, (3, 32, 32)),
    "cnv-16x16": (partial(Cnv, convolutions=4), (3, 16, 16)),
}
"""By name: what makes the network, and its frame's shape."""


def export(net: nn.Module, shape: tuple[int, ...], path: Path, seed: int = 0) -> Path:
    """Fit the scales and statistics of ``net`` to random data and write it as the build would clean it up."""
    torch.manual_seed(seed)
    net.train()
    randomize_norms(net)
    with torch.no_grad():
        for _ in range(4):
            net(torch.randn(8, *shape))
    raw = path.with_suffix(".raw.onnx")
    export_qonnx(net.eval(), args=torch.randn(1, *shape), export_path=str(raw), opset_version=17, dynamo=False)
    onnx.save(clean(parse(raw)), str(path))
    return path


def graph_of(name: str, formats: Formats, folder: Path) -> IntegerGraph:
    """One of NETS, exported and read."""
    make, shape = NETS[name]
    torch.manual_seed(1)
    return ingest(export(make(formats), shape, folder / f"{name}.onnx"), name)[0]


@dataclass(frozen=True, eq=False)
class Comparison:
    """A C simulation held against the graph.

    Attributes:
        outputs: the C simulation's integers, int64 [N, *shape].
        expected: the graph's.
        prepared: the project.
    """

    outputs: np.ndarray
    expected: np.ndarray
    prepared: Prepared

    @property
    def mismatches(self) -> int:
        return int((self.outputs != self.expected).sum())


def compared(
    graph: IntegerGraph,
    settings: Settings,
    folder: Path,
    integers: int = 1000,
    frames: np.ndarray | None = None,
    board: str = "zcu104",
) -> Comparison:
    """Take a graph through the back end and run ``frames``, or as many random ones as make ``integers`` integers."""
    prepared = prepare(graph, settings, target_of(boards.get(board), 100.0), folder)
    t = graph.tensors[graph.input]
    count = -(-integers // int(np.prod(graph.tensors[graph.output].shape)))
    x = np.random.default_rng(3).integers(t.low, t.high + 1, (count, *t.shape)) if frames is None else frames
    outputs = simulate(graph, folder, folder / "csim", x)
    return Comparison(outputs, graph.run(x), prepared)
