"""Media and sides, against what is known of them; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave.assembly import ABSORBING, DIRICHLET, NEUMANN, SIDES, assemble, load
from quant.data.wave.newmark import EXPLICIT, IMPLICIT, Newmark
from quant.data.wave.problems import Source

OPEN = {"left": ABSORBING, "right": ABSORBING, "bottom": NEUMANN, "top": NEUMANN}


@pytest.mark.parametrize("beta", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("beyond", [0.5, 2.0])
def test_an_interface_reflects_what_it_must(beta: float, beyond: float) -> None:
    """A pulse from speed 1 into another: (1 - c) / (1 + c) of it comes back, 2 / (1 + c) goes on."""
    x, y = np.linspace(0, 1, 201), np.array([0, 0.005])
    system = assemble(x, y, lambda at: np.where(at[0] < 0.5, 1.0, beyond), OPEN, lumped=beta == EXPLICIT)
    at = system.points[0]
    pulse = np.exp(-((at - 0.25) ** 2) / 0.002)
    method = Newmark(system, 0.0015, beta)
    state = method.start(pulse, 1000 * (at - 0.25) * pulse)
    for _ in range(260):
        state = method.advance(state)
    back, on = state.u[at < 0.5], state.u[at > 0.5]
    reflected = back[np.abs(back).argmax()]
    assert reflected == pytest.approx((1 - beyond) / (1 + beyond), rel=0.03)
    assert on.max() == pytest.approx(2 / (1 + beyond), rel=0.03)


def test_matrices_integrate_what_they_stand_for() -> None:
    """With u = v = 1 the mass is the area and the damping is c times the absorbing length; u = x gives c^2 area."""
    x, y = np.linspace(0.2, 0.8, 7), np.linspace(0, 0.5, 6)
    kinds = {"left": ABSORBING, "right": NEUMANN, "bottom": ABSORBING, "top": DIRICHLET}
    for degree, lumped in ((1, False), (1, True), (2, False)):
        system = assemble(x, y, lambda at: np.full(at.shape[1:], 3.0), kinds, degree, lumped)
        one, across = np.ones(system.mass.shape[0]), system.points[0]
        assert one @ system.mass @ one == pytest.approx(0.6 * 0.5)
        assert one @ system.damping @ one == pytest.approx(3 * (0.6 + 0.5))
        assert across @ system.stiffness @ across == pytest.approx(9 * 0.6 * 0.5)
        assert set(system.points[1, system.fixed]) == {0.5}


def test_a_source_has_integral_one() -> None:
    lines = np.linspace(0, 1, 65)
    system = assemble(lines, lines, lambda at: np.ones(at.shape[1:]), OPEN)
    assert load(system.basis, Source((0.4, 0.6), 2, 1, 1).density).sum() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_speeds_must_be_positive(bad: float) -> None:
    lines = np.linspace(0, 1, 9)
    with pytest.raises(UserError, match=rf"wave speed is {bad:g} at \(.*\): it must be positive and finite"):
        assemble(lines, lines, lambda at: np.where(at[0] > 0.8, bad, 1.0), OPEN)


@pytest.mark.parametrize(("sides", "degree", "lumped", "words"), [
    ({**OPEN, "top": "open"}, 1, False, "top side is 'open': it must be one of dirichlet, neumann, absorbing"),
    ({"left": NEUMANN}, 1, False, "right side is None"),
    (dict.fromkeys(SIDES, NEUMANN), 3, False, "degree 3 are not there: use 1 or 2"),
    (dict.fromkeys(SIDES, NEUMANN), 2, True, "degree 2 with lumped mass are not there: use 1"),
])  # fmt: skip
def test_refused(sides: dict[str, str], degree: int, lumped: bool, words: str) -> None:
    with pytest.raises(UserError, match=words):
        assemble(np.linspace(0, 1, 5), np.linspace(0, 1, 5), lambda at: np.ones(at.shape[1:]), sides, degree, lumped)
