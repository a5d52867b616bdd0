"""From a skeleton sequence in metres to the network's input: deterministic, one sequence at a time."""

from __future__ import annotations

import numpy as np

from codesign.errors import UserError
from quant.data.layouts import KINECT1, Layout
from quant.data.sequences import Sequences, check_sequence, seen

# Torso lengths below this (metres) come from a broken skeleton; scaling by them would blow it up.
SHORTEST_TORSO = 0.1


def heading(sequence: np.ndarray, layout: Layout = KINECT1) -> float:
    """Angle (radians, about the vertical) of the right-to-left axis of hips and shoulders, mean over frames.

    One angle a sequence: the axis of a single frame is noisy when the body is seen from the side.
    """
    left, right = zip(layout.hips, layout.shoulders, strict=True)
    across = sequence[:, left] - sequence[:, right]
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


def bridge(sequence: np.ndarray, known: np.ndarray) -> np.ndarray:
    """[t, ...] with the frames that aren't `known` (bool [t], one at least is) linear between those that are."""
    if known.all():
        return sequence
    at = np.interp(np.arange(len(sequence)), np.flatnonzero(known), np.arange(known.sum()))
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, known.sum() - 1)
    part = (at - low).reshape(-1, *([1] * (sequence.ndim - 1)))
    return sequence[known][low] * (1.0 - part) + sequence[known][high] * part


def preprocess(
    sequence: np.ndarray, frames: int = 64, name: str = "The sequence", layout: Layout = KINECT1, bodies: int = 1
) -> np.ndarray:
    """[t, bodies * joints, 3] metres -> float32 [3 * bodies * joints, frames] in torso lengths; row 3*joint + axis.

    Turned to face one way, each frame centred on the hip, scaled by the median torso length, resampled. The hip joint,
    zero by then, carries the path of the hip since the first frame instead: where the body went. Direction, centre and
    length are the first body's. Frames that show nobody are bridged (linear in time); a body that isn't there while
    another one is, is zeros.
    """
    check_sequence(sequence, name, layout, bodies)
    joints, shown = len(layout.joints), seen(sequence, bodies)
    first = 0 if bodies == 1 else int(shown.any(axis=0).argmax())
    own = slice(first * joints, (first + 1) * joints)
    lead = bridge(sequence[:, own], shown[:, first])
    angle = heading(lead, layout)  # in the precision of the sequence, as the shipped weights were trained
    body, lead = turn(sequence.astype(np.float64), angle), turn(lead.astype(np.float64), angle)
    top, bases = layout.torso
    torso = np.linalg.norm(lead[:, top] - lead[:, bases].mean(axis=1), axis=1)
    hip = lead[:, layout.hip : layout.hip + 1]
    nobody = ~shown.any(axis=1)
    body[nobody, own] = lead[nobody]
    centred = body - hip
    centred[:, own.start + layout.hip] = (hip - hip[:1])[:, 0]
    centred /= max(float(np.median(torso)), SHORTEST_TORSO)
    shown[nobody, first] = True
    centred *= np.repeat(shown, joints, axis=1)[..., None]
    return resample(centred, frames).reshape(frames, -1).T.astype(np.float32)


def inputs(data: Sequences, frames: int) -> np.ndarray:
    """All of `data`, preprocessed: float32 [n, 3 * bodies * joints, frames]."""
    return np.stack([preprocess(s, frames, data.name(i), data.layout, data.bodies) for i, s in enumerate(data.frames)])


def kinect2_inputs(data: Sequences, frames: int = 300) -> np.ndarray:
    """All of `data` as two bodies of Kinect v2, whatever its layout: float32 [n, 150, frames], missing bodies zero.

    The input of Ensem-NN's networks (arXiv 1801.02475) in shape; sequences fill all frames by resampling.
    """
    return np.stack([data.layout.to_kinect2(x) for x in inputs(data, frames)])


def coordinate_mean(data: Sequences, which: np.ndarray) -> float:
    """The mean of all coordinates of all frames of the sequences at the indices `which` (a training half)."""
    chosen = [data.frames[i] for i in which]
    return float(sum(s.sum(dtype=np.float64) for s in chosen) / sum(s.size for s in chosen))


def padded(sequence: np.ndarray, mean: float, frames: int = 300, name: str = "The sequence") -> np.ndarray:
    """[t, joints, 3] -> float32 [3 * joints, frames] less `mean`, with zeros after its end.

    The input of Ensem-NN (arXiv 1801.02475) on NTU RGB+D: metres as the camera sees them, no resampling, one scalar
    mean (`coordinate_mean`) subtracted on the frames that are there. Refuses a longer sequence.
    """
    if len(sequence) > frames:
        raise UserError(f"{name} has {len(sequence)} frames, but the input has {frames}: resample it (preprocess).")
    out = np.zeros((3 * sequence.shape[1], frames), np.float32)
    out[:, : len(sequence)] = sequence.reshape(len(sequence), -1).T - np.float32(mean)
    return out
