"""Layouts: trees of bones, parts that share out the joints, mirrors, and the way to Kinect v2."""

from __future__ import annotations

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.layouts import FLORENCE15, KINECT1, KINECT2, LAYOUTS, PARTS, Layout, layout

ALL = pytest.mark.parametrize("one", LAYOUTS.values(), ids=LAYOUTS)


def test_by_name() -> None:
    assert [layout(name) for name in ("kinect1", "kinect2", "florence15")] == [KINECT1, KINECT2, FLORENCE15]
    with pytest.raises(
        UserError, match=r"no skeleton layout 'kinect3'; the layouts are kinect1, kinect2, florence15\."
    ):
        layout("kinect3")


def test_sizes() -> None:
    assert [len(one.joints) for one in LAYOUTS.values()] == [20, 25, 15]


@ALL
def test_bones_are_a_tree(one: Layout) -> None:
    reached = {one.bones[0][0]}
    for _ in one.bones:
        reached |= {b for a, b in one.bones if a in reached}
    assert reached == set(range(len(one.joints)))
    assert len(one.bones) == len(one.joints) - 1


@ALL
def test_parts_hold_every_joint_once_and_lie_on_their_side(one: Layout) -> None:
    assert sorted(joint for part in one.parts for joint in part) == list(range(len(one.joints)))
    for name, part in zip(PARTS, one.parts, strict=True):
        sides = {side for side in ("left", "right") for joint in part if side in one.joints[joint]}
        assert sides == ({name.split()[0]} if name != PARTS[0] else set())


@ALL
def test_mirror_swaps_sides(one: Layout) -> None:
    mirrored = [one.joints[joint] for joint in one.mirror]
    assert mirrored == [
        n.replace("left", "?").replace("right", "left").replace("?", "right") for n in one.joints
    ]  # fmt: skip
    assert {one.mirror[joint] for joint in one.parts[1]} == set(one.parts[2])


def test_florence_order_is_the_published_one() -> None:
    """Seidenari et al., CVPRW 2013: head, neck, spine, then arms and legs, left before right, outwards."""
    assert FLORENCE15.joints[:6] == ("head", "neck", "spine", "shoulder_left", "elbow_left", "wrist_left")
    assert FLORENCE15.joints[12:] == ("hip_right", "knee_right", "ankle_right")


def test_kinect2_order_is_the_published_one() -> None:
    """Joints 1, 5, 21, 23 and 25 of NTU RGB+D (Shahroudy et al., CVPR 2016, figure 1)."""
    assert [KINECT2.joints[i - 1] for i in (1, 3, 5, 21, 23, 25)] == [
        "spine_base", "neck", "shoulder_left", "spine_shoulder", "thumb_left", "thumb_right",
    ]  # fmt: skip


@ALL
@pytest.mark.parametrize("bodies", [1, 2])
def test_part_channels_share_out_all_channels(one: Layout, bodies: int) -> None:
    parts = one.part_channels(bodies)
    assert len({len(part) for part in parts}) == 1
    used = sorted(channel for part in parts for channel in part if channel >= 0)
    assert used == list(range(3 * bodies * len(one.joints)))


def test_part_channels_have_the_papers_size() -> None:
    assert [len(part) for part in KINECT2.part_channels(2)] == [36] * 5
    assert [len(part) for part in KINECT1.part_channels()] == [12] * 5
    assert [len(part) for part in FLORENCE15.part_channels()] == [9] * 5
    left_leg = KINECT2.part_channels(2)[3]
    assert left_leg[:4] == (36, 37, 38, 39)
    assert left_leg[12:18] == (-1,) * 6
    assert left_leg[18] == 75 + 36


@ALL
def test_kinect2_keeps_names_where_it_can(one: Layout) -> None:
    assert len(one.kinect2) == 25
    for wanted, joint in zip(KINECT2.joints, one.kinect2, strict=True):
        if wanted in one.joints:
            assert one.joints[joint] == wanted
        else:
            assert ("left" in wanted, "right" in wanted) == ("left" in one.joints[joint], "right" in one.joints[joint])


def test_to_kinect2_moves_whole_joints() -> None:
    x = np.random.default_rng(0).normal(size=(45, 7)).astype(np.float32)
    out = FLORENCE15.to_kinect2(x).reshape(2, 25, 3, 7)
    assert out.dtype == np.float32
    assert (out[0, 3] == x[:3]).all()  # the head
    assert (out[0, 19] == x[42:]).all()  # the right foot: its ankle
    assert not out[1].any()
    both = np.random.default_rng(1).normal(size=(150, 4))
    assert (KINECT2.to_kinect2(both) == both).all()
    with pytest.raises(UserError, match="has 2 bodies, but 1 are asked for"):
        KINECT2.to_kinect2(both, bodies=1)
