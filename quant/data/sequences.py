"""Skeleton sequences in memory: what every reader and generator returns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from codesign.errors import UserError

# Kinect v1, in this order. Left and right are the person's own.
JOINTS = (
    "hip_center", "spine", "shoulder_center", "head",
    "shoulder_left", "elbow_left", "wrist_left", "hand_left",
    "shoulder_right", "elbow_right", "wrist_right", "hand_right",
    "hip_left", "knee_left", "ankle_left", "foot_left",
    "hip_right", "knee_right", "ankle_right", "foot_right",
)  # fmt: skip
J = {name: index for index, name in enumerate(JOINTS)}
# What is drawn between: the skeleton as a tree from the hip centre, as the Kinect SDK 1 connects its joints.
BONES = tuple(
    (J[a], J[b])
    for chain in (
        ("hip_center", "spine", "shoulder_center", "head"),
        *(
            ("shoulder_center", *(f"{joint}_{side}" for joint in ("shoulder", "elbow", "wrist", "hand")))
            for side in ("left", "right")
        ),
        *(
            ("hip_center", *(f"{joint}_{side}" for joint in ("hip", "knee", "ankle", "foot")))
            for side in ("left", "right")
        ),
    )
    for a, b in pairwise(chain)
)
# The same person seen in a mirror: joint i of the mirrored skeleton is joint MIRROR[i] of the original.
MIRROR = tuple(J[n.replace("left", "right")] if "left" in n else J[n.replace("right", "left")] for n in JOINTS)


@dataclass(frozen=True)
class Sequences:
    """Labelled skeleton sequences.

    frames   one float32 array [frames, 20, 3] a sequence, metres, x right, y up, z away from the camera
    labels   int64 [n], 0-based index into `classes`
    subjects int64 [n], who performed it
    classes  names of the actions
    """

    frames: tuple[np.ndarray, ...]
    labels: np.ndarray
    subjects: np.ndarray
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for index, sequence in enumerate(self.frames):
            check_sequence(sequence, f"Sequence {index}")
        for name, values in (("labels", self.labels), ("subjects", self.subjects)):
            if len(values) != len(self.frames):
                raise UserError(
                    f"There are {len(self.frames)} sequences but {len(values)} {name}: give one a sequence."
                )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            low, high = self.labels.min(), self.labels.max()
            raise UserError(f"Labels run from {low} to {high}, but there are {len(self.classes)} classes (0-based).")

    def __len__(self) -> int:
        return len(self.frames)


def check_sequence(sequence: np.ndarray, name: str) -> None:
    """Refuse, in one sentence, what is no [frames >= 1, 20, 3] array of finite coordinates."""
    if sequence.ndim != 3 or sequence.shape[2] != 3:
        raise UserError(f"{name} has shape {list(sequence.shape)}; it must be [frames, {len(JOINTS)}, 3].")
    if sequence.shape[1] != len(JOINTS):
        raise UserError(f"{name} has {sequence.shape[1]} joints; this model needs {len(JOINTS)} (Kinect v1 order).")
    if sequence.shape[0] == 0:
        raise UserError(f"{name} is empty; it must have at least one frame.")
    bad = ~np.isfinite(sequence).all(axis=2)
    if bad.any():
        frame, joint = np.argwhere(bad)[0]
        raise UserError(f"{name}, frame {frame}, joint {JOINTS[joint]} is not finite: repair or drop that sequence.")
