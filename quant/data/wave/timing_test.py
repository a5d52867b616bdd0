"""What is timed; how long it takes isn't tested."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave.newmark import EXPLICIT, IMPLICIT, Newmark, State
from quant.data.wave.timing import seconds_per_interval


@pytest.mark.parametrize(("model", "beta", "steps", "unknowns"), [
    ("zone", EXPLICIT, None, 23**2), ("zone", IMPLICIT, 2, 23**2), ("whole", EXPLICIT, None, 65**2),
])  # fmt: skip
def test_what_is_timed(
    model: str, beta: float, steps: int | None, unknowns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interval is the horizon: four frames of as many steps; the first repetition is not counted."""
    calls: list[int] = []
    advance = Newmark.advance

    def counted(self: Newmark, state: State, load: np.ndarray, given: State | None) -> State:
        calls.append(1)
        return advance(self, state, load, given)

    monkeypatch.setattr(Newmark, "advance", counted)
    timing = seconds_per_interval("tiny", model, beta, steps, repeats=3)
    assert (timing.steps, timing.unknowns) == (4 * (steps or 7), unknowns)
    assert timing.interval == pytest.approx(4 * 0.06)
    assert len(calls) == 4 * timing.steps
    assert timing.seconds >= timing.least > 0


def test_unknown_names() -> None:
    with pytest.raises(UserError, match="no model 'edge' to time: use one of zone, whole"):
        seconds_per_interval("tiny", "edge")
    with pytest.raises(UserError, match="no size 'huge'"):
        seconds_per_interval("huge")
