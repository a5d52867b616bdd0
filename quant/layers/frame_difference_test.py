"""The frame-difference net sees what moves, and nothing else."""

from __future__ import annotations

import torch
from torch import Tensor

from quant.layers.frame_difference import FrameDifferenceNet
from quant.layers.pose_net import FINE_BITS, FINE_LIMIT
from quant.layers.quantizers import Quantizers
from quant.layers.temporal_shape import TemporalShape

SMALL = TemporalShape(frames=13, inputs=6, widths=(4, 8), kernel=4, classes=3)
STEP = FINE_LIMIT / 2 ** (FINE_BITS - 1)


def net_and_input(quantized: bool) -> tuple[FrameDifferenceNet, Tensor]:
    torch.manual_seed(0)
    net = FrameDifferenceNet(SMALL, Quantizers(quantized))
    x = torch.randn(8, 6, 13).cumsum(2) / 4
    for _ in range(30):
        net(x)
    return net.eval(), x


def test_a_pose_that_is_added_to_all_frames_changes_nothing() -> None:
    net, x = net_and_input(quantized=True)
    x = x.clamp(-4, 4)
    pose = torch.randint(-700, 700, (8, 6, 1)) * STEP  # whole steps, and far from the input's limits
    assert (net(x) == net(x + pose)).all()
    assert (net(x) != net(-x)).any()


def test_differences_are_of_neighbours_forwards_in_time() -> None:
    net, x = net_and_input(quantized=False)
    seen: list[Tensor] = []
    net.tower.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    net(x)
    torch.testing.assert_close(seen[0], torch.diff(x, dim=2))
