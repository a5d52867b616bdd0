"""From a skeleton sequence in metres to the network's input: deterministic, one sequence at a time."""

from __future__ import annotations

import numpy as np

from quant.data.sequences import JOINTS, J, check_sequence

# Torso lengths below this (metres) come from a broken skeleton; scaling by them would blow it up.
SHORTEST_TORSO = 0.1


def heading(sequence: np.ndarray) -> float:
    """Angle (radians, about the vertical) of the right-to-left axis of hips and shoulders, mean over frames.

    One angle a sequence: the axis of a single frame is noisy when the body is seen from the side.
    """
    across = sequence[:, [J["hip_left"], J["shoulder_left"]]] - sequence[:, [J["hip_right"], J["shoulder_right"]]]
    x, _, z = across.mean(axis=(0, 1))
    return float(np.arctan2(z, x))


def turn(sequence: np.ndarray, angle: float) -> np.ndarray:
    """`sequence` [..., 3] turned by -`angle` radians about the vertical axis (y)."""
    c, s = np.cos(angle), np.sin(angle)
    return sequence @ np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def resample(sequence: np.ndarray, frames: int) -> np.ndarray:
    """[t, ...] -> [frames, ...], linear in time, first and last frame kept."""
    at = np.linspace(0.0, len(sequence) - 1.0, frames)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(sequence) - 1)
    part = (at - low).reshape(-1, *([1] * (sequence.ndim - 1)))
    return sequence[low] * (1.0 - part) + sequence[high] * part


def preprocess(sequence: np.ndarray, frames: int = 64, name: str = "The sequence") -> np.ndarray:
    """[t, 20, 3] metres -> float32 [60, frames] in torso lengths; row 3*joint + axis.

    Turned to face one way, each frame centred on the hip, scaled by the median torso length, resampled. The hip
    centre, zero by then, carries the path of the hip since the first frame instead: where the body went.
    """
    check_sequence(sequence, name)
    body = turn(sequence.astype(np.float64), heading(sequence))
    torso = np.linalg.norm(body[:, J["shoulder_center"]] - body[:, J["hip_center"]], axis=1)
    hip = body[:, :1]
    centred = body - hip
    centred[:, :1] = hip - hip[:1]
    centred /= max(float(np.median(torso)), SHORTEST_TORSO)
    return resample(centred, frames).reshape(frames, 3 * len(JOINTS)).T.astype(np.float32)
