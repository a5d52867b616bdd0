"""Random valid networks: blocks as designers of CNNs write them, of random sizes, bits, scales and rounding modes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from codesign.fuzz.layers import Live
from codesign.fuzz.recipe import Layer, Recipe

MODES = ("ROUND", "ROUND", "ROUND", "ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO", "HALF_UP", "HALF_DOWN", "UP")
LARGEST_FRAME = 400
"""Integers of an inner tensor, so that a frame takes a few thousand cycles."""
SPEEDS = (1, 1, 3, 8, 40)


def generate(seed: int) -> Recipe:
    """The network of a seed; the same seed gives the same network."""
    return _Generator(seed).recipe()


class _Generator:
    """Appends layers; every method takes and returns indices of tensors."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.seed = seed
        rank = int(self.rng.choice([1, 2, 2]))
        self.shape = (self.pick(1, 6), *(self.pick(4, 11) for _ in range(rank)))
        self.layers: list[Layer] = []

    def recipe(self) -> Recipe:
        x = self.quant(0, signed=1)
        blocks: list[Callable[[int], int]] = [
            self.conv_block, self.conv_block, self.conv_block, self.depthwise, self.residual, self.unequal_residual,
            self.max_pool, self.average_pool, self.upsample, self.concat, self.split, self.gate, self.product,
            self.transposed, self.cut, self.curve, self.rearranged, self.pooled_floats, self.bipolar_block,
        ]  # fmt: skip
        for _ in range(self.pick(1, 4)):
            before = list(self.layers)
            y = blocks[int(self.rng.integers(len(blocks)))](x)
            if y == x or prod(self.live(y).shape) > LARGEST_FRAME:
                self.layers = before
            else:
                x = y
        self.ending(x)
        speed = int(self.rng.choice(SPEEDS))
        return Recipe(self.shape, tuple(self.layers), self.seed, speed).needed()

    # ------------------------------------------------------------------ the random numbers

    def pick(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def fresh(self) -> int:
        return int(self.rng.integers(2**31))

    # ------------------------------------------------------------------ single layers

    def add(self, op: str, *inputs: int, **parameters: Any) -> int:
        """Append a layer; where it does not fit, it stays away and its first input is returned."""
        self.layers.append({"op": op, "in": list(inputs), **parameters})
        if not Recipe(self.shape, tuple(self.layers)).fits():
            self.layers.pop()
            return inputs[0]
        return len(self.layers)

    def live(self, x: int) -> Live:
        from codesign.fuzz import layers
        from codesign.ingest.testing import Net

        net, made = Net((1, *self.shape), opset=17), [Live("x", self.shape, 1.0)]
        for spec in self.layers[:x]:
            made.append(layers.build(net, [made[i] for i in spec["in"]], spec))
        return made[x]

    def quant(self, x: int, signed: int | None = None, bits: int | None = None, scale: float | None = None) -> int:
        bits = bits or int(self.rng.choice([1, 2, 3, 4, 4, 4, 5, 6, 8, 8]))
        signed = int(self.chance(0.5)) if signed is None else signed
        bits += bits == 1 and signed
        if scale is None:
            scale = 2.5 * max(self.live(x).spread, 1e-3) * self.rng.uniform(0.5, 1.7) / 2 ** (bits - signed)
            scale = float(np.float32(2.0 ** round(np.log2(scale)) if self.chance(0.4) else scale))
        mode = str(self.rng.choice(MODES)) if x else "ROUND"
        narrow = int(signed and bits > 2 and self.chance(0.2))
        zero = self.pick(0, 2**bits - 1) if not signed and self.chance(0.05) else 0
        return self.add("quant", x, scale=scale, bits=bits, signed=signed, mode=mode, narrow=narrow, zero=zero)

    def window(self, x: int, largest: int = 4) -> dict[str, Any]:
        """Kernel, stride, padding and dilation that fit."""
        sizes = self.live(x).shape[1:]
        kernel = [min(self.pick(1, largest), n) for n in sizes]
        dilation = [self.pick(1, 2) if (k - 1) * 2 < n else 1 for k, n in zip(kernel, sizes, strict=True)]
        span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        pads = [self.pick(0, s - 1) if self.chance(0.6) else 0 for s in (*span, *span)]
        return {"kernel": kernel, "stride": [self.pick(1, 2) for _ in sizes], "pads": pads, "dilation": dilation}

    def weight(self) -> dict[str, Any]:
        return {
            "weight_bits": int(self.rng.choice([1, 2, 3, 4, 4, 5, 8])),
            "per_channel": self.chance(0.6),
            "power_of_two": self.chance(0.4),
            "seed": self.fresh(),
        }

    def conv(self, x: int, outputs: int, groups: int = 1, **window: Any) -> int:
        window = window or self.window(x)
        return self.add("conv", x, outputs=outputs, groups=groups, bias=self.chance(0.3), **window, **self.weight())

    def elementwise(self, x: int) -> int:
        """What may stand between an accumulator and its quantizer."""
        if self.chance(0.6):
            x = self.add("bn", x, seed=self.fresh(), falling=self.chance(0.5))
        if self.chance(0.2):
            x = self.add(str(self.rng.choice(["scale", "offset"])), x, seed=self.fresh(), per_channel=self.chance(0.5))
        if self.chance(0.5):
            x = self.add("Relu", x)
        elif self.chance(0.4):
            x = self.add(str(self.rng.choice(["Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "Elu", "Softplus"])), x)
        elif self.chance(0.15):
            x = self.add("clip", x, low=-float(self.rng.uniform(0, 1)), high=float(self.rng.uniform(0, 2)))
        return x

    # ------------------------------------------------------------------ blocks

    def conv_block(self, x: int, **window: Any) -> int:
        shape = self.live(x).shape
        if len(shape) == 1:
            return x
        outputs, groups = self.pick(1, 8), 1
        if shape[0] % 2 == 0 and self.chance(0.3):
            outputs, groups = 2 * self.pick(1, 4), 2
        return self.quant(self.elementwise(self.conv(x, outputs, groups, **window)))

    def same(self, x: int) -> dict[str, Any]:
        """A window that keeps the spatial shape."""
        kernel = [self.pick(1, 3) for _ in self.live(x).shape[1:]]
        ones = [1] * len(kernel)
        before = [(k - 1) // 2 for k in kernel]
        after = [k - 1 - b for k, b in zip(kernel, before, strict=True)]
        return {"kernel": kernel, "stride": ones, "pads": [*before, *after], "dilation": ones}

    def branch(self, x: int) -> int:
        """A convolution that keeps the shape, not yet quantized."""
        return self.elementwise(self.conv(x, self.live(x).shape[0], **self.same(x)))

    def depthwise(self, x: int) -> int:
        channels = self.live(x).shape[0]
        return self.quant(self.elementwise(self.conv(x, channels * self.pick(1, 2), channels)))

    def residual(self, x: int) -> int:
        bits, signed = self.pick(3, 8), int(self.chance(0.7))
        scale = float(np.float32(3 * max(self.live(x).spread, 1e-3) / 2**bits))
        skip = self.quant(x, signed, bits, scale)
        body = self.quant(self.branch(x), signed, bits, scale)
        joined = self.add(str(self.rng.choice(["Add", "Add", "Sub"])), skip, body)
        return self.quant(self.add("Relu", joined) if self.chance(0.5) else joined)

    def unequal_residual(self, x: int) -> int:
        body = self.quant(self.branch(x), bits=self.pick(2, 5))
        return self.quant(self.add("Add", x, body), bits=self.pick(2, 5))

    def max_pool(self, x: int) -> int:
        window = self.window(x, 3)
        window["pads"] = [min(p, k - 1) for p, k in zip(window["pads"], window["kernel"] * 2, strict=True)]
        return self.add("max_pool", x, **window)

    def average_pool(self, x: int) -> int:
        window = {**self.window(x, 3), "dilation": [1] * len(self.live(x).shape[1:])}
        window["pads"] = [min(p, k - 1) for p, k in zip(window["pads"], window["kernel"] * 2, strict=True)]
        return self.quant(self.add("average_pool", x, **window))

    def upsample(self, x: int) -> int:
        return self.add("upsample", x, factors=[self.pick(1, 2) for _ in self.live(x).shape[1:]])

    def concat(self, x: int) -> int:
        last = self.layers[x - 1]
        if last["op"] != "quant":
            return x
        other = self.add("quant", self.branch(x), **{k: v for k, v in last.items() if k not in ("op", "in")})
        axis = 0 if self.chance(0.7) else self.pick(0, len(self.shape) - 1)
        return self.add("concat", *((x, other) if self.chance(0.5) else (other, x)), axis=axis)

    def split(self, x: int) -> int:
        """ShuffleNet's unit: half of the channels pass by."""
        channels, last = self.live(x).shape[0], self.layers[x - 1]
        if channels % 2 or last["op"] != "quant":
            return x
        left = self.add("slice", x, axis=0, start=0, stop=channels // 2, step=1)
        right = self.add("slice", x, axis=0, start=channels // 2, stop=channels, step=1)
        right = self.add("quant", self.branch(right), **{k: v for k, v in last.items() if k not in ("op", "in")})
        joined = self.add("concat", left, right, axis=0)
        return self.add("shuffle", joined, groups=2)

    def gate(self, x: int) -> int:
        """Squeeze and excitation."""
        channels = self.live(x).shape[0]
        pooled = self.quant(self.add("global_average", x), bits=self.pick(3, 8))
        ones = [1] * (len(self.live(x).shape) - 1)
        made = self.conv(pooled, channels, kernel=ones, stride=ones, pads=[0, 0] * len(ones), dilation=ones)
        factor = self.quant(self.add("Sigmoid", made), signed=0, bits=self.pick(2, 6))
        return self.quant(self.add("Mul", x, factor))

    def product(self, x: int) -> int:
        return self.quant(self.add("Mul", x, self.quant(self.branch(x), bits=self.pick(2, 5))))

    def transposed(self, x: int) -> int:
        sizes = self.live(x).shape[1:]
        stride = [self.pick(1, 3) for _ in sizes]
        kernel = [max(self.pick(1, 4), s) for s in stride]
        pads = [self.pick(0, (k - 1) // 2) for k in kernel * 2]
        extra = [self.pick(0, s - 1) if self.chance(0.3) else 0 for s in stride]
        made = self.add(
            "conv_transpose", x, outputs=self.pick(1, 4), kernel=kernel, stride=stride, pads=pads, extra=extra,
            **self.weight(),
        )  # fmt: skip
        return self.quant(self.elementwise(made))

    def cut(self, x: int) -> int:
        shape = self.live(x).shape
        axis = self.pick(0, len(shape) - 1)
        start = self.pick(0, shape[axis] - 1)
        stop = self.pick(start + 1, shape[axis])
        return self.add("slice", x, axis=axis, start=start, stop=stop, step=self.pick(1, 2))

    def curve(self, x: int) -> int:
        """A function that may turn, on a quantized tensor."""
        op = str(self.rng.choice(["silu", "HardSwish", "Abs", "Neg", "Tanh", "Exp"]))
        return self.quant(self.add(op, x), bits=self.pick(2, 6))

    def rearranged(self, x: int) -> int:
        if self.chance(0.4):
            return self.add("swap", x)
        if self.chance(0.5):
            return self.add("depth_to_space", x, block=2, mode=str(self.rng.choice(["DCR", "CRD"])))
        return self.add("shuffle", x, groups=self.pick(2, 3))

    def pooled_floats(self, x: int) -> int:
        """A pool between a convolution and its quantizer."""
        made = self.elementwise(self.conv(x, self.pick(1, 6)))
        sizes = self.live(made).shape[1:]
        kernel = [min(2, n) for n in sizes]
        ones, none = [1] * len(sizes), [0, 0] * len(sizes)
        return self.quant(self.add("max_pool", made, kernel=kernel, stride=kernel, pads=none, dilation=ones))

    def bipolar_block(self, x: int) -> int:
        """1-bit activations, then 1-bit weights."""
        x = self.add("bipolar", self.elementwise(self.conv(x, self.pick(2, 8))), scale=float(self.rng.choice([1, 0.3])))
        window = {**self.window(x), "pads": [0, 0] * (len(self.live(x).shape) - 1)}
        made = self.add(
            "conv", x, outputs=self.pick(1, 8), groups=1, bias=False, **window, **{**self.weight(), "weight_bits": 1}
        )
        return self.quant(self.elementwise(made))

    def ending(self, x: int) -> int:
        kind = str(self.rng.choice(["none", "pooled", "flat", "wide", "raw", "index"]))
        if kind in ("pooled", "flat") and len(self.shape) > 1:
            x = self.quant(self.add("global_average", x)) if kind == "pooled" else x
            x = self.add("flatten", x)
            return self.add("linear", x, outputs=self.pick(1, 9), bias=self.chance(0.5), **self.weight())
        if kind == "wide":
            return self.quant(self.conv(x, self.pick(1, 3)), 1, 16)
        if kind == "raw":
            return self.conv(x, self.pick(1, 5))
        return self.add("ArgMax", x) if kind == "index" else x
