"""Plans of data movement, run on random integers and held to numpy's own movement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from codesign.errors import Reject
from codesign.ingest.movement.factoring import factor
from codesign.ingest.movement.plan import Plan
from codesign.ingest.movement.view import channels_last, still

RNG = np.random.default_rng(1)
SHUFFLE = RNG.permutation(12)
Move = Callable[[np.ndarray], np.ndarray]


def depth_to_space(x: np.ndarray) -> np.ndarray:
    c, h, w = x.shape
    return x.reshape(c // 4, 2, 2, h, w).transpose(0, 3, 1, 4, 2).reshape(c // 4, 2 * h, 2 * w)


def space_to_depth(x: np.ndarray) -> np.ndarray:
    c, h, w = x.shape
    return x.reshape(c, h // 2, 2, w // 2, 2).transpose(2, 4, 0, 1, 3).reshape(c * 4, h // 2, w // 2)


# Of a tensor (C, H, W) = (12, 4, 6): the movement, and the operators that it must become.
CASES: dict[str, tuple[Move, list[str]]] = {
    "nothing": (lambda x: x, []),
    "there and back": (lambda x: space_to_depth(depth_to_space(x)[:, :, :])[depth_back()], []),
    "a row a vector": (lambda x: x.transpose(1, 2, 0).reshape(-1), ["Reshape"]),
    "rows joined": (lambda x: x.reshape(12, 24), ["Reshape"]),
    "a range of channels": (lambda x: x[3:9], ["Slice"]),
    "every second position": (lambda x: x[:, ::2, 1::2], ["Slice"]),
    "one position, one channel": (lambda x: x[2:3, 1:2, 3:4], ["Slice"]),
    "one axis gone": (lambda x: x[:, 2], ["Slice", "Reshape"]),
    "shuffle of groups": (lambda x: x.reshape(3, 4, 4, 6).transpose(1, 0, 2, 3).reshape(12, 4, 6), ["ChannelShuffle"]),
    "any shuffle": (lambda x: x[SHUFFLE], ["ChannelShuffle"]),
    "reversed channels": (lambda x: x[::-1], ["ChannelShuffle"]),
    "some channels in any order": (lambda x: x[SHUFFLE[:5]], ["ChannelShuffle", "Slice"]),
    "a range in another order": (lambda x: x[[5, 3, 4]], ["Slice", "ChannelShuffle"]),
    "nearest": (lambda x: x.repeat(2, 1).repeat(3, 2), ["Upsample"]),
    "shuffle, nearest, slice": (
        lambda x: x[[7, 2, 11, 0]].repeat(2, 2)[:, 1:3],
        ["ChannelShuffle", "Slice", "Upsample"],
    ),
    "nearest, cut in the middle": (lambda x: x.repeat(2, 2)[:, :, 1:11], ["Upsample", "Slice"]),
    "channels in front": (lambda x: x.reshape(-1), ["Transpose", "Reshape"]),
    "channels last": (lambda x: x.transpose(1, 2, 0), ["Transpose"]),
    "height and width": (lambda x: x.transpose(0, 2, 1), ["Transpose"]),
    "pixel shuffle": (depth_to_space, ["Reshape", "Transpose", "Reshape"]),
    "pixel unshuffle": (space_to_depth, ["Reshape", "Transpose", "Reshape"]),
    "shuffle, pixel shuffle": (
        lambda x: depth_to_space(x[SHUFFLE]),
        ["ChannelShuffle", "Reshape", "Transpose", "Reshape"],
    ),
    "mirrored border, transpose": (
        lambda x: np.pad(x, ((0, 0), (0, 0), (2, 0)), mode="reflect").transpose(2, 0, 1),
        ["Slice", "Slice", "Concat", "Transpose"],
    ),
    "mirrored border, flattened": (
        lambda x: np.pad(x, ((0, 0), (1, 2), (0, 0)), mode="reflect").reshape(-1),
        ["Slice", "Slice", "Slice", "Concat", "Transpose", "Reshape"],
    ),
    "some positions twice, flattened": (
        lambda x: x[:, [0, 3, 1]].repeat(2, 1).reshape(-1),
        ["Slice", "Slice", "Concat", "Reshape", "Expand", "Transpose", "Reshape"],
    ),
    "rows of many copies, reversed": (
        lambda x: np.tile(x, (1, 9, 1))[:, ::-1],
        ["Slice", "Slice", "Slice", "Slice", "Concat", "Reshape", "Expand", "Reshape"],
    ),
    "slice, transpose": (lambda x: x[2:6, ::2].transpose(0, 2, 1), ["Slice", "Transpose"]),
    "tokens": (lambda x: x.reshape(12, 24).T, ["Transpose", "Reshape"]),
    "half of the groups": (
        lambda x: x.reshape(3, 4, 4, 6)[:, 1:3].transpose(1, 0, 2, 3).reshape(6, 4, 6),
        ["ChannelShuffle", "Slice"],
    ),
    "repeated frame": (lambda x: np.broadcast_to(x[None], (5, 12, 4, 6)).reshape(60, 4, 6), ["Concat"]),
    "repeated channels": (lambda x: x.repeat(2, 0), ["Reshape", "Expand", "Reshape"]),
    "tiled width": (lambda x: np.tile(x, (1, 1, 3)), ["Concat"]),
    "reflected": (lambda x: np.pad(x, [(0, 0), (0, 0), (2, 1)], "reflect"), [*["Slice"] * 3, "Concat"]),
    "edges": (
        lambda x: np.pad(x, [(0, 0), (1, 2), (0, 0)], "edge"),
        ["Slice", "Expand", "Slice", "Slice", "Expand", "Concat"],
    ),
    "channels chosen without a pattern": (lambda x: x[np.random.default_rng(0).integers(0, 12, 50)], ["MatMul"]),
    "channels of several parts": (
        lambda x: x[[0, 1, 2, 7, 11, 3, 4, 11, 11, 8, 9, 11, 5, 6, 11, 11, 10, 11, 0, 11]],
        ["MatMul"],
    ),
    "a vector over positions": (lambda x: np.broadcast_to(x[:, :1, :1], x.shape), ["Slice", "Expand"]),
}


def depth_back() -> np.ndarray:
    return np.arange(12).reshape(4, 3).T.reshape(-1)


def run(plan: Plan, x: np.ndarray) -> tuple[np.ndarray, list[str]]:
    values, kinds = {-1: x}, []
    for index in plan.emitted():
        operator = plan.moves[index].make(("",) * len(plan.moves[index].reads), "")
        values[index] = operator.run(*(values[r] for r in plan.moves[index].reads))
        assert values[index].shape[1:] == plan.moves[index].shape
        kinds.append(type(operator).__name__)
    return values[plan.at], kinds


@pytest.mark.parametrize("case", CASES)
def test_a_plan_moves_as_numpy_does(case: str) -> None:
    move, kinds = CASES[case]
    x = RNG.integers(-(2**20), 2**20, (2, 12, 4, 6))
    plan = factor(channels_last(move(still((12, 4, 6)))), (4, 6, 12))
    found, used = run(plan, np.moveaxis(x, 1, -1))
    want = np.stack([channels_last(move(frame)) for frame in x])
    np.testing.assert_array_equal(found, want)
    assert used == kinds


def test_random_movements_in_a_row() -> None:
    """Any two or three of the movements, one on the other: right, or refused."""
    moves: list[Move] = [
        lambda x: x[:, ::2],
        lambda x: x[1:],
        lambda x: x[RNG.permutation(len(x))],
        lambda x: x.repeat(2, 1),
        lambda x: x.repeat(3, 2)[:, :, 1:],
        lambda x: x.transpose(2, 0, 1),
        lambda x: x.transpose(0, 2, 1),
        depth_to_space,
        space_to_depth,
        lambda x: x.reshape(x.shape[0] // 2, 2, *x.shape[1:])[:, 1],
        lambda x: np.broadcast_to(x[:1], x.shape),
    ]
    refused = 0
    for _ in range(400):
        index = still((8, 4, 4))
        for choice in RNG.integers(0, len(moves), RNG.integers(1, 4)):
            try:
                index = moves[choice](index)
            except ValueError:  # a shape that this one cannot take
                continue
        x = RNG.integers(0, 2**20, (1, 4, 4, 8))
        try:
            found, _ = run(factor(channels_last(index), (4, 4, 8)), x)
        except Reject:
            refused += 1
            continue
        np.testing.assert_array_equal(found[0], x.reshape(-1)[channels_last(index)])
    assert refused < 40
