"""Preprocessing: the same action seen from elsewhere, by a bigger body, gives the same input."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data import synthetic
from quant.data.preprocess import preprocess, resample, turn
from quant.data.sequences import MIRROR, J


@pytest.fixture
def sequence() -> np.ndarray:
    return synthetic.sequence(0, np.random.default_rng(1))


def test_shape_and_type(sequence: np.ndarray) -> None:
    x = preprocess(sequence)
    assert x.shape == (60, 64)
    assert x.dtype == np.float32


@pytest.mark.parametrize("angle", [0.3, -1.2, 3.0])
def test_heading_does_not_matter(sequence: np.ndarray, angle: float) -> None:
    np.testing.assert_allclose(preprocess(turn(sequence, angle)), preprocess(sequence), atol=1e-4)


def test_place_and_size_do_not_matter(sequence: np.ndarray) -> None:
    np.testing.assert_allclose(preprocess(1.3 * sequence + [0.5, -0.2, 1.0]), preprocess(sequence), atol=1e-4)


def test_torso_has_length_one(sequence: np.ndarray) -> None:
    body = preprocess(sequence).reshape(20, 3, 64)
    assert np.median(np.linalg.norm(body[J["shoulder_center"]], axis=0)) == pytest.approx(1.0, abs=0.05)


def test_hip_centre_carries_the_path(sequence: np.ndarray) -> None:
    walked = preprocess(sequence).reshape(20, 3, 64)[J["hip_center"]]
    assert np.abs(walked[:, 0]).max() == 0.0
    assert walked[2, -1] > 1.5, "who walks goes forward"


def test_resampling_keeps_the_ends_and_is_linear_between() -> None:
    ramp = np.arange(5.0).reshape(5, 1, 1)
    np.testing.assert_allclose(resample(ramp, 9)[:, 0, 0], np.linspace(0, 4, 9))
    assert resample(ramp[:1], 4).ravel().tolist() == [0.0] * 4


def test_one_frame_is_enough(sequence: np.ndarray) -> None:
    assert np.isfinite(preprocess(sequence[:1])).all()


def test_collapsed_skeleton_stays_finite() -> None:
    assert np.isfinite(preprocess(np.ones((3, 20, 3)))).all()


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (np.zeros((0, 20, 3)), "is empty"),
        (np.zeros((4, 25, 3)), "has 25 joints"),
        (np.zeros((4, 20, 2)), r"has shape \[4, 20, 2\]"),
        (np.full((4, 20, 3), np.nan), "frame 0, joint hip_center is not finite"),
    ],
)
def test_bad_sequences_are_refused(bad: np.ndarray, says: str) -> None:
    with pytest.raises(UserError, match=says):
        preprocess(bad, name="Sequence 7")


def test_mirror_swaps_sides() -> None:
    assert MIRROR[J["hand_left"]] == J["hand_right"]
    assert MIRROR[J["head"]] == J["head"]
    assert [MIRROR[i] for i in MIRROR] == list(range(20))
