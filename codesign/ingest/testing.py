"""Small QONNX models for tests, and an oracle that rounds in plain rational arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor, isqrt, trunc
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from codesign.graph import IntegerGraph
from codesign.ingest import ingest

GENERAL = "qonnx.custom_op.general"

EXACT_ROUND: dict[str, Callable[[Fraction], int]] = {
    "ROUND": round,  # Python rounds a Fraction half to even
    "FLOOR": floor,
    "CEIL": ceil,
    "ROUND_TO_ZERO": trunc,
    "DOWN": trunc,
    "UP": lambda y: ceil(y) if y > 0 else floor(y),
    "HALF_UP": lambda y: floor(y + Fraction(1, 2)) if y > 0 else ceil(y - Fraction(1, 2)),
    "HALF_DOWN": lambda y: ceil(y - Fraction(1, 2)) if y > 0 else floor(y + Fraction(1, 2)),
}


class Net:
    """Collects nodes; every method returns the name of the tensor that it made."""

    def __init__(self, shape: Sequence[Any], opset: int = 13) -> None:
        self.shape, self.opset = shape, opset
        self.output_type = TensorProto.FLOAT
        self.nodes: list[onnx.NodeProto] = []
        self.stored: list[onnx.TensorProto] = []
        self.count = 0

    def const(self, value: Any, dtype: Any = np.float32) -> str:
        self.count += 1
        self.stored.append(numpy_helper.from_array(np.asarray(value, dtype), f"c{self.count}"))
        return f"c{self.count}"

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        self.count += 1
        name = f"{kind}_{self.count}"
        node = helper.make_node(kind, list(inputs), [f"{name}_out"], name=name, domain=domain, **attributes)
        self.nodes.append(node)
        return f"{name}_out"

    def quant(
        self,
        x: str,
        scale: Any,
        bits: float = 8,
        signed: int = 1,
        zero: Any = 0,
        mode: str = "ROUND",
        narrow: int = 0,
    ) -> str:
        return self.op(
            "Quant",
            x,
            self.const(scale),
            self.const(zero),
            self.const(bits),
            domain=GENERAL,
            signed=signed,
            narrow=narrow,
            rounding_mode=mode,
        )

    def weights(self, value: np.ndarray, scale: Any = None, bits: int = 4) -> str:
        """Quantized weights; the scale is one for each output unless given."""
        if scale is None:
            scale = np.abs(value).max(tuple(range(1, value.ndim)), keepdims=True) / (2 ** (bits - 1) - 1)
        return self.quant(self.const(value), scale, bits, narrow=1)

    def bn(self, x: str, gamma: Any, beta: Any, mean: Any, variance: Any, epsilon: float = 1e-5) -> str:
        stored = [self.const(v) for v in (gamma, beta, mean, variance)]
        return self.op("BatchNormalization", x, *stored, epsilon=epsilon)

    def model(self, output: str) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(output, self.output_type, None)],
            self.stored,
        )
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(GENERAL, 2)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def save(self, output: str, path: Path) -> Path:
        """Write the model with the shapes that onnx and QONNX infer."""
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.transformation.infer_shapes import InferShapes

        model = self.model(output)
        ModelWrapper(model).transform(InferShapes()).save(str(path))
        return path

    def save_raw(self, output: str, path: Path) -> Path:
        """Write the model as it stands."""
        onnx.save(self.model(output), str(path))
        return path


def root(value: Fraction) -> Fraction:
    """The square root: exact where it is rational, else below it by less than 2**-400 of it."""
    square = value.numerator * value.denominator
    exact = isqrt(square)
    if exact * exact == square:
        return Fraction(exact, value.denominator)
    return Fraction(isqrt(square << 800), value.denominator << 400)


def exact(value: Any) -> Fraction:
    """The real number that a float32 stores."""
    return Fraction(float(np.float32(value)))


def exact_quant(
    y: Fraction, scale: Any, bits: int, signed: int, zero: int = 0, mode: str = "ROUND", narrow: int = 0
) -> int:
    """The quantizer's integer, zero point subtracted, from a real number."""
    low = (narrow - 2 ** (bits - 1)) if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
    return min(max(EXACT_ROUND[mode](y / exact(scale) + zero), low), high) - zero


def random_residual(seed: int, channels: int = 8, length: int = 16, bits: int = 4, wide: int = 8) -> tuple[Net, str]:
    """A residual 1-D net with gammas of both signs, strides, padding, pooling and a linear layer."""
    rng = np.random.default_rng(seed)
    net = Net((1, 6, length))

    def conv(x: str, into: int, out: int, taps: int, stride: int = 1) -> str:
        pads = [taps // 2, (taps - 1) // 2] if seed % 2 else [0, 0]
        if not seed % 2 and taps > 1:
            x = net.op("Pad", x, net.const([0, 0, taps // 2, 0, 0, (taps - 1) // 2], np.int64))
        w = net.weights(rng.standard_normal((out, into, taps)))
        return net.op("Conv", x, w, kernel_shape=[taps], strides=[stride], pads=pads, dilations=[1], group=1)

    def bn(x: str, n: int) -> str:
        gamma, beta = rng.uniform(-1.3, 1.6, n), rng.uniform(-0.4, 0.5, n)
        return net.bn(x, gamma, beta, rng.standard_normal(n) * 0.3, rng.uniform(0.5, 6, n))

    def relu_quant(x: str) -> str:
        return net.quant(net.op("Relu", x), rng.uniform(1.5, 3) / 2**bits, bits, signed=0)

    x = relu_quant(bn(conv(net.quant("x", 0.03, 8), 6, channels, 5), channels))
    for out, stride in ((channels, 1), (2 * channels, 2)):
        into = channels if stride == 2 else out
        join = rng.uniform(2, 4) / 2 ** (wide - 1)
        body = relu_quant(bn(conv(x, into, out, 4, stride), out))
        body = net.quant(bn(conv(body, out, out, 4), out), join, wide)
        skip = net.quant(x if stride == 1 else bn(conv(x, into, out, 1, 2), out), join, wide)
        x = relu_quant(net.op("Add", skip, body))
    x = net.op("ReduceMean", x, axes=[2], keepdims=0)
    w = net.weights(rng.standard_normal((10, 2 * channels)), scale=0.2)
    return net, net.op("Gemm", x, w, net.const(rng.standard_normal(10)), transB=1)


def assert_follows_qonnx(net: Net, output: str, path: Path, count: int = 3, seed: int = 0) -> IntegerGraph:
    """Ingest the net; its graph must give what QONNX's own execution gives on random frames. Returns the graph.

    For nets whose scales are powers of two and whose integers are small: float32 is exact there.
    """
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    graph, _ = ingest(net.save(output, path), "m")
    frames = np.random.default_rng(seed).standard_normal((count, *net.shape[1:])).astype(np.float32) * 3
    model = ModelWrapper(str(path))
    want = np.concatenate([execute_onnx(model, {"x": frame[None]})[output] for frame in frames])
    found = graph.infer(frames)
    assert found.shape == want.shape
    np.testing.assert_array_equal(found, want)
    assert len(np.unique(want)) > 3, "the frames must reach more than a few values"
    return graph
