"""Functions of quantized tensors, also such as rise and fall."""

from __future__ import annotations

from codesign.fuzz.blocks.registry import block
from codesign.fuzz.recipe import Layer
from codesign.fuzz.sketch import Sketch


@block(2)
def curve(s: Sketch, x: int) -> int:
    bits = s.pick(2, 6)
    op = s.one_of("silu", "HardSwish", "hard_swish", "Abs", "Neg", "Tanh", "Exp", "Gelu", "Mish", "pow", "Sqrt", "Log",
                  "Reciprocal", "ThresholdedRelu", "Sign", "Celu")  # fmt: skip
    if op == "pow":
        return s.quant(s.add(op, x, exponent=s.one_of(2, 3, 0.5, -1, -2)), bits=bits)
    if op in ("Sqrt", "Log", "Reciprocal"):
        return s.quant(s.add(op, x, above=0.0 if op == "Sqrt" else float(s.rng.uniform(0.2, 1.5))), bits=bits)
    if op == "hard_swish":
        return s.quant(s.add(op, x, first=s.chance(0.5)), bits=bits)
    alpha = {"alpha": float(s.rng.uniform(0.1, 1.5))} if op in ("ThresholdedRelu", "Celu") else {}
    approximate = {"approximate": s.one_of("none", "tanh")} if op == "Gelu" else {}
    return s.quant(s.add(op, x, **alpha, **approximate), bits=bits)


@block()
def curve_of_an_accumulator(s: Sketch, x: int) -> int:
    """MobileNetV3's and YOLO's: a function that turns right behind a convolution and its normalization."""
    if not s.live(x).rank:
        return x
    weight = {**s.weight(), "weight_bits": s.pick(2, 4)}
    made = s.add("conv", x, outputs=s.pick(1, 4), groups=1, bias=s.chance(0.3), **s.window(x, 2), **weight)
    made = s.add("bn", made, seed=s.fresh(), falling=s.chance(0.3))
    op = s.one_of("silu", "HardSwish", "hard_swish", "Gelu", "Mish")
    more = {"first": s.chance(0.5)} if op == "hard_swish" else {}
    return s.quant(s.add(op, made, **more), bits=s.pick(2, 5))


@block()
def truncated(s: Sketch, x: int) -> int:
    """The low bits go: of the tensor, or of a sum of its positions."""
    last: Layer = s.layers[x - 1] if x else {"op": ""}
    if last["op"] != "quant" or last.get("zero") or last.get("scales"):
        return x
    bits, drop = last["bits"], s.pick(1, max(last["bits"] - 1, 1))
    mode, version = s.one_of("FLOOR", "FLOOR", "ROUND", "CEIL", "ROUND_TO_ZERO"), s.pick(1, 2)
    return s.add("trunc", x, version=version, bits=bits, drop=drop, mode=mode)
