"""Small nets of the usual families, with any scales: the graph against both float runs, and what it is made of."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.ingest import ingest
from codesign.ingest.testing import Net
from codesign.ingest.verify import compare

MOVING = {"Reshape", "Transpose", "Slice", "ChannelShuffle", "Upsample", "Expand", "Concat"}


class Builder:
    """Layers with random weights and scales on a net."""

    def __init__(self, shape: tuple[int, ...], seed: int) -> None:
        self.net = Net((1, *shape))
        self.rng = np.random.default_rng(seed)

    def ints(self, *values: int) -> str:
        return self.net.const(list(values), np.int64)

    def conv(self, x: str, into: int, out: int, taps: int = 3, norm: bool = True, **attributes: Any) -> str:
        groups = attributes.get("group", 1)
        w = self.net.weights(self.rng.standard_normal((out, into // groups, taps, taps)))
        attributes = {"pads": [taps // 2] * 4, "kernel_shape": [taps] * 2, **attributes}
        x = self.net.op("Conv", x, w, **attributes)
        if not norm:
            return x
        gamma, beta, mean = self.rng.uniform(-1, 1.5, out), self.rng.uniform(-1, 1, out), self.rng.standard_normal(out)
        return self.net.bn(x, gamma, beta, mean, self.rng.uniform(0.5, 4, out))

    def relu(self, x: str, bits: int = 4, scale: float = 0.17) -> str:
        return self.net.quant(self.net.op("Relu", x), scale, bits, signed=0)


def shuffle_unit(b: Builder) -> str:
    """ShuffleNet v2: split, depthwise branch, join, shuffle; and once with stride 2."""
    x = b.relu(b.conv(b.net.quant("x", 0.03, 8), 3, 8))
    first = b.net.op("Split", x, axis=1)
    b.net.nodes[-1].output.append("second")
    y = b.relu(b.conv("second", 4, 4, 1))
    y = b.relu(b.conv(b.net.quant(b.conv(y, 4, 4, group=4), 0.2, 4), 4, 4, 1))
    y = b.net.op("Reshape", b.net.op("Concat", first, y, axis=1), b.ints(1, 2, 4, 8, 8))
    y = b.net.op("Reshape", b.net.op("Transpose", y, perm=[0, 2, 1, 3, 4]), b.ints(1, 8, 8, 8))
    y = b.net.op("Flatten", b.net.op("GlobalAveragePool", b.relu(b.conv(y, 8, 8, strides=[2, 2]))))
    return b.net.op(
        "Gemm", y, b.net.weights(b.rng.standard_normal((5, 8))), b.net.const(b.rng.standard_normal(5)), transB=1
    )


def unet(b: Builder) -> str:
    """Down by pooling, up by nearest and by a transposed convolution, skips joined."""
    x = b.relu(b.conv(b.net.quant("x", 0.03, 8), 3, 4))
    d1 = b.net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    y = b.relu(b.conv(d1, 4, 8))
    d2 = b.relu(b.conv(b.net.op("AveragePool", y, kernel_shape=[2, 2], strides=[2, 2]), 8, 8))
    w = b.net.weights(b.rng.standard_normal((8, 4, 2, 2)), b.rng.uniform(0.1, 0.3, (1, 4, 1, 1)))
    up = b.relu(b.net.op("ConvTranspose", d2, w, strides=[2, 2], kernel_shape=[2, 2]))
    y = b.relu(b.conv(b.net.op("Concat", up, y, axis=1), 12, 4))
    y = b.net.op(
        "Resize",
        y,
        "",
        b.net.const([1, 1, 2, 2]),
        mode="nearest",
        nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )
    return b.conv(b.net.op("Concat", y, x, axis=1), 8, 2, 1, norm=False)


def squeeze_and_excite(b: Builder) -> str:
    """A gate for each channel from the mean over the frame."""
    x = b.relu(b.conv(b.net.quant("x", 0.03, 8), 3, 8))
    g = b.relu(b.conv(b.net.quant(b.net.op("GlobalAveragePool", x), 0.02, 6), 8, 4, 1, norm=False, pads=[0] * 4))
    g = b.net.quant(b.net.op("Clip", b.conv(g, 4, 8, 1, norm=False), b.net.const(0.0), b.net.const(1.0)), 1 / 15, 4, 0)
    y = b.net.quant(b.net.op("Mul", x, g), 0.11, 5, 0)
    y = b.relu(b.conv(b.net.op("Add", y, b.net.quant(x, 0.11, 5, 0)), 8, 4, strides=[2, 2]))
    return b.net.op("ReduceMean", y, axes=[2, 3], keepdims=0)


def pixel_shuffle(b: Builder) -> str:
    """An upsampler: channels become pixels, in PyTorch's order, and the input is added by its neighbour."""
    x = b.net.quant("x", 0.03, 8)
    y = b.conv(b.relu(b.conv(x, 3, 8)), 8, 12)
    y = b.net.quant(b.net.op("DepthToSpace", y, blocksize=2, mode="CRD"), 0.03, 8)
    return b.net.op("Add", y, b.net.op("Resize", x, "", b.net.const([1, 1, 2, 2]), mode="nearest"))


