"""Elementwise operators held against decimal arithmetic, for every integer that they can read, and the witnesses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np

from codesign.graph import IntegerGraph, Operator
from codesign.ingest import ingest
from codesign.ingest.testing import Net, exact, exact_quant
from codesign.ingest.verify import compare

Make = Callable[[Net, str], str]
Oracle = Callable[[Decimal, int], Decimal]
"""(x, channel) -> the function's value."""

SCALE, CHANNELS, DIGITS = 0.0173, 3, 60


def assert_function(
    path: Path,
    make: Make,
    oracle: Oracle,
    mode: str = "ROUND",
    bits: int = 10,
    step: float = 0.037,
    out: int = 7,
    signed: int = 1,
    opset: int = 13,
) -> tuple[IntegerGraph, list[Operator]]:
    """Ingest an input quantizer of ``bits``, ``make`` and an output quantizer; compare on every input integer.

    Returns:
        the graph, and its operators.
    """
    net = Net((1, CHANNELS), opset)
    made = net.quant(make(net, net.quant("x", SCALE, bits)), step, out, signed, mode=mode)
    graph, report = ingest(net.save_raw(made, path), "m")
    x = np.repeat(np.arange(-(2 ** (bits - 1)), 2 ** (bits - 1))[:, None], CHANNELS, 1)
    with localcontext() as context:
        context.prec = DIGITS
        want = [
            [rounded(oracle(decimal(int(v) * exact(SCALE)), c), step, out, signed, mode) for c, v in enumerate(row)]
            for row in x
        ]
    np.testing.assert_array_equal(graph.run(x), want)
    assert len(np.unique(want)) > 2, "the function must reach more than two values"
    frames = np.random.default_rng(0).standard_normal((500, CHANNELS)).astype(np.float32) * 3
    compared = compare(graph, path, frames, report)
    assert (compared.float64_differences, compared.unexplained) == (0, 0), compared.first
    return graph, graph.operators


def rounded(value: Decimal, step: float, out: int, signed: int, mode: str) -> int:
    """The quantizer's integer; a value known to fewer digits than a tie needs is one."""
    whole = Fraction(value.quantize(Decimal(10) ** -(DIGITS - 20)))
    return exact_quant(whole, step, out, signed, mode=mode)


def decimal(value: Fraction) -> Decimal:
    """A fraction in decimals."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def sigmoid(x: Decimal) -> Decimal:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + (-x).exp())


def tanh(x: Decimal) -> Decimal:
    """2 sigmoid(2 x) - 1."""
    return 2 * sigmoid(2 * x) - 1


def erf(x: Decimal) -> Decimal:
    """By its alternating series, with digits to spare."""
    pi = Decimal("3.141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117")
    with localcontext() as context:
        context.prec = DIGITS + 60
        total, term, n = Decimal(0), x, 0
        while abs(term) > Decimal(10) ** -(DIGITS + 10):
            total, n = total + term / (2 * n + 1), n + 1
            term = -term * x * x / n
        return 2 * total / pi.sqrt()
