"""Segments against rational arithmetic, over every accumulator of their range."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codesign.graph import Requantize, Threshold
from codesign.ingest import ingest
from codesign.ingest.functions import form, requantizer, staircase
from codesign.ingest.testing import Net, exact, exact_quant, root

Chain = Callable[[Net, str], str]
Oracle = Callable[[int, Fraction], Fraction]
C = 4
RNG = np.random.default_rng(7)


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


GAMMA, BETA = f32(1.7, -0.9, 0.3, -2.1), f32(0.2, 0.5, -0.1, 0.05)
MEAN, VARIANCE = f32(0.4, -0.7, 0.0, 1.1), f32(0.9, 1.8, 0.2, 4.0)


def bn(net: Net, x: str) -> str:
    return net.bn(x, GAMMA, BETA, MEAN, VARIANCE)


def bn_exact(c: int, x: Fraction) -> Fraction:
    gamma, beta, mean, variance = (exact(p[c]) for p in (GAMMA, BETA, MEAN, VARIANCE))
    return (x - mean) * gamma / root(variance + exact(1e-5)) + beta


class Forms:
    """Both forms of the last segment that was compiled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threshold: Threshold | None = None
        self.requantize: Requantize | None = None
        chosen = form.choose

        def spy(stairs, line, *names):  # type: ignore[no-untyped-def]
            self.threshold = form.threshold(stairs, *names)
            self.requantize = None if line is None else form.requantize(stairs, line, *names)
            return chosen(stairs, line, *names)

        monkeypatch.setattr(form, "choose", spy)


def compile_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: Chain, bits: int = 10, scale: float = 0.01
) -> tuple[Forms, np.ndarray]:
    """Compile ``chain`` behind an input quantizer; also all integers that it can read, int64 [K, C]."""
    forms, net = Forms(monkeypatch), Net((1, C))
    ingest(net.save(chain(net, net.quant("x", scale, bits)), tmp_path / "m.onnx"), "m")
    values = np.arange(-(2 ** (bits - 1)), 2 ** (bits - 1))
    return forms, np.repeat(values[:, None], C, 1)


def assert_exact(forms: Forms, x: np.ndarray, expected: Callable[[int, int], int], line: bool = True) -> None:
    """Hold both forms against ``expected(channel, accumulator)``."""
    want = np.array([[expected(c, int(v)) for c, v in enumerate(row)] for row in x])
    assert forms.threshold is not None
    np.testing.assert_array_equal(forms.threshold.run(x), want)
    assert (forms.requantize is not None) == line
    if forms.requantize is not None:
        np.testing.assert_array_equal(forms.requantize.run(x), want)
    low, high = forms.threshold.range((x.min(0), x.max(0)))
    np.testing.assert_array_equal(low, want.min(0))
    np.testing.assert_array_equal(high, want.max(0))


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO", "UP", "HALF_UP", "HALF_DOWN"])
@pytest.mark.parametrize(
    ("bits", "signed", "zero", "narrow"), [(4, 1, 0, 0), (4, 0, 0, 0), (3, 1, 0, 1), (4, 0, 2, 1), (2, 1, 1, 0)]
)
def test_every_rounding_mode_and_clamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, bits: int, signed: int, zero: int, narrow: int
) -> None:
    """Power-of-two scales put a quarter of all accumulators exactly on a boundary of some mode."""
    forms, x = compile_segment(
        tmp_path, monkeypatch, lambda n, t: n.quant(t, 0.5, bits, signed, zero, mode, narrow), bits=7, scale=0.125
    )
    # Where the clamp hides it, one line may still not fit rounding to zero, which is flatter around zero.
    want = lambda c, v: exact_quant(v * exact(0.125), 0.5, bits, signed, zero, mode, narrow)  # noqa: E731
    assert_exact(forms, x, want, line=forms.requantize is not None)
    assert forms.requantize is not None or mode in ("ROUND_TO_ZERO", "UP", "HALF_UP", "HALF_DOWN", "ROUND")


