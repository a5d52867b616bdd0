"""Activations made of pieces of lines, against decimal arithmetic."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Requantize, Threshold
from codesign.graph.operators.table import Table
from codesign.ingest.elementwise_testing import CHANNELS, Make, Oracle, assert_function, decimal
from codesign.ingest.testing import exact

SLOPE = np.array([[0.1], [-0.4], [0]], np.float32)
FLOAT = {v: decimal(exact(v)) for v in (0.01, 0.1, 0.2, 0.3, -0.3, 0.5, 1.5, -1.5)}


def clamped(x: Decimal) -> Decimal:
    return min(max(x, Decimal(0)), Decimal(1))


CASES: dict[str, tuple[Make, Oracle, int]] = {
    "leaky": (lambda n, x: n.op("LeakyRelu", x, alpha=0.1), lambda x, c: x if x > 0 else x * FLOAT[0.1], 13),
    "leaky, as it comes": (lambda n, x: n.op("LeakyRelu", x), lambda x, c: x if x > 0 else x * FLOAT[0.01], 13),
    "leaky, folded": (lambda n, x: n.op("LeakyRelu", x, alpha=-0.3), lambda x, c: x if x > 0 else x * FLOAT[-0.3], 13),
    "hard sigmoid": (lambda n, x: n.op("HardSigmoid", x), lambda x, c: clamped(x * FLOAT[0.2] + Decimal("0.5")), 13),
    "hard sigmoid, falling": (
        lambda n, x: n.op("HardSigmoid", x, alpha=-0.3, beta=0.1),
        lambda x, c: clamped(x * FLOAT[-0.3] + FLOAT[0.1]),
        13,
    ),
    "hard swish": (lambda n, x: n.op("HardSwish", x), lambda x, c: x * clamped(x / 6 + Decimal("0.5")), 14),
    "softsign": (lambda n, x: n.op("Softsign", x), lambda x, c: x / (1 + abs(x)), 13),
    "a jump": (
        lambda n, x: n.op("ThresholdedRelu", x, alpha=1.5),
        lambda x, c: x if x > FLOAT[1.5] else Decimal(0),
        13,
    ),
    "a jump down": (
        lambda n, x: n.op("ThresholdedRelu", x, alpha=-1.5),
        lambda x, c: x if x > FLOAT[-1.5] else Decimal(0),
        13,
    ),
    "hard swish in parts": (
        lambda n, x: n.op(
            "Div",
            n.op("Mul", x, n.op("Clip", n.op("Add", x, n.const(3)), n.const(0), n.const(6))),
            n.const(6),
        ),
        lambda x, c: x * clamped((x + 3) / 6),
        13,
    ),
}


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR"])
@pytest.mark.parametrize("case", CASES)
def test_every_input(tmp_path: Path, case: str, mode: str) -> None:
    make, oracle, opset = CASES[case]
    assert_function(tmp_path / "m.onnx", make, oracle, mode, opset=opset)


@pytest.mark.parametrize("bits", [8, 10, 14])
def test_a_slope_of_either_sign_in_each_channel(tmp_path: Path, bits: int) -> None:
    """One channel falls and rises: a table up to 12 bits, thresholds before it beyond."""

    def oracle(x: Decimal, c: int) -> Decimal:
        return x if x > 0 else x * decimal(exact(SLOPE[c, 0]))

    _, operators = assert_function(
        tmp_path / "m.onnx", lambda n, x: n.op("PRelu", x, n.const(SLOPE.reshape(CHANNELS))), oracle, bits=bits
    )
    kinds = [type(op) for op in operators]
    assert kinds == ([Table] if bits < 14 else [Threshold, Table])
    assert isinstance(operators[-1], Table) and len(operators[-1].values) == CHANNELS


def test_channels_that_agree_share_a_row(tmp_path: Path) -> None:
    make, oracle, opset = CASES["hard swish"]
    for bits, size in ((8, 256), (14, None)):
        _, operators = assert_function(tmp_path / "m.onnx", make, oracle, bits=bits, opset=opset)
        assert isinstance(operators[-1], Table) and len(operators[-1].values) == 1
        assert size is None or operators[-1].values.shape == (1, size)


def test_what_could_turn_but_does_not_needs_no_table(tmp_path: Path) -> None:
    """Above zero, HardSwish rises."""
    _, operators = assert_function(
        tmp_path / "m.onnx",
        lambda n, x: n.op("HardSwish", n.op("Relu", x)),
        lambda x, c: max(x, Decimal(0)) * clamped(x / 6 + Decimal("0.5")),
        opset=14,
        out=2,
        step=0.9,
        signed=0,
    )
    assert [type(op) for op in operators] == [Threshold]


def test_few_input_bits_prefer_a_table_to_many_thresholds(tmp_path: Path) -> None:
    make, oracle, _ = CASES["softsign"]
    for bits, out, step, kind in ((8, 7, 0.02, Table), (9, 7, 0.02, Threshold), (8, 2, 0.4, Threshold)):
        _, operators = assert_function(tmp_path / "m.onnx", make, oracle, bits=bits, out=out, step=step)
        assert [type(op) for op in operators] == [kind]
    make, oracle, _ = CASES["hard sigmoid"]
    _, operators = assert_function(tmp_path / "m.onnx", make, oracle, bits=8)
    assert [type(op) for op in operators] == [Requantize]
