"""Arithmetic of one operand, against decimal arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.ingest import ingest
from codesign.ingest.elementwise_testing import Make, Oracle, assert_function
from codesign.ingest.testing import Net

ONE = Decimal(1)


def lifted(net: Net, x: str) -> str:
    return net.op("Add", net.op("Abs", x), net.const(0.5))


CASES: dict[str, tuple[Make, Oracle]] = {
    "Abs": (lambda n, x: n.op("Abs", x), lambda x, c: abs(x)),
    "Neg": (lambda n, x: n.op("Neg", x), lambda x, c: -x),
    "Sign": (
        lambda n, x: n.op("Sign", x),
        lambda x, c: Decimal((x > 0) - (x < 0)),
    ),
    "Floor": (lambda n, x: n.op("Floor", x), lambda x, c: x.to_integral_value("ROUND_FLOOR")),
    "Ceil": (lambda n, x: n.op("Ceil", x), lambda x, c: x.to_integral_value("ROUND_CEILING")),
    "Round": (lambda n, x: n.op("Round", x), lambda x, c: x.to_integral_value(ROUND_HALF_EVEN)),
    "Sqrt": (lambda n, x: n.op("Sqrt", n.op("Relu", x)), lambda x, c: max(x, Decimal(0)).sqrt()),
    "Sqrt of Abs": (lambda n, x: n.op("Sqrt", n.op("Abs", x)), lambda x, c: abs(x).sqrt()),
    "Reciprocal": (lambda n, x: n.op("Reciprocal", lifted(n, x)), lambda x, c: 1 / (abs(x) + ONE / 2)),
    "a divided constant": (lambda n, x: n.op("Div", n.const(-3), lifted(n, x)), lambda x, c: -3 / (abs(x) + ONE / 2)),
    "a square": (lambda n, x: n.op("Pow", x, n.const(2)), lambda x, c: x * x),
    "a cube": (lambda n, x: n.op("Pow", x, n.const(3)), lambda x, c: x**3),
    "a root": (lambda n, x: n.op("Pow", n.op("Relu", x), n.const(0.5)), lambda x, c: max(x, Decimal(0)).sqrt()),
    "one over a square": (lambda n, x: n.op("Pow", lifted(n, x), n.const(-2)), lambda x, c: (abs(x) + ONE / 2) ** -2),
    "a first power": (lambda n, x: n.op("Pow", x, n.const(1, np.int64)), lambda x, c: x),
    "a product with itself": (lambda n, x: n.op("Mul", n.op("Relu", x), x), lambda x, c: max(x, Decimal(0)) * x),
}


@pytest.mark.parametrize("mode", ["ROUND", "CEIL"])
@pytest.mark.parametrize("case", CASES)
def test_every_input(tmp_path: Path, case: str, mode: str) -> None:
    assert_function(tmp_path / "m.onnx", *CASES[case], mode, bits=9)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda n, x: n.op("Sqrt", x), "takes the square root of -12.8.*put a Relu before it"),
        (lambda n, x: n.op("Reciprocal", x), "divides by zero.*keep the divisor away"),
        (lambda n, x: n.op("Pow", x, n.const(1.7)), "exponent is 1.7.*use one integer"),
        (lambda n, x: n.op("Pow", x, n.const([1, 2, 3])), "exponent is 1 and others"),
        (lambda n, x: n.op("Pow", x, x), "exponent is not stored"),
    ],
)
def test_refusals(tmp_path: Path, make: Make, expected: str) -> None:
    net = Net((1, 3))
    y = net.quant(make(net, net.quant("x", 0.1, 8)), 0.1, 8)
    with pytest.raises(Refused, match=expected):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
