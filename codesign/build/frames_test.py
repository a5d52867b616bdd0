"""The frames of a verification, down to a single one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.build import BuildConfig
from codesign.build.frames import frames
from codesign.cli.check import load
from codesign.errors import UserError
from codesign.ingest import ingest_model

PRESET = "skeleton-tiny"


def test_a_single_frame_is_random_and_the_inputs_are_judged_all_the_same(tmp_path: Path) -> None:
    graph, _ = ingest_model(load(PRESET), PRESET)
    tensor = graph.tensors[graph.input]
    one, more = (frames(BuildConfig(PRESET, "zcu104", tmp_path, seed=3), graph, count) for count in (1, 4))
    assert one.shape == (1, *tensor.shape) and one.dtype == np.int64
    assert (one >= tensor.low).all() and (one <= tensor.high).all() and len(np.unique(one)) > 3
    np.testing.assert_array_equal(one[0], more[0])
    with pytest.raises(UserError, match=r"nowhere\.npy could not be read"):
        frames(BuildConfig(PRESET, "zcu104", tmp_path, inputs=tmp_path / "nowhere.npy"), graph, 1)