@pytest.mark.parametrize(("bits", "signed"), [(2, 0), (4, 0), (4, 1), (8, 1), (12, 1)])
def test_batch_normalization_with_gammas_of_both_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: int, signed: int
) -> None:
    step = 9.0 / 2**bits
    forms, x = compile_segment(tmp_path, monkeypatch, lambda n, t: n.quant(bn(n, t), step, bits, signed))
    assert forms.threshold is not None
    assert forms.threshold.descending.tolist() == [False, True, False, True]
    assert_exact(forms, x, lambda c, v: exact_quant(bn_exact(c, v * exact(0.01)), step, bits, signed))


def test_gamma_zero_gives_a_constant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gamma = f32(0, 1, 0, -1)
    beta = f32(0.25, 0, 0.75, 0)  # 0.25 / 0.5 and 0.75 / 0.5 are ties

    def expected(c: int, v: int) -> int:
        y = v * exact(0.01) * exact(gamma[c]) / root(1 + exact(1e-5)) + exact(beta[c])
        return exact_quant(y, 0.5, 4, 1)

    forms, x = compile_segment(
        tmp_path, monkeypatch, lambda n, t: n.quant(n.bn(t, gamma, beta, np.zeros(C), np.ones(C)), 0.5, 4)
    )
    assert_exact(forms, x, expected)


def test_one_quantizer_sees_the_floats_and_another_their_relu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Relu feeding two quantizers: each compiles its own segment from the same accumulator."""
    net = Net((1, C))
    y = net.op("Relu", bn(net, net.quant("x", 0.01, 10)))
    a, b = net.quant(y, 0.25, 4, 0), net.quant(y, 0.5, 4, 1)
    graph, _ = ingest(net.save(net.op("Add", a, b), tmp_path / "m.onnx"), "m")
    x = np.repeat(np.arange(-512, 512)[:, None], C, 1)
    trace = graph.trace(x)
    for name, scale, signed in ((a, 0.25, 0), (b, 0.5, 1)):
        want = [
            [exact_quant(max(bn_exact(c, v * exact(0.01)), Fraction(0)), scale, 4, signed) for c in range(C)]
            for v in range(-512, 512)
        ]
        np.testing.assert_array_equal(trace[name], want)
    assert graph.tail.scale.tolist() == [0.25] * C  # 0.25 a + 0.5 b = 0.25 (a + 2 b)


def test_negative_and_saturating_factors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factor, shift = f32(1, -1, 1e3, 1e-4), f32(0, 0, -2, 50)

    def expected(c: int, v: int) -> int:
        y = max((exact(0.3) - v * exact(0.01) * exact(factor[c])) + exact(shift[c]), Fraction(0))
        return exact_quant(y, 0.37, 4, 0)

    def chain(net: Net, x: str) -> str:
        y = net.op("Sub", net.const(0.3), net.op("Mul", x, net.const(factor)))
        return net.quant(net.op("Relu", net.op("Add", y, net.const(shift))), 0.37, 4, 0)

    forms, x = compile_segment(tmp_path, monkeypatch, chain)
    assert_exact(forms, x, expected)


def test_quantizer_with_a_negative_scale_in_one_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scale = f32(0.3, -0.3, 0.5, 1)
    forms, x = compile_segment(tmp_path, monkeypatch, lambda n, t: n.quant(t, scale[None], 4))
    assert_exact(forms, x, lambda c, v: exact_quant(v * exact(0.01), scale[c], 4, 1))


def test_levels_cut_by_a_clip_in_one_channel_need_thresholds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """max(x, 0) * factor + shift floors each channel at another level: no clamp common to all does that."""
    shift = f32(0, 1, 2, -1)

    def expected(c: int, v: int) -> int:
        return exact_quant(max(v * exact(0.01), Fraction(0)) + exact(shift[c]), 0.25, 4, 1)

    forms, x = compile_segment(
        tmp_path, monkeypatch, lambda n, t: n.quant(n.op("Add", n.op("Relu", t), n.const(shift)), 0.25, 4)
    )
    assert_exact(forms, x, expected, line=False)


def test_clip_before_the_quantizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def expected(c: int, v: int) -> int:
        y = min(max(bn_exact(c, v * exact(0.01)), exact(-0.5)), exact(1.1))
        return exact_quant(y, 0.11, 5, 1)

    def chain(net: Net, x: str) -> str:
        return net.quant(net.op("Clip", bn(net, x), net.const(-0.5), net.const(1.1)), 0.11, 5)

    forms, x = compile_segment(tmp_path, monkeypatch, chain)
    assert_exact(forms, x, expected)


def test_ties_that_float64_cannot_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Factors whose product is exactly 1.5: every odd accumulator is a tie, and float64's product is not exact."""
    third = np.float32(1) / np.float32(3)
    a, b = np.float32(0.1), np.float32(0.7)

    def expected(c: int, v: int) -> int:
        y = v * exact(a) * exact(third) * exact(b) / exact(third) / exact(b) * 3
        return exact_quant(y, np.float32(2) * a, 6, 1)

    def chain(net: Net, x: str) -> str:
        y = net.op("Mul", net.op("Mul", x, net.const(third)), net.const(b))
        y = net.op("Mul", net.op("Div", net.op("Div", y, net.const(third)), net.const(b)), net.const(3))
        return net.quant(y, np.float32(2) * a, 6)

    monkeypatch.setattr(staircase, "build", spy := Spy(staircase.build))
    forms, x = compile_segment(tmp_path, monkeypatch, chain, bits=6, scale=float(a))
    assert_exact(forms, x, expected, line=forms.requantize is not None)
    assert spy.last.decided_exactly > 10
    assert spy.last.margin == 0


