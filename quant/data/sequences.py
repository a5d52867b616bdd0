"""Skeleton sequences in memory: what every reader and generator returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.errors import UserError
from quant.data.layouts import KINECT1, Layout

# Five and a half minutes at 30 frames/s: a recording that was not cut into actions (the longest sequence of the data
# sets read here has 300 frames).
LONGEST = 10_000


@dataclass(frozen=True)
class Sequences:
    """Labelled skeleton sequences.

    frames   one float32 array [frames, bodies * joints, 3] a sequence, metres, x right, y up, z away from the camera;
             a body that a frame doesn't show is all zeros there
    labels   int64 [n], 0-based index into `classes`
    subjects int64 [n], who performed it
    classes  names of the actions
    layout   the joints of each body
    bodies   how many of them a frame has room for
    names    what each sequence is called in messages; "Sequence 0" and so on where left out
    """

    frames: tuple[np.ndarray, ...]
    labels: np.ndarray
    subjects: np.ndarray
    classes: tuple[str, ...]
    layout: Layout = KINECT1
    bodies: int = 1
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.frames:
            raise UserError("There are no sequences: a data set must have one at least.")
        for name, values in (("labels", self.labels), ("subjects", self.subjects), ("names", self.names)):
            if len(values) != len(self.frames) and (name != "names" or values):
                raise UserError(
                    f"There are {len(self.frames)} sequences but {len(values)} {name}: give one a sequence."
                )
        for index, sequence in enumerate(self.frames):
            check_sequence(sequence, self.name(index), self.layout, self.bodies)
        if not np.issubdtype(self.labels.dtype, np.integer):
            raise UserError(f"The labels must be whole numbers, not {self.labels.dtype}: count classes from 0.")
        if not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            low, high = self.labels.min(), self.labels.max()
            raise UserError(f"Labels run from {low} to {high}, but there are {len(self.classes)} classes (0-based).")

    def __len__(self) -> int:
        return len(self.frames)

    def name(self, index: int) -> str:
        """What sequence `index` is called in messages."""
        return self.names[index] if self.names else f"Sequence {index}"

    def only(self, which: np.ndarray) -> Sequences:
        """The sequences at the indices `which`, with the classes that they show, in the order of `classes`."""
        shown = np.unique(self.labels[which])
        return Sequences(
            frames=tuple(self.frames[i] for i in which),
            labels=np.searchsorted(shown, self.labels[which]),
            subjects=self.subjects[which],
            classes=tuple(self.classes[label] for label in shown),
            layout=self.layout,
            bodies=self.bodies,
            names=tuple(self.names[i] for i in which) if self.names else (),
        )


def check_sequence(sequence: np.ndarray, name: str, layout: Layout = KINECT1, bodies: int = 1) -> None:
    """Refuse, in one sentence, what is no [1 <= frames <= LONGEST, bodies * joints, 3] array that shows a body."""
    joints = bodies * len(layout.joints)
    if sequence.ndim != 3 or sequence.shape[2] != 3:
        raise UserError(f"{name} has shape {list(sequence.shape)}; it must be [frames, {joints}, 3].")
    if sequence.shape[1] != joints:
        raise UserError(
            f"{name} has {sequence.shape[1]} joints; the layout {layout.name} has {joints}"
            f"{f' ({bodies} bodies)' if bodies > 1 else ''}: {', '.join(layout.joints)}."
        )
    if sequence.shape[0] == 0:
        raise UserError(f"{name} is empty; it must have at least one frame.")
    if sequence.shape[0] > LONGEST:
        raise UserError(
            f"{name} has {sequence.shape[0]} frames, more than {LONGEST}: it is no single action, so cut it into them."
        )
    bad = ~np.isfinite(sequence).all(axis=2)
    if bad.any():
        frame, joint = np.argwhere(bad)[0]
        person, joint = divmod(joint, len(layout.joints))
        who = f"body {person}, " if bodies > 1 else ""
        raise UserError(
            f"{name}, frame {frame}, {who}joint {layout.joints[joint]} is not finite: repair or drop that sequence."
        )
    if not sequence.any():
        raise UserError(f"{name} shows no body: all coordinates of all frames are zero, so drop that sequence.")


def seen(sequence: np.ndarray, bodies: int = 1) -> np.ndarray:
    """Which bodies each frame shows, bool [frames, bodies]: a body whose joints are all zero was lost by the sensor."""
    return np.asarray(sequence.reshape(len(sequence), bodies, -1).any(axis=2))
