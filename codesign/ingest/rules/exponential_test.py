"""Functions made of the exponential, against decimal arithmetic of 60 digits."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from codesign.errors import Refused
from codesign.ingest import ingest
from codesign.ingest.elementwise_testing import Make, Oracle, assert_function, decimal, erf, sigmoid, tanh
from codesign.ingest.testing import Net, exact

HALF = Decimal("0.5")


def number(value: float) -> Decimal:
    return decimal(exact(value))


def elu(x: Decimal, alpha: Decimal, width: Decimal = Decimal(1)) -> Decimal:
    return x if x > 0 else alpha * ((x / width).exp() - 1)


CASES: dict[str, tuple[Make, Oracle, int]] = {
    "Exp": (lambda n, x: n.op("Exp", x), lambda x, c: x.exp(), 13),
    "Log": (
        lambda n, x: n.op("Log", n.op("Add", n.op("Relu", x), n.const(0.25))),
        lambda x, c: (max(x, Decimal(0)) + Decimal("0.25")).ln(),
        13,
    ),
    "Sigmoid": (lambda n, x: n.op("Sigmoid", x), lambda x, c: sigmoid(x), 13),
    "Tanh": (lambda n, x: n.op("Tanh", x), lambda x, c: tanh(x), 13),
    "Softplus": (lambda n, x: n.op("Softplus", x), lambda x, c: (1 + x.exp()).ln(), 13),
    "Erf": (lambda n, x: n.op("Erf", x), lambda x, c: erf(x), 13),
    "Elu": (lambda n, x: n.op("Elu", x, alpha=0.7), lambda x, c: elu(x, number(0.7)), 13),
    "Elu, folded": (lambda n, x: n.op("Elu", x, alpha=-0.7), lambda x, c: elu(x, -number(0.7)), 13),
    "Selu": (
        lambda n, x: n.op("Selu", x),
        lambda x, c: number(1.05070102214813232421875) * elu(x, number(1.67326319217681884765625)),
        13,
    ),
    "Celu": (lambda n, x: n.op("Celu", x, alpha=1.5), lambda x, c: elu(x, number(1.5), number(1.5)), 13),
    "Mish": (lambda n, x: n.op("Mish", x), lambda x, c: x * tanh((1 + x.exp()).ln()), 18),
    "Swish": (lambda n, x: n.op("Swish", x, alpha=1.7), lambda x, c: x * sigmoid(number(1.7) * x), 24),
    "Gelu": (lambda n, x: n.op("Gelu", x), lambda x, c: x * HALF * (1 + erf(x / Decimal(2).sqrt())), 20),
    "Gelu by tanh": (
        lambda n, x: n.op("Gelu", x, approximate="tanh"),
        lambda x, c: x * HALF * (1 + tanh(Decimal("0.7978845608028653559") * (x + Decimal("0.044715") * x**3))),
        20,
    ),
    "SiLU in parts": (lambda n, x: n.op("Mul", n.op("Sigmoid", x), x), lambda x, c: x * sigmoid(x), 13),
    "Mish in parts": (
        lambda n, x: n.op("Mul", x, n.op("Tanh", n.op("Softplus", x))),
        lambda x, c: x * tanh((1 + x.exp()).ln()),
        13,
    ),
    "Gelu in parts": (
        lambda n, x: n.op(
            "Mul",
            n.op("Mul", x, n.op("Add", n.op("Erf", n.op("Div", x, n.const(1.5))), n.const(1))),
            n.const(0.5),
        ),
        lambda x, c: x * HALF * (1 + erf(x / Decimal("1.5"))),
        13,
    ),
    "a sum of branches": (
        lambda n, x: n.op("Sub", n.op("Sigmoid", x), n.op("Mul", n.op("Relu", x), n.const(0.25))),
        lambda x, c: sigmoid(x) - max(x, Decimal(0)) / 4,
        13,
    ),
    "a quotient of branches": (
        lambda n, x: n.op("Div", x, n.op("Add", n.op("Exp", n.op("Neg", x)), n.const(1))),
        lambda x, c: x * sigmoid(x),
        13,
    ),
}


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR", "CEIL"])
@pytest.mark.parametrize("case", CASES)
def test_every_input(tmp_path: Path, case: str, mode: str) -> None:
    make, oracle, opset = CASES[case]
    assert_function(tmp_path / "m.onnx", make, oracle, mode, bits=9, opset=opset)


@pytest.mark.parametrize("mode", ["ROUND_TO_ZERO", "UP", "HALF_UP", "HALF_DOWN"])
@pytest.mark.parametrize("case", ["Tanh", "Mish", "SiLU in parts"])
def test_the_other_rounding_modes(tmp_path: Path, case: str, mode: str) -> None:
    make, oracle, opset = CASES[case]
    assert_function(tmp_path / "m.onnx", make, oracle, mode, bits=9, opset=opset)


@pytest.mark.parametrize("case", ["Sigmoid", "Gelu", "SiLU in parts", "Tanh"])
@pytest.mark.parametrize("mode", ["FLOOR", "CEIL", "ROUND_TO_ZERO", "UP"])
def test_tails_beside_a_boundary(tmp_path: Path, case: str, mode: str) -> None:
    """-600 to 600: the value is beside 0 or 1 by less than float64 can hold, and always on the same side of it."""
    make, oracle, opset = CASES[case]

    def stretched(net: Net, x: str) -> str:
        return make(net, net.op("Mul", x, net.const(128)))

    def side(x: Decimal, c: int) -> Decimal:
        x = 128 * x
        tiny = Decimal(10) ** -30
        if abs(x) < (8 if case == "Gelu" else 30):
            return oracle(x, c)
        limits = {"Sigmoid": (tiny, 1 - tiny), "Tanh": (tiny - 1, 1 - tiny)}.get(case, (-tiny, x - tiny))
        return limits[x > 0]

    assert_function(tmp_path / "m.onnx", stretched, side, mode, bits=9, step=0.25, opset=opset)


def test_where_a_logarithm_is_not_defined(tmp_path: Path) -> None:
    net = Net((1, 3))
    y = net.quant(net.op("Log", net.op("Relu", net.quant("x", 0.1, 8))), 0.1, 8)
    with pytest.raises(Refused, match=r"'Log_\d+' takes the logarithm of 0.*add a Relu and a constant"):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