def test_batch_normalization_with_a_rational_root_decides_ties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sqrt(0.1875 + 0.0625) = 1/2 exactly, so the ties are exact as well."""

    def expected(c: int, v: int) -> int:
        return exact_quant(v * exact(0.1) * 2 * exact(3), np.float32(0.4), 7, 1)

    def chain(net: Net, x: str) -> str:
        y = net.bn(x, np.full(C, 3), np.zeros(C), np.zeros(C), np.full(C, 0.1875), epsilon=0.0625)
        return net.quant(y, np.float32(0.4), 7)

    forms, x = compile_segment(tmp_path, monkeypatch, chain, bits=6, scale=0.1)
    assert_exact(forms, x, expected, line=forms.requantize is not None)


class Spy:
    """Keeps the last staircase."""

    def __init__(self, build: Callable[..., staircase.Staircase]) -> None:
        self.build = build

    def __call__(self, *arguments: object) -> staircase.Staircase:
        self.last = self.build(*arguments)
        return self.last


def test_near_ties_are_all_accumulators_within_the_distance(tmp_path: Path) -> None:
    net = Net((1, C))
    y = net.quant(bn(net, net.quant("x", 0.01, 10)), 0.2, 4)
    _, report = ingest(net.save(y, tmp_path / "m.onnx"), "m", tie_distance=0.02)
    want = set()
    smallest = Fraction(1)
    for c in range(C):
        for v in range(-512, 512):
            real = bn_exact(c, v * exact(0.01)) / exact(0.2)
            distance = min(abs(real - Fraction(2 * k - 1, 2)) for k in range(-7, 8))
            smallest = min(smallest, distance)
            if distance <= exact(0.02):
                want.add((c, v))
    (segment,) = report.segments
    assert {(t.channel, v) for t in segment.near_ties for v in range(t.first, t.last + 1)} == want
    assert want
    assert segment.margin == pytest.approx(float(smallest), rel=1e-6)
    assert all(segment.is_near_tie(c, v) for c, v in want)
    assert not segment.is_near_tie(0, next(v for v in range(512) if (0, v) not in want))


@pytest.mark.parametrize("seed", range(30))
def test_the_shift_is_the_smallest_and_none_means_none(seed: int) -> None:
    """Brute force over all small multipliers and shifts, on staircases from random monotone steps."""
    rng = np.random.default_rng(seed)
    span, count = 24, int(rng.integers(1, 6))
    slope = rng.uniform(0.05, 0.6)
    exact_line = seed % 2
    z = np.arange(-span // 2, span // 2)
    y = np.clip(np.floor(slope * z + rng.uniform(-1, 1)), 0, count) if exact_line else None
    steps = (
        np.array([[int(z[0]) + int((y < k).sum()) for k in range(1, count + 1)]])
        if y is not None
        else np.sort(rng.integers(z[0], z[-1] + 2, (1, count)), axis=1)
    )
    stairs = staircase.Staircase(
        descending=np.array([False]),
        low=z[:1],
        high=z[-1:],
        steps=steps,
        values=np.arange(1, count + 1),
        base=0,
        margin=1.0,
        decided_exactly=0,
        near_ties=(),
    )
    want = (z[:, None] >= steps[0]).sum(1)
    low, high = int(want.min()), int(want.max())

    def fits(shift: int) -> bool:
        largest = (count + 2) << shift
        offsets = np.arange(-largest * (span // 2 + 1), largest * (span // 2 + 1))
        for m in range(largest + 1):
            made = np.clip((z[None] * m + offsets[:, None]) >> shift, low, high)
            if (made == want).all(1).any():
                return True
        return False

    brute = next((n for n in range(4) if fits(n)), None)
    line = requantizer.fit(stairs)
    if brute is None:
        assert line is None or line.shift >= 4
    else:
        assert line is not None
        assert line.shift == brute
    if line is not None:
        made = np.clip((z * line.multiplier + line.offset) >> line.shift, line.low, line.high)
        np.testing.assert_array_equal(made, want)


def test_thresholds_up_to_two_bits_else_the_requantizer(tmp_path: Path) -> None:
    for bits, kind in ((1, Threshold), (2, Threshold), (3, Requantize), (8, Requantize)):
        net = Net((1, C))
        graph, _ = ingest(net.save(net.quant(net.quant("x", 0.01, 10), 8 / 2**bits, bits, 0), tmp_path / "m.onnx"), "m")
        assert isinstance(graph.operators[-1], kind)


def test_bipolar_output_is_minus_one_or_one_held_in_one_bit(tmp_path: Path) -> None:
    for kind in ("Quant", "BipolarQuant"):
        net = Net((1, C))
        y = bn(net, net.quant("x", 0.01, 10))
        bipolar = (
            net.quant(y, 1.0, 1)
            if kind == "Quant"
            else net.op(kind, y, net.const(1.0), domain="qonnx.custom_op.general")
        )
        graph, _ = ingest(net.save(bipolar, tmp_path / "m.onnx"), "m")
        x = np.repeat(np.arange(-512, 512)[:, None], C, 1)
        want = [[1 if bn_exact(c, v * exact(0.01)) >= 0 else -1 for c in range(C)] for v in range(-512, 512)]
        np.testing.assert_array_equal(2 * graph.run(x) - 1, want)
        np.testing.assert_array_equal(graph.tail.run(graph.run(x)), want)
        assert graph.tensors[graph.output].bits == 1


def test_a_wide_accumulator_is_exact_at_both_sides_of_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30 bits cannot be enumerated: the thresholds and their neighbours must fall as rational arithmetic says."""
    forms, net = Forms(monkeypatch), Net((1, C))
    ingest(net.save(net.quant(bn(net, net.quant("x", 1e-8, 30)), 0.1, 8), tmp_path / "m.onnx"), "m")
    assert forms.threshold is not None and forms.requantize is not None
    rows = forms.threshold.thresholds[:, ::16]
    for c, row in enumerate(rows):
        for t in row.tolist():
            x = np.clip(np.repeat(np.arange(t - 2, t + 2)[:, None], C, 1), -(2**29), 2**29 - 1)
            want = [exact_quant(bn_exact(c, int(v) * exact(1e-8)), 0.1, 8, 1) for v in x[:, c]]
            assert forms.threshold.run(x)[:, c].tolist() == want
            assert forms.requantize.run(x)[:, c].tolist() == want
