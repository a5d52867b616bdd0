"""Random problems and what they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from quant.data.wave import sizes
from quant.data.wave.assembly import KINDS
from quant.data.wave.problems import Ellipse, Problem, Source, random_problem

SIZE = sizes.get("medium")
SOURCE = Source((0.4, 0.5), 2.2, 0.7, -0.8)


def test_a_ricker_pulse_is_the_second_derivative_of_a_gaussian() -> None:
    time, h = np.linspace(0, 1.5, 31), 1e-4
    width = 1 / (np.sqrt(2) * np.pi * SOURCE.frequency)
    bell = [np.exp(-((time + k * h - SOURCE.time) ** 2) / (2 * width**2)) for k in (-1, 0, 1)]
    second = -(width**2) * (bell[0] - 2 * bell[1] + bell[2]) / h**2
    np.testing.assert_allclose(SOURCE.pulse(time), SOURCE.amplitude * second, atol=1e-5)


def test_its_spectrum_has_its_peak_at_the_frequency_and_ends_at_the_bandwidth() -> None:
    step = 0.01
    spectrum = np.abs(np.fft.rfft(SOURCE.pulse(np.arange(-20, 20, step))))
    frequencies = np.fft.rfftfreq(4000, step)
    assert frequencies[spectrum.argmax()] == pytest.approx(SOURCE.frequency, abs=0.03)
    assert spectrum[frequencies > sizes.BANDWIDTH * SOURCE.frequency].max() < 0.035 * spectrum.max()


def test_the_impulse_is_the_mean() -> None:
    for start, end in ((0.6, 0.64), (0.2, 0.9)):
        assert SOURCE.impulse(start, end) == pytest.approx(quad(SOURCE.pulse, start, end)[0] / (end - start), abs=1e-9)


def test_an_ellipse_has_its_area_and_its_axis() -> None:
    ellipse = Ellipse((0.5, 0.4), (0.3, 0.1), np.pi / 6, 2.0)
    line = (np.arange(500) + 0.5) / 500
    at = np.stack(np.meshgrid(line, line))
    assert ellipse.holds(at).mean() == pytest.approx(np.pi * 0.3 * 0.1, rel=0.01)
    tip = np.array(ellipse.centre) + 0.29 * np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    assert ellipse.holds(tip)
    speeds = Problem((Ellipse((0.5, 0.4), (0.4, 0.4), 0, 0.7), ellipse), (), {}).speed(at)
    assert set(np.unique(speeds)) == {0.7, 1.0, 2.0}


def test_problems_differ_and_come_again() -> None:
    """Each from its number alone, within the size's bounds; all kinds of sides occur."""
    problems = [random_problem(SIZE, n) for n in range(60)]
    assert problems[7] == random_problem(SIZE, 7)
    assert len({repr(p) for p in problems}) == 60
    assert {kind for p in problems for kind in p.sides.values()} == set(KINDS)
    speeds = [e.speed for p in problems for e in p.inclusions]
    frequencies = [s.frequency for p in problems for s in p.sources]
    for values, (low, high) in ((speeds, SIZE.speeds), (frequencies, SIZE.frequencies)):
        width = (high - low) / 10
        assert low <= min(values) < low + width < high - width < max(values) <= high
