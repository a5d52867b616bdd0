"""Frames that go along with a package: a person sees what the model does, and the board shows that it does it right."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from codesign.files import replacing

UNKNOWN = -1
"""Label of a frame whose class nobody knows."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs, what the accelerator must make of them, and what they show.

    Attributes:
        inputs: float32 [N, *model_shape], as the model takes them.
        outputs: int64 [N, *shape], the integer graph's, channels last.
        labels: int64 [N], index of the class, ``UNKNOWN`` where nobody knows.
        source: a sentence on where they come from.
        edges: int64 [E, 2], the bones of a skeleton as pairs of joints; none where the model sees no skeleton.
        joints: of the skeleton: input channel 3 * joint + axis is a coordinate of it (x right, y up, z away from the
            camera); 0 where there is none.
    """

    inputs: np.ndarray
    outputs: np.ndarray
    labels: np.ndarray
    source: str
    edges: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    joints: int = 0

    def save(self, path: Path) -> None:
        """Write them to ``path`` (.npz), whole or not at all."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **vars(self))
