"""A random network while it grows: the random numbers, and the layers that blocks are made of."""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np

from codesign.fuzz import layers
from codesign.fuzz.layers import Live, Misfit
from codesign.fuzz.recipe import Layer, Recipe

MODES = ("ROUND", "ROUND", "ROUND", "ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO", "HALF_UP", "HALF_DOWN", "UP", "DOWN")
RISING = ("Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "Elu", "Softplus", "Erf", "Selu", "Celu", "Softsign",
          "ThresholdedRelu", "Ceil", "Floor", "Round", "Sign", "Neg", "Identity")  # fmt: skip
WEIGHT_FORMS = ("Quant", "Quant", "Quant", "Quant", "Quant", "IntQuant", "qdq", "stored", "unsigned", "one_bit")


class Sketch:
    """Appends layers; every method takes and returns indices of tensors, 0 being the model's input."""

    def __init__(self, recipe: Recipe, rng: np.random.Generator) -> None:
        self.recipe, self.rng = recipe, rng
        self.layers: list[Layer] = []
        self.net, x = recipe.begin()
        self.lives = [x]

    # ------------------------------------------------------------------ the random numbers

    def pick(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def fresh(self) -> int:
        return int(self.rng.integers(1, 2**31))

    def one_of(self, *choices: Any) -> Any:
        return choices[self.pick(0, len(choices) - 1)]

    # ------------------------------------------------------------------ single layers

    def add(self, op: str, *inputs: int, **parameters: Any) -> int:
        """Append a layer; where it does not fit, it stays away and its first input is returned."""
        spec = {"op": op, "in": list(inputs), **parameters}
        try:
            made = layers.build(self.net, [self.lives[i] for i in inputs], spec)
        except Misfit:
            return inputs[0]
        self.layers.append(spec)
        self.lives.append(made)
        return len(self.layers)

    def back_to(self, count: int) -> None:
        """Drop all but the first ``count`` layers (their nodes stay in the sketch's model, which nobody reads)."""
        del self.layers[count:], self.lives[count + 1 :]

    def live(self, x: int) -> Live:
        return self.lives[x]

    def quant(
        self, x: int, signed: int | None = None, bits: int | None = None, scale: float | None = None, **more: Any
    ) -> int:
        bits = bits or int(self.rng.choice([1, 2, 3, 4, 4, 4, 5, 6, 8, 8]))
        signed = int(self.chance(0.5)) if signed is None else signed
        bits += bits == 1 and signed
        if scale is None:
            scale = 2.5 * max(self.live(x).spread, 1e-3) * self.rng.uniform(0.5, 1.7) / 2 ** (bits - signed)
            scale = float(np.float32(2.0 ** round(log2(scale)) if self.chance(0.4) else scale))
        mode = str(self.rng.choice(MODES)) if x else "ROUND"
        narrow = int(signed and bits > 2 and self.chance(0.2))
        zero = self.pick(0, 2**bits - 1) if not signed and self.chance(0.05) else 0
        form = self.one_of("Quant", "Quant", "Quant", "IntQuant", "qdq")
        if form == "qdq" and (mode != "ROUND" or bits > 8):
            form = "Quant"
        chosen = {"scale": scale, "bits": bits, "signed": signed, "mode": mode, "narrow": narrow, "zero": zero}
        return self.add("quant", x, **{**chosen, "form": form, **more})

    def like(self, x: int, quantized: int) -> int | None:
        """``x`` through a quantizer with the parameters of the one that made ``quantized``; None if none did."""
        last: Layer = self.layers[quantized - 1] if quantized else {"op": ""}
        if last["op"] != "quant":
            return None
        return self.add("quant", x, **{k: v for k, v in last.items() if k not in ("op", "in")})

    def window(self, x: int, largest: int = 4) -> dict[str, Any]:
        """Kernel, stride, padding and dilation that fit."""
        sizes = self.live(x).shape[1:]
        kernel = [min(self.pick(1, largest), n) for n in sizes]
        dilation = [self.pick(1, 2) if (k - 1) * 2 < n else 1 for k, n in zip(kernel, sizes, strict=True)]
        span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        pads = [self.pick(0, s - 1) if self.chance(0.6) else 0 for s in (*span, *span)]
        return {"kernel": kernel, "stride": [self.pick(1, 2) for _ in sizes], "pads": pads, "dilation": dilation}

    def pointwise(self, x: int) -> dict[str, Any]:
        """A window of one position."""
        rank = self.live(x).rank
        return {"kernel": [1] * rank, "stride": [1] * rank, "pads": [0] * 2 * rank, "dilation": [1] * rank}

    def same(self, x: int) -> dict[str, Any]:
        """A window that keeps the spatial shape."""
        kernel = [self.pick(1, 3) for _ in self.live(x).shape[1:]]
        before = [(k - 1) // 2 for k in kernel]
        after = [k - 1 - b for k, b in zip(kernel, before, strict=True)]
        return {**self.pointwise(x), "kernel": kernel, "pads": [*before, *after]}

    def weight(self) -> dict[str, Any]:
        form, bits = self.one_of(*WEIGHT_FORMS), int(self.rng.choice([1, 2, 2, 3, 4, 4, 5, 8]))
        return {
            "weight_bits": max(bits, 2) if form != "Quant" else bits,
            "weight_form": form,
            "per_channel": self.chance(0.6),
            "power_of_two": self.chance(0.4),
            "seed": self.fresh(),
        }

    def conv(self, x: int, outputs: int, groups: int = 1, **window: Any) -> int:
        window = window or self.window(x)
        return self.add("conv", x, outputs=outputs, groups=groups, bias=self.chance(0.3), **window, **self.weight())

    def branch(self, x: int) -> int:
        """What keeps the shape of ``x`` and computes something, not yet quantized."""
        shape = self.live(x).shape
        if len(shape) == 1:
            return self.elementwise(self.add("linear", x, outputs=shape[0], bias=self.chance(0.5), **self.weight()))
        return self.elementwise(self.conv(x, shape[0], **self.same(x)))

    def elementwise(self, x: int) -> int:
        """What may stand between an accumulator and its quantizer."""
        if self.chance(0.6):
            x = self.add("bn", x, seed=self.fresh(), falling=self.chance(0.5))
        if self.chance(0.2):
            op, inverse = str(self.rng.choice(["scale", "offset"])), self.chance(0.3)
            x = self.add(op, x, seed=self.fresh(), per_channel=self.chance(0.5), inverse=inverse)
        if self.chance(0.4):
            return self.add("Relu", x)
        if self.chance(0.4):
            return self.add(self.one_of(*RISING), x)
        if self.chance(0.15):
            return self.add("clip", x, low=-float(self.rng.uniform(0, 1)), high=float(self.rng.uniform(0, 2)))
        if self.chance(0.15):
            return self.add("prelu", x, seed=self.fresh(), per_channel=self.chance(0.7), falling=self.chance(0.1))
        if self.chance(0.15):
            bound, slope = float(self.rng.uniform(-1, 1)), self.one_of(0.0, 0.1, 0.25)
            return self.add(self.one_of("Min", "Max"), x, bound=bound, slope=slope)
        return x