def lenet(b: Builder) -> str:
    """Pools before their ReLU, and a flatten before the first linear layer."""
    x = b.conv(b.net.quant("x", 0.03, 8), 3, 6, 5, norm=False)
    x = b.relu(b.net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), scale=0.4)
    x = b.net.op("MaxPool", b.conv(x, 6, 8), kernel_shape=[2, 2], strides=[2, 2])
    x = b.net.op("Reshape", b.relu(x), b.ints(-1, 32))
    x = b.relu(b.net.op("Gemm", x, b.net.weights(b.rng.standard_normal((10, 32))), transB=1), scale=1.3)
    return b.net.op("Gemm", x, b.net.weights(b.rng.standard_normal((4, 10))), transB=1)


def mixer(b: Builder) -> str:
    """Patches as tokens: linear layers over channels and over tokens, and a sum around each."""
    x = b.net.quant(b.conv(b.net.quant("x", 0.03, 8), 3, 6, 2, pads=[0] * 4, strides=[2, 2]), 0.1, 5)
    x = b.net.op("Transpose", b.net.op("Reshape", x, b.ints(1, 6, 16)), perm=[0, 2, 1])
    for size, across in ((16, True), (6, False)):
        y = b.net.op("Transpose", x, perm=[0, 2, 1]) if across else x
        w = b.net.quant(b.net.const(b.rng.standard_normal((size, size))), b.rng.uniform(0.1, 0.3, (1, size)), 4)
        y = b.net.op("Add", b.net.op("MatMul", y, w), b.net.const(b.rng.standard_normal(size)))
        y = b.net.quant(b.net.op("Relu", y), 0.1, 5)
        x = b.net.quant(b.net.op("Add", x, b.net.op("Transpose", y, perm=[0, 2, 1]) if across else y), 0.1, 5)
    x = b.net.op("ReduceMean", x, axes=[1], keepdims=0)
    return b.net.op("MatMul", x, b.net.quant(b.net.const(b.rng.standard_normal((6, 3))), 0.2, 4))


# With the operators of data movement that the graph must need.
NETS: dict[Any, dict[str, int]] = {
    shuffle_unit: {"Slice": 2, "Concat": 1, "ChannelShuffle": 1},
    unet: {"Concat": 2, "Upsample": 1},
    squeeze_and_excite: {"Reshape": 1, "Expand": 1},
    pixel_shuffle: {"Reshape": 2, "Transpose": 1, "Upsample": 1},
    lenet: {"Reshape": 1},
    mixer: {"Reshape": 2, "Transpose": 2},
}


@pytest.mark.parametrize("build", NETS)
@pytest.mark.parametrize("seed", [0, 1])
def test_net(tmp_path: Path, build: Any, seed: int) -> None:
    b = Builder((3, 8, 8), seed)
    path = b.net.save(build(b), tmp_path / "m.onnx")
    graph, report = ingest(path, "m")
    moves = Counter(k for op in graph.operators if (k := type(op).__name__) in MOVING)
    assert moves == NETS[build]
    frames = b.rng.standard_normal((40, 3, 8, 8)).astype(np.float32)
    result = compare(graph, path, frames, report)
    assert result.float64_differences == 0, result.first
    assert result.unexplained == 0, result.first
    assert result.output_error < 1e-12
    assert result.outputs > 10_000
    assert len(np.unique(graph.infer(frames))) > 40
    assert report.seconds < 1
