"""Augmentation changes sequences, repeatably, and only as far as it is told."""

from __future__ import annotations

import pytest
import torch

from quant.data.layouts import KINECT1, KINECT2, LAYOUTS, Layout
from quant.training.augment import Augmentation

J = KINECT1.index
X = torch.randn(5, 60, 64, generator=torch.Generator().manual_seed(0))
NOTHING = Augmentation(rotation=0, scaling=0, crop=0, warp=0, noise=0, mirror=0, drop=0)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_same_seed_same_variant() -> None:
    assert torch.equal(Augmentation()(X, random(3)), Augmentation()(X, random(3)))
    assert not torch.equal(Augmentation()(X, random(3)), Augmentation()(X, random(4)))


def test_without_strength_nothing_changes() -> None:
    torch.testing.assert_close(NOTHING(X, random()), X, atol=1e-4, rtol=0)


def test_rotation_keeps_heights_and_lengths() -> None:
    turned = Augmentation(rotation=1.0, scaling=0, crop=0, warp=0, noise=0, mirror=0, drop=0)(X, random())
    before, after = X.view(5, 20, 3, 64), turned.view(5, 20, 3, 64)
    torch.testing.assert_close(before[:, :, 1], after[:, :, 1], atol=1e-4, rtol=0)
    torch.testing.assert_close(before.norm(dim=2), after.norm(dim=2), atol=1e-4, rtol=0)
    assert (before - after).abs().max() > 0.1


def test_mirroring_twice_is_nothing() -> None:
    mirror = Augmentation(rotation=0, scaling=0, crop=0, warp=0, noise=0, mirror=1.0, drop=0)
    once = mirror(X, random())
    left, right = J["hand_left"], J["hand_right"]
    torch.testing.assert_close(
        once.view(5, 20, 3, 64)[:, left, 0], -X.view(5, 20, 3, 64)[:, right, 0], atol=1e-4, rtol=0
    )
    torch.testing.assert_close(
        once.view(5, 20, 3, 64)[:, left, 1:], X.view(5, 20, 3, 64)[:, right, 1:], atol=1e-4, rtol=0
    )
    torch.testing.assert_close(mirror(once, random()), X, atol=1e-4, rtol=0)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("bodies", [1, 2])
def test_every_layout_and_two_bodies(layout: Layout, bodies: int) -> None:
    joints = len(layout.joints)
    x = torch.randn(4, 3 * bodies * joints, 16, generator=random())
    assert Augmentation(layout, bodies)(x, random(1)).shape == x.shape
    mirror = Augmentation(layout, bodies, rotation=0, scaling=0, crop=0, warp=0, noise=0, mirror=1.0, drop=0)
    before, after = x.view(4, bodies, joints, 3, 16), mirror(x, random()).view(4, bodies, joints, 3, 16)
    for joint, other in (("wrist_left", "wrist_right"), ("knee_right", "knee_left"), ("head", "head")):
        expected = before[:, :, layout.index[other]] * torch.tensor([-1.0, 1.0, 1.0]).view(3, 1)
        torch.testing.assert_close(after[:, :, layout.index[joint]], expected, atol=1e-4, rtol=0)


def test_a_body_that_is_away_stays_away() -> None:
    """Bodies and frames of zeros are no skeletons to be varied: noise must not make one."""
    x = torch.randn(4, 150, 16, generator=random())
    x[:, 75:] = 0.0
    assert not Augmentation(KINECT2, 2)(x, random(1))[:, 75:].any()
    assert Augmentation(KINECT2, 2)(x, random(1))[:, :75].any()
