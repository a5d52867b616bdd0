"""Augmentation changes sequences, repeatably, and only as far as it is told."""

from __future__ import annotations

import torch

from quant.data.sequences import J
from quant.training.augment import Augmentation

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
