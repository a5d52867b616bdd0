"""What the manifest says of a head by thresholds."""

from __future__ import annotations

import json

import numpy as np

from codesign.graph import Head


def test_thresholds_in_json_make_the_same_integers() -> None:
    """A reader with numpy alone: count what x, or -x, reaches; a threshold that nothing reaches stays so."""
    thresholds = np.array([[-0.5, 0.1, 0.7], [0.2, 0.3, np.inf]], np.float32)
    head = Head((2, 3), (1, 0), np.ones(1), np.zeros(1), -1, 2, "FLOOR", False, thresholds, np.array([False, True]))
    text = json.dumps(head.record(), allow_nan=False)
    read = json.loads(text)
    x = np.array([[-0.5, 0.1, 3e38], [-0.2, -0.30000001, -3e38]], np.float32)
    rows = np.array(read["thresholds"])
    oriented = np.where(np.array(read["descending"])[:, None], -x, x)
    made = read["low"] + (oriented[:, :, None] >= rows[:, None, :]).sum(-1)
    np.testing.assert_array_equal(made.T, head.run(x[None])[0])
    assert made.tolist() == [[0, 1, 2], [0, 1, 1]]
