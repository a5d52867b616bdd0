"""Preprocessing: the same action seen from elsewhere, by a bigger body, gives the same input."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data import synthetic
from quant.data.layouts import FLORENCE15, KINECT1, KINECT2, LAYOUTS, Layout
from quant.data.preprocess import (
    bridge,
    coordinate_mean,
    heading,
    inputs,
    kinect2_inputs,
    padded,
    preprocess,
    resample,
    turn,
)
from quant.data.sequences import Sequences, seen

J = KINECT1.index


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


def body_of(layout: Layout, sequence: np.ndarray) -> np.ndarray:
    """A Kinect v1 sequence as another layout would show it, joints that it lacks at their nearest neighbours'."""
    if layout is KINECT2:
        return sequence[:, list(KINECT1.kinect2)]
    named = {"neck": "shoulder_center"}
    return sequence[:, [J[named.get(joint, joint)] for joint in layout.joints]]


def test_kinect1_is_the_formula_the_weights_were_trained_with() -> None:
    """To the bit: heading in the sequence's float32, all else in float64."""
    s = synthetic.sequence(3, np.random.default_rng(7))
    across = s[:, [12, 4]] - s[:, [16, 8]]
    angle = np.arctan2(across.mean(axis=(0, 1))[2], across.mean(axis=(0, 1))[0]).item()
    c, d = np.cos(angle), np.sin(angle)
    body = s.astype(np.float64) @ np.array([[c, 0.0, -d], [0.0, 1.0, 0.0], [d, 0.0, c]])
    torso = np.median(np.linalg.norm(body[:, 2] - body[:, 0], axis=1))
    centred = body - body[:, :1]
    centred[:, 0] = body[:, 0] - body[0, 0]
    centred /= torso
    at = np.linspace(0, len(s) - 1, 64)
    low = np.floor(at).astype(int)
    high, part = np.minimum(low + 1, len(s) - 1), (at - low)[:, None, None]
    expected = (centred[low] * (1 - part) + centred[high] * part).reshape(64, 60).T.astype(np.float32)
    assert (preprocess(s) == expected).all()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_is_turned_centred_and_scaled(sequence: np.ndarray, layout: Layout) -> None:
    body = body_of(layout, sequence)
    x = preprocess(1.4 * turn(body, 0.8) + [0.3, 0.1, -0.5], layout=layout)
    assert x.shape == (3 * len(layout.joints), 64)
    np.testing.assert_allclose(x, preprocess(body, layout=layout), atol=1e-4)
    joints = x.reshape(len(layout.joints), 3, 64).transpose(2, 0, 1).astype(np.float64)
    assert abs(heading(joints, layout)) < 1e-3
    assert np.abs(joints[0, layout.hip]).max() == 0.0, "the path starts at zero"
    joints[:, layout.hip] = 0.0
    top, bases = layout.torso
    torso = np.linalg.norm(joints[:, top] - joints[:, bases].mean(axis=1), axis=1)
    assert np.median(torso) == pytest.approx(1.0, abs=0.05)


def test_walkers_path_is_kept_in_every_layout(sequence: np.ndarray) -> None:
    for layout in LAYOUTS.values():
        x = preprocess(body_of(layout, sequence), layout=layout).reshape(len(layout.joints), 3, 64)
        assert x[layout.hip, 2, -1] > 1.5


def test_frames_without_a_body_are_bridged(sequence: np.ndarray) -> None:
    straight = np.linspace(sequence[0], sequence[0] + [0.5, 0.0, 0.25], 20).astype(np.float32)
    gaps = straight.copy()
    gaps[[0, 7, 8, 9, 15]] = 0.0
    filled = bridge(gaps, seen(gaps)[:, 0])
    np.testing.assert_allclose(filled[1:], straight[1:], atol=1e-5)
    assert (filled[0] == filled[1]).all(), "held at the ends"
    np.testing.assert_allclose(preprocess(gaps, 20)[3:, 1:], preprocess(straight, 20)[3:, 1:], atol=1e-4)


