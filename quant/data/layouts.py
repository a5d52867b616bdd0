"""Skeleton layouts: which joints a sensor reports, in which order, and how they hang together.

Left and right are the person's own. A layout is told by name (`layout("kinect1")`), as results and files keep it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from codesign.errors import UserError

PARTS = ("torso and head", "left arm", "right arm", "left leg", "right leg")


@dataclass(frozen=True)
class Layout:
    """The joints of one body, by index into `joints`.

    joints     their names, in the order of the data
    bones      pairs of joints, a tree: what is drawn between
    parts      five tuples of joints, as in `PARTS`; together every joint once
    hip        the joint that each frame is centred on
    torso      (top, bases): the torso is as long as `top` is from the middle of `bases`
    hips       (left, right)
    shoulders  (left, right)
    kinect2    for each joint of Kinect v2 the joint that stands in for it
    """

    name: str
    joints: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    parts: tuple[tuple[int, ...], ...]
    hip: int
    torso: tuple[int, tuple[int, ...]]
    hips: tuple[int, int]
    shoulders: tuple[int, int]
    kinect2: tuple[int, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """The index of each joint's name."""
        return {name: index for index, name in enumerate(self.joints)}

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """The same person seen in a mirror: joint i of the mirrored skeleton is joint mirror[i] of the original."""
        swap = {"left": "right", "right": "left"}
        return tuple(self.index["_".join(swap.get(word, word) for word in name.split("_"))] for name in self.joints)

    def part_channels(self, bodies: int = 1) -> tuple[tuple[int, ...], ...]:
        """Channels (3 * joint + axis) of each part, body by body, in parts of one size; -1 is a channel of zeros.

        Kinect v2 with two bodies gives 5 x 36, the body-part net's input of Ensem-NN (arXiv 1801.02475).
        """
        size = 3 * max(map(len, self.parts))

        def channels(part: tuple[int, ...], body: int) -> list[int]:
            own = [3 * (body * len(self.joints) + joint) + axis for joint in part for axis in range(3)]
            return own + [-1] * (size - len(own))

        return tuple(tuple(c for body in range(bodies) for c in channels(part, body)) for part in self.parts)

    def to_kinect2(self, x: np.ndarray, bodies: int = 2) -> np.ndarray:
        """[3 * joints, frames] of one or more bodies -> [75 * bodies, frames], missing bodies zero."""
        body = x.reshape(-1, len(self.joints), 3, x.shape[-1])[:, list(self.kinect2)]
        if len(body) > bodies:
            raise UserError(f"The input has {len(body)} bodies, but {bodies} are asked for: leave the others out.")
        out = np.zeros((bodies, *body.shape[1:]), x.dtype)
        out[: len(body)] = body
        return out.reshape(-1, x.shape[-1])


def _layout(
    name: str, joints: tuple[str, ...], chains: tuple[str, ...], parts: tuple[str, ...],
    hip: str, torso: tuple[str, tuple[str, ...]], kinect2: tuple[str, ...],
) -> Layout:  # fmt: skip
    """A layout from names; a chain or part is words, of which `arm` and `leg` ones are given once for both sides."""
    index = {joint: i for i, joint in enumerate(joints)}
    walks = [[index[word] for word in chain.split()] for chain in chains]
    return Layout(
        name=name,
        joints=joints,
        bones=tuple(bone for walk in walks for bone in pairwise(walk)),
        parts=tuple(tuple(index[word] for word in part.split()) for part in parts),
        hip=index[hip],
        torso=(index[torso[0]], tuple(index[base] for base in torso[1])),
        hips=(index["hip_left"], index["hip_right"]),
        shoulders=(index["shoulder_left"], index["shoulder_right"]),
        kinect2=tuple(index[joint] for joint in kinect2),
    )


def _limb(side: str, *joints: str) -> str:
    return " ".join(f"{joint}_{side}" for joint in joints)


def _sides(*joints: str) -> tuple[str, str]:
    return _limb("left", *joints), _limb("right", *joints)


_ARM, _LEG = ("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot")
_LIMBS = (*_sides(*_ARM), *_sides(*_LEG))
_TRUNK1 = ("hip_center", "spine", "shoulder_center", "head")
_JOINTS1 = (*_TRUNK1, *" ".join(_LIMBS).split())

KINECT1 = _layout(
    "kinect1",
    _JOINTS1,
    chains=(
        " ".join(_TRUNK1),
        *(f"shoulder_center {arm}" for arm in _sides(*_ARM)),
        *(f"hip_center {leg}" for leg in _sides(*_LEG)),
    ),
    parts=(" ".join(_TRUNK1), *_LIMBS),
    hip="hip_center",
    torso=("shoulder_center", ("hip_center",)),
    # Kinect v2's neck, hand tips and thumbs have no counterpart in the 20 joints: the nearest joints stand in.
    kinect2=(*_JOINTS1, "shoulder_center", "hand_left", "hand_left", "hand_right", "hand_right"),
)

_JOINTS2 = (
    "spine_base", "spine_mid", "neck", "head", *" ".join(_LIMBS).split(),
    "spine_shoulder", "hand_tip_left", "thumb_left", "hand_tip_right", "thumb_right",
)  # fmt: skip
_ARMS2 = _sides(*_ARM, "hand_tip", "thumb")

KINECT2 = _layout(
    "kinect2",
    _JOINTS2,
    chains=(
        "spine_base spine_mid spine_shoulder neck head",
        *(f"spine_shoulder {limb}" for limb in _sides(*_ARM, "hand_tip")),
        *_sides("wrist", "thumb"),
        *(f"spine_base {leg}" for leg in _sides(*_LEG)),
    ),
    parts=("spine_base spine_mid neck head spine_shoulder", *_ARMS2, *_sides(*_LEG)),
    hip="spine_base",
    torso=("spine_shoulder", ("spine_base",)),
    kinect2=_JOINTS2,
)

_LIMBS3 = (*_sides("shoulder", "elbow", "wrist"), *_sides("hip", "knee", "ankle"))
# No hip centre here: the spine's joint, in the middle of the torso, is what frames are centred on (as in the body
# model of Vemulapalli et al., CVPR 2014).
FLORENCE15 = _layout(
    "florence15",
    ("head", "neck", "spine", *" ".join(_LIMBS3).split()),
    chains=(
        "spine neck head",
        *(f"neck {arm}" for arm in _LIMBS3[:2]),
        *(f"spine {leg}" for leg in _LIMBS3[2:]),
    ),
    parts=("head neck spine", *_LIMBS3),
    hip="spine",
    torso=("neck", ("hip_left", "hip_right")),
    kinect2=(
        "spine", "spine", "neck", "head",
        *" ".join(limb + " " + limb.split()[-1] for limb in _LIMBS3).split(),
        "neck", "wrist_left", "wrist_left", "wrist_right", "wrist_right",
    ),
)  # fmt: skip

LAYOUTS = {layout.name: layout for layout in (KINECT1, KINECT2, FLORENCE15)}


def layout(name: str) -> Layout:
    """The layout called `name`; refuses an unknown one with the known ones."""
    if name not in LAYOUTS:
        raise UserError(f"There is no skeleton layout {name!r}; the layouts are {', '.join(LAYOUTS)}.")
    return LAYOUTS[name]
