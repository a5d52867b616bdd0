"""What to do about an operator that has no rule."""

from __future__ import annotations

from difflib import get_close_matches

SOFTWARE = "leave it out of the exported model and compute it in software, behind the accelerator"
INTEGERS = "export the model before it is fused, with QuantizeLinear and DequantizeLinear around float operators"
STATE = "unroll it, or export a model without state"
HINTS = {
    "Softmax": "leave it out: the largest score is the same; compute probabilities in software",
    "LogSoftmax": "leave it out: the largest score is the same; compute probabilities in software",
    "NonMaxSuppression": SOFTWARE,
    "RoiAlign": SOFTWARE,
    "LayerNormalization": "use BatchNormalization, whose statistics are stored",
    "InstanceNormalization": "use BatchNormalization, whose statistics are stored",
    "GroupNormalization": "use BatchNormalization, whose statistics are stored",
    "LpNormalization": "use BatchNormalization, whose statistics are stored",
    "LRN": "use BatchNormalization, whose statistics are stored",
    "LSTM": STATE,
    "GRU": STATE,
    "RNN": STATE,
    "If": "export one fixed path, without if, loops or scans",
    "Loop": "export one fixed path, without if, loops or scans",
    "Scan": "export one fixed path, without if, loops or scans",
    "DynamicQuantizeLinear": "quantize with scales that are stored (static quantization)",
    "QLinearConv": INTEGERS,
    "QLinearMatMul": INTEGERS,
    "QGemm": INTEGERS,
    "ConvInteger": INTEGERS,
    "MatMulInteger": INTEGERS,
    "FloatQuant": "quantize to integers (Quant)",
    "MultiThreshold": "give the model as it was before FINN or QONNX made thresholds of its quantizers",
    "Einsum": "write it as MatMul or Conv",
    "Where": "use Clip, Relu or a quantizer",
    "RandomNormal": "export in evaluation mode",
    "RandomNormalLike": "export in evaluation mode",
}
ALIKE = 3


def remedy(operator: str, known: list[str]) -> str:
    """What to change about ``operator``; ``known`` are those that have a rule."""
    if operator in HINTS:
        return HINTS[operator]
    if "." in operator:
        domain, name = operator.rsplit(".", 1)
        if name in known:
            return f"export {name} of ONNX's own operators, not {domain}'s, or add a rule (docs/extending.md)"
    near = get_close_matches(operator.rsplit(".", 1)[-1], known, ALIKE, 0.6)
    use = f"use {' or '.join(near)}" if near else "leave it out, or compute it in software"
    return f"{use}, or add a rule (docs/extending.md)"
