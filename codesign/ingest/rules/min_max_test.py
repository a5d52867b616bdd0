"""Min and Max with constants, and of functions of one tensor."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.graph import Requantize
from codesign.ingest import ingest
from codesign.ingest.elementwise_testing import Make, Oracle, assert_function
from codesign.ingest.testing import Net

BOUND = np.array([0.5, -0.25, 1.5], np.float32)
CASES: dict[str, tuple[Make, Oracle]] = {
    "a constant": (lambda n, x: n.op("Max", x, n.const(BOUND)), lambda x, c: max(x, Decimal(float(BOUND[c])))),
    "constants on both sides": (
        lambda n, x: n.op("Min", n.const(1.25), n.op("Max", x, n.const(-0.5)), n.const(2)),
        lambda x, c: min(max(x, Decimal("-0.5")), Decimal("1.25")),
    ),
    "a leaky Relu in parts": (
        lambda n, x: n.op("Max", x, n.op("Mul", x, n.const(0.125))),
        lambda x, c: max(x, x / 8),
    ),
    "an absolute value in parts": (lambda n, x: n.op("Max", n.op("Neg", x), x), lambda x, c: abs(x)),
    "three branches": (
        lambda n, x: n.op("Min", x, n.op("Neg", x), n.op("Mul", x, n.const(0.5))),
        lambda x, c: min(x, -x, x / 2),
    ),
}


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR"])
@pytest.mark.parametrize("case", CASES)
def test_every_input(tmp_path: Path, case: str, mode: str) -> None:
    assert_function(tmp_path / "m.onnx", *CASES[case], mode, bits=9)


def test_rising_branches_need_no_table(tmp_path: Path) -> None:
    """Three bits: one line serves both sides, for the clamp hides the other."""
    make, _ = CASES["constants on both sides"]
    _, operators = assert_function(tmp_path / "m.onnx", make, CASES["constants on both sides"][1], step=0.25, out=4)
    assert [type(op) for op in operators] == [Requantize]


def test_different_tensors_are_refused(tmp_path: Path) -> None:
    net = Net((1, 3))
    x = net.quant("x", 0.1, 8)
    y = net.quant(net.op("Max", net.quant(x, 0.2, 4), net.quant(x, 0.3, 4)), 0.1, 4)
    with pytest.raises(Refused, match="operands come from different tensors"):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")
