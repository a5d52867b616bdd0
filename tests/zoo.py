"""Networks that the ingest is held to: the examples that come with Brevitas, and six of our own.

All have random weights, batch normalizations with gammas of both signs and statistics of random data, and are exported
through QONNX; nothing is downloaded. The examples have power-of-two scales, ours have scales from statistics.
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
from brevitas.export import export_onnx_qcdq, export_qonnx
from brevitas.quant import (
    Int8ActPerTensorFloat,
    Int8WeightPerChannelFloat,
    Int8WeightPerTensorFloat,
    Uint8ActPerTensorFloat,
)
from brevitas_examples.bnn_pynq.models import model_with_cfg  # type: ignore[import-untyped]
from torch import Tensor, nn

from codesign.ingest.file.cleanup import clean
from codesign.ingest.file.model import parse

EXAMPLES = tuple(
    f"{net}_{bits}"
    for net, sizes in (("tfc", 3), ("sfc", 3), ("lfc", 2), ("cnv", 3))
    for bits in ("1w1a", "1w2a", "2w2a")[:sizes]
)


def _conv(dims: int, into: int, out: int, kernel: Any, stride: Any = 1, padding: Any = 0, **more: Any) -> nn.Module:
    layer = qnn.QuantConv1d if dims == 1 else qnn.QuantConv2d
    quantizer = {"weight_bit_width": 4, "weight_quant": Int8WeightPerChannelFloat, "bias": False}
    return layer(into, out, kernel, stride, padding, **(quantizer | more))  # type: ignore[no-any-return]


def _signed(bits: int = 8) -> nn.Module:
    return qnn.QuantIdentity(bit_width=bits, act_quant=Int8ActPerTensorFloat)  # type: ignore[no-any-return]


def _relu(bits: int = 4) -> nn.Module:
    return qnn.QuantReLU(bit_width=bits, act_quant=Uint8ActPerTensorFloat)  # type: ignore[no-any-return]


class Skeleton(nn.Module):
    """A residual net over time: two blocks, the second with a stride and a projection."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        norm = nn.BatchNorm1d if dims == 1 else nn.BatchNorm2d

        def block(into: int, out: int, taps: int, stride: int = 1) -> nn.Sequential:
            shape = (taps, stride, taps // 2) if dims == 1 else ((taps, 1), (stride, 1), (taps // 2, 0))
            return nn.Sequential(_conv(dims, into, out, *shape), norm(out))

        self.first = nn.Sequential(_signed(), block(60, 16, 5), _relu())
        self.body = nn.Sequential(block(16, 16, 5), _relu(), block(16, 16, 5))
        self.join, self.relu = _signed(), _relu()
        self.wide = nn.Sequential(block(16, 32, 5, 2), _relu(), block(32, 32, 5))
        self.projection = block(16, 32, 1, 2)
        self.second_join, self.second_relu = _signed(), _relu()
        self.axes = tuple(range(2, 2 + dims))
        quantizer = {"weight_bit_width": 4, "weight_quant": Int8WeightPerTensorFloat}
        self.scores = qnn.QuantLinear(32, 10, bias=True, **quantizer)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of ten classes."""
        x = self.first(x)
        x = self.relu(self.join(x) + self.join(self.body(x)))
        x = self.second_relu(self.second_join(self.projection(x)) + self.second_join(self.wide(x)))
        return self.scores(x.mean(self.axes))  # type: ignore[no-any-return]


class Wave(nn.Module):
    """An encoder and a decoder of one-way convolutions with a bridge between them, and an output of 16 bits."""

    def __init__(self) -> None:
        super().__init__()

        def stage(into: int, out: int) -> nn.Sequential:
            parts = [_conv(2, into, out, (3, 1), 1, (1, 0)), nn.BatchNorm2d(out), _relu(8)]
            return nn.Sequential(*parts, _conv(2, out, out, (1, 3), 1, (0, 1)), nn.BatchNorm2d(out), _relu(8))

        self.start, self.outer, self.inner = _signed(), stage(2, 8), stage(8, 16)
        self.down, self.up = nn.MaxPool2d(2), nn.Upsample(scale_factor=2, mode="nearest")
        self.bridge, self.decoder = _signed(), stage(24, 8)
        quantizer = {"weight_bit_width": 8, "weight_quant": Int8WeightPerTensorFloat, "bias": True}
        self.head, self.out = _conv(2, 8, 1, 1, **quantizer), _signed(16)

    def forward(self, x: Tensor) -> Tensor:
        """A map of the input's size."""
        near = self.outer(self.start(x))
        far = self.up(self.inner(self.down(near)))
        joined = torch.cat([self.bridge(near), self.bridge(far)], 1)
        return self.out(self.head(self.decoder(joined)))  # type: ignore[no-any-return]


class Shuffle(nn.Module):
    """A unit of ShuffleNet: half of the channels pass, the others are convolved one by one, then all are shuffled."""

    def __init__(self) -> None:
        super().__init__()
        self.same = _relu(8)
        self.first = nn.Sequential(_signed(), _conv(2, 3, 16, 3, 2, 1), nn.BatchNorm2d(16))
        self.branch = nn.Sequential(
            *(_conv(2, 8, 8, 1), nn.BatchNorm2d(8), _relu(8)),
            *(_conv(2, 8, 8, 3, 1, 1, groups=8), nn.BatchNorm2d(8), _signed()),
            *(_conv(2, 8, 8, 1), nn.BatchNorm2d(8)),
        )
        self.up, self.head = nn.Upsample(scale_factor=2, mode="nearest"), _conv(2, 16, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Four maps of the input's size."""
        x = self.same(self.first(x))
        x = torch.cat([x[:, :8], self.same(self.branch(x[:, 8:]))], 1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.head(self.up(x))  # type: ignore[no-any-return]


class Gate(nn.Module):
    """Maps that are scaled by a sigmoid of their own means (squeeze and excitation)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(_signed(), _conv(2, 3, 16, 3, 1, 1), nn.BatchNorm2d(16), _relu(4))
        sigmoid = qnn.QuantSigmoid(bit_width=4)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), _signed(), _conv(2, 16, 16, 1), sigmoid)
        self.product, self.head = _signed(4), _conv(2, 16, 4, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Four maps of the input's size."""
        x = self.first(x)
        return self.head(self.product(x * self.gate(x)))  # type: ignore[no-any-return]


class Keywords(nn.Module):
    """Spoken keywords as in MLPerf Tiny's MLP: three hidden layers, weights and activations of 3 bits."""

    def __init__(self) -> None:
        super().__init__()
        quantizer = {"weight_bit_width": 3, "weight_quant": Int8WeightPerTensorFloat, "bias": False}
        layers: list[nn.Module] = [_signed()]
        for into in (490, 256, 256):
            layers += [qnn.QuantLinear(into, 256, **quantizer), nn.BatchNorm1d(256), _relu(3)]
        self.layers = nn.Sequential(*layers, qnn.QuantLinear(256, 12, **quantizer))

    def forward(self, x: Tensor) -> Tensor:
        """Scores of twelve words."""
        return self.layers(x)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Entry:
    """One network: how it is made, and its frame's shape."""

    make: Callable[[], nn.Module]
    shape: tuple[int, ...]

    def frames(self, count: int, seed: int = 0) -> np.ndarray:
        """Random inputs, float32 [count, *shape]: for images multiples of 1/255, for all else normal ones."""
        rng = np.random.default_rng(seed)
        if self.shape in ((1, 28, 28), (3, 32, 32)) and self.make not in (Shuffle,):
            return (rng.integers(0, 256, (count, *self.shape)) / 255).astype(np.float32)
        return rng.standard_normal((count, *self.shape)).astype(np.float32)


def _example(name: str) -> nn.Module:
    return model_with_cfg(name, pretrained=False)[0]


NETS: dict[str, Entry] = {
    **{n: Entry(partial(_example, n), (3, 32, 32) if n.startswith("cnv") else (1, 28, 28)) for n in EXAMPLES},
    "skel1d": Entry(partial(Skeleton, 1), (60, 64)),
    "skel2d": Entry(partial(Skeleton, 2), (60, 64, 1)),
    "wave": Entry(Wave, (2, 32, 32)),
    "shuffle": Entry(Shuffle, (3, 32, 32)),
    "gate": Entry(Gate, (3, 16, 16)),
    "kws_3w3a": Entry(Keywords, (490,)),
}


def randomize_norms(net: nn.Module) -> None:
    """Give batch normalizations random parameters, and statistics that are means over all batches to come."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = None
            nn.init.uniform_(module.weight, -1.2, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.5)


def trained(name: str, seed: int = 0) -> nn.Module:
    """The network with scales and statistics of random data, in evaluation mode."""
    torch.manual_seed(seed)
    entry = NETS[name]
    net = entry.make().train()
    randomize_norms(net)
    with torch.no_grad():
        for batch in range(4):
            net(torch.from_numpy(entry.frames(8, seed + batch)))
    return net.eval()


def exported(name: str, folder: Path, seed: int = 0, qcdq: bool = False, dynamo: bool = False) -> Path:
    """Write the network as the build would clean it up; by QONNX's quantizers, or ONNX's, by either exporter."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, path = folder / f"{name}_raw.onnx", folder / f"{name}.onnx"
    example = torch.from_numpy(NETS[name].frames(1, seed))
    export = export_onnx_qcdq if qcdq else export_qonnx
    export(trained(name, seed), args=example, export_path=str(raw), opset_version=17 + dynamo, dynamo=dynamo)
    onnx.save(clean(parse(raw)), str(path))
    return path
