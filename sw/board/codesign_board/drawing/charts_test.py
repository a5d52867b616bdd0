"""What pictures say, where it is not only seen: who is beaten, what is clipped, and that matplotlib is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import codesign_board
from codesign_board.boundary import Head
from codesign_board.drawing.charts import at_the_ends, pareto


def test_who_is_beaten() -> None:
    latency, accuracy = np.array([3.0, 1.0, 2.0, 2.0, 4.0, 5.0]), np.array([0.8, 0.5, 0.9, 0.7, 0.9, 0.95])
    points = list(zip(latency, accuracy, strict=True))
    front = [
        i for i, (slow, good) in enumerate(points)
        if not any(a <= slow and b >= good and (a, b) != (slow, good) for a, b in points)
    ]  # fmt: skip
    assert list(pareto(latency, accuracy)) == front == [1, 2, 5]
    assert list(pareto(np.ones(2), np.ones(2))) == [0, 1]


def test_a_picture_without_matplotlib_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from codesign_board.drawing import shares\n"
        "from codesign_board.errors import BoardError\n"
        "try: shares({'a': 1.0}, 's', '')\n"
        "except BoardError as error: print(error)"
    )
    beside = {**os.environ, "PYTHONPATH": str(Path(codesign_board.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=beside)
    assert "pip install 'matplotlib>=3.5'" in run.stdout


def head(**options: object) -> Head:
    given = {"model_shape": (2, 3), "axes": (1, 0), "scale": np.array([0.5, 2.0]), "zero_point": np.array([0.0, 1.0])}
    return Head(**{**given, "low": -8, "high": 7, **options})  # type: ignore[arg-type]


def test_what_lies_at_the_ends_of_a_quantizer() -> None:
    """Channel 0 goes from -8 to 7, channel 1, with its zero point 1 taken off, from -9 to 6."""
    values = np.array([[[-8, -9], [7, 6], [-7, 5]], [[6, -8], [0, 7], [-9, 0]]])
    expected = [[[True, True], [True, True], [False, False]], [[False, False], [False, False], [False, False]]]
    assert at_the_ends(head(), values).tolist() == expected
    assert at_the_ends(head(integer=True), values)[0].tolist() == [[True, False], [True, False], [False, False]]
    thresholds = np.array([[-1.0, 0.0, np.inf]], np.float32)
    steps = head(thresholds=thresholds, descending=np.array([False]), low=0)
    assert at_the_ends(steps, np.array([[[0, 1], [2, 3], [1, 2]]])).tolist() == [
        [[True, False], [True, False], [False, True]]
    ]
