"""Generated skeletons: repeatable, of all actions, and of rigid bones."""

from __future__ import annotations

import numpy as np
import pytest

from quant.data import synthetic
from quant.data.layouts import KINECT1

J = KINECT1.index
BONES = [
    ("shoulder_left", "elbow_left"),
    ("elbow_left", "wrist_left"),
    ("hip_right", "knee_right"),
    ("knee_right", "ankle_right"),
    ("hip_center", "shoulder_center"),
]


def test_same_seed_same_data() -> None:
    one, two = synthetic.generate(2, 1, seed=5), synthetic.generate(2, 1, seed=5)
    assert all((a == b).all() for a, b in zip(one.frames, two.frames, strict=True))


def test_other_seed_other_data() -> None:
    one, two = synthetic.generate(1, 1, seed=5), synthetic.generate(1, 1, seed=6)
    assert any(a.shape != b.shape or (a != b).any() for a, b in zip(one.frames, two.frames, strict=True))


def test_every_subject_does_everything() -> None:
    data = synthetic.generate(3, 2)
    assert len(data) == 60
    assert np.bincount(data.labels).tolist() == [6] * 10
    assert sorted(set(data.subjects)) == [1, 2, 3]


@pytest.mark.parametrize("action", range(10))
def test_bones_are_rigid_and_the_body_stands(action: int) -> None:
    body = synthetic.sequence(action, np.random.default_rng(3), noise=0.0).astype(np.float64)
    for start, end in BONES:
        length = np.linalg.norm(body[:, J[end]] - body[:, J[start]], axis=1)
        assert np.ptp(length) < 1e-5, (start, end)
    assert (body[:, J["head"], 1] > body[:, J["foot_left"], 1]).all()


def test_splits_share_no_subject() -> None:
    data = synthetic.generate(6, 1)
    for split in synthetic.splits(data, 4):
        assert not set(data.subjects[split.train]) & set(data.subjects[split.test])
        assert len(split.train) == len(split.test) == 30