def two(sequence: np.ndarray) -> np.ndarray:
    one = body_of(KINECT2, sequence)
    return np.concatenate([one, one + np.array([0.7, 0.0, 0.2])], axis=1).astype(np.float32)


def test_second_body_keeps_its_place_beside_the_first(sequence: np.ndarray) -> None:
    pair = two(sequence)
    x = preprocess(pair, 30, layout=KINECT2, bodies=2)
    y = preprocess(1.2 * turn(pair, 0.5), 30, layout=KINECT2, bodies=2)
    assert x.shape == (150, 30)
    np.testing.assert_allclose(x, y, atol=1e-4)
    np.testing.assert_array_equal(x[:75], preprocess(pair[:, :25], 30, layout=KINECT2))
    apart = (x[75:] - x[:75]).reshape(25, 3, 30)[1:]
    np.testing.assert_allclose(apart, np.broadcast_to(apart[:1, :, :1], apart.shape), atol=1e-4)
    torso = np.median(np.linalg.norm(pair[:, 20] - pair[:, 0], axis=1))
    assert np.linalg.norm(apart[0, :, 0]) == pytest.approx(np.hypot(0.7, 0.2) / torso, rel=1e-3)


def test_a_body_that_is_away_is_zeros(sequence: np.ndarray) -> None:
    pair = two(sequence)
    away, nobody = pair.copy(), pair.copy()
    away[:5, 25:] = 0.0
    t = len(pair)
    x, full = (preprocess(p, t, layout=KINECT2, bodies=2) for p in (away, pair))
    assert not x[75:, :5].any()
    np.testing.assert_array_equal(x[75:, 5:], full[75:, 5:])
    np.testing.assert_array_equal(x[:75], full[:75])
    nobody[5] = 0.0
    y = preprocess(nobody, t, layout=KINECT2, bodies=2)
    assert not y[75:, 5].any()
    np.testing.assert_allclose(y[3:75, 5], (y[3:75, 4] + y[3:75, 6]) / 2, atol=1e-5)
    first_away = pair.copy()
    first_away[2, :25] = 0.0
    z = preprocess(first_away, t, layout=KINECT2, bodies=2)
    assert not z[:75, 2].any()
    assert z[75:, 2].any()


def test_only_the_second_body_there(sequence: np.ndarray) -> None:
    pair = two(sequence)
    pair[:, :25] = 0.0
    x = preprocess(pair, 30, layout=KINECT2, bodies=2)
    np.testing.assert_array_equal(x[75:], preprocess(pair[:, 25:], 30, layout=KINECT2))
    assert not x[:75].any()


def test_whole_data_sets(sequence: np.ndarray) -> None:
    frames = tuple(body_of(FLORENCE15, s) for s in (sequence, sequence[:9]))
    data = Sequences(frames, np.array([0, 0]), np.array([1, 2]), ("walk",), FLORENCE15)
    x = inputs(data, 32)
    assert x.shape == (2, 45, 32)
    np.testing.assert_array_equal(x[1], preprocess(frames[1], 32, layout=FLORENCE15))
    large = kinect2_inputs(data)
    assert large.shape == (2, 150, 300)
    np.testing.assert_array_equal(large[:, 9:12], inputs(data, 300)[:, :3])  # the head
    assert not large[:, 75:].any()


def test_padded_is_metres_less_the_mean_then_zeros(sequence: np.ndarray) -> None:
    pair = two(sequence)
    data = Sequences((pair, pair[:7]), np.array([0, 0]), np.array([1, 2]), ("walk",), KINECT2, bodies=2)
    assert coordinate_mean(data, np.array([1])) == pytest.approx(pair[:7].mean(), abs=1e-6)
    x = padded(pair, 0.5)
    assert x.shape == (150, 300)
    np.testing.assert_allclose(x[3 * 28 + 1, : len(pair)], pair[:, 28, 1] - 0.5, atol=1e-6)
    assert not x[:, len(pair) :].any()
    with pytest.raises(UserError, match="It has 301 frames, but the input has 300: resample it"):
        padded(np.ones((301, 50, 3)), 0.0, name="It")
