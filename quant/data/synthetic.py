"""Skeleton sequences made by kinematics: ten parametric actions, for use where no data set is at hand.

They have the format and the class names of UTKinect-Action3D (20 joints, metres, 15 frames/s), but a model trained on
them knows these motions only: they serve tests, calibration and demonstrations, not accuracy claims.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quant.data.layouts import KINECT1
from quant.data.sequences import Sequences
from quant.data.splits import Split, by_subject

CLASSES = ("walk", "sitDown", "standUp", "pickUp", "carry", "throw", "push", "pull", "waveHands", "clapHands")
FRAMES = ((30, 50), (20, 45), (15, 35), (20, 50), (30, 70), (8, 19), (6, 16), (8, 25), (25, 60), (15, 50))
LEFT, RIGHT = 0, 1
J = KINECT1.index


@dataclass
class Motion:
    """Targets over time, in a frame that faces +z with the person's left along +x; lengths relative to the body.

    hip    [t, 3] displacement of the hip, in torso lengths
    lean   [t] forward bend of the torso, radians
    hands  [t, 2, 3] from each shoulder, in arm lengths (left, right)
    feet   [t, 2, 3] displacement of each foot, in torso lengths
    """

    hip: np.ndarray
    lean: np.ndarray
    hands: np.ndarray
    feet: np.ndarray

    @classmethod
    def standing(cls, frames: int) -> Motion:
        hands = np.tile([[0.12, -0.95, 0.05], [-0.12, -0.95, 0.05]], (frames, 1, 1))
        return cls(np.zeros((frames, 3)), np.zeros(frames), hands, np.zeros((frames, 2, 3)))


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _between(t: np.ndarray, *points: tuple[float, float, float]) -> np.ndarray:
    """[t, 3] through `points`, evenly spaced over 0..1, at rest in each."""
    at = np.clip(t, 0.0, 1.0) * (len(points) - 1)
    low = np.minimum(at.astype(int), len(points) - 2)
    part = _smooth(at - low)[:, None]
    table = np.array(points)
    return table[low] * (1 - part) + table[low + 1] * part


def _walk(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    phase = 2 * np.pi * (random.uniform(1.5, 3.5) * t + random.uniform())
    swing = np.sin(phase)
    m.hip[:, 2] = random.uniform(2.0, 5.0) * t
    m.hip[:, 1] = 0.04 * np.cos(2 * phase)
    m.feet[..., 2] = m.hip[:, 2, None] + 0.55 * np.stack([swing, -swing], 1)
    m.feet[..., 1] = 0.15 * np.maximum(np.stack([np.cos(phase), -np.cos(phase)], 1), 0)
    m.hands[..., 2] += 0.35 * np.stack([-swing, swing], 1)
    return m


def _carry(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = _walk(t, random)
    m.hands[:] = [[-0.1, random.uniform(-0.65, -0.4), 0.55], [0.1, random.uniform(-0.65, -0.4), 0.55]]
    return m


def _sit(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    down = _smooth(random.uniform(1.2, 1.8) * t - random.uniform(0.0, 0.2))
    m.hip[:, 1], m.hip[:, 2] = -random.uniform(0.7, 0.95) * down, -random.uniform(0.5, 0.8) * down
    m.lean[:] = random.uniform(0.4, 0.8) * np.sin(np.pi * down)
    m.hands[..., 2] += 0.4 * down[:, None]
    m.hands[..., 1] += 0.2 * down[:, None]
    return m


def _stand(t: np.ndarray, random: np.random.Generator) -> Motion:
    return _sit(1.0 - t, random)


def _pick_up(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    low = np.sin(np.pi * np.clip(t * random.uniform(1.0, 1.2), 0, 1)) ** 2
    m.hip[:, 1], m.hip[:, 2] = -random.uniform(0.3, 0.8) * low, -0.25 * low
    m.lean[:] = random.uniform(0.7, 1.2) * low
    m.hands[:, RIGHT] += low[:, None] * [0.1, 0.0, random.uniform(0.3, 0.6)]
    return m


def _throw(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    top = random.uniform(0.4, 0.7)
    m.hands[:, RIGHT] = _between(t, (-0.12, -0.8, 0.1), (-0.2, top, -0.4), (0.0, 0.4, 0.85), (0.15, -0.6, 0.5))
    m.lean[:] = 0.2 * _smooth(2 * t - 1)
    return m


def _push(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    height = random.uniform(-0.15, 0.1)
    m.hands[:, RIGHT] = _between(t, (-0.1, -0.5, 0.2), (0.0, -0.2, 0.3), (0.05, height, 0.95))
    return m


def _pull(t: np.ndarray, random: np.random.Generator) -> Motion:
    return _push(1.0 - t, random)


def _wave(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    swing = np.sin(2 * np.pi * (random.uniform(2.0, 5.0) * t + random.uniform()))
    reach = random.uniform(0.3, 0.5) + random.uniform(0.2, 0.4) * swing
    height = np.full(len(t), random.uniform(0.6, 0.85))
    for side, sign in ((LEFT, 1.0), (RIGHT, -1.0)):
        m.hands[:, side] = np.stack([sign * reach, height, np.full(len(t), 0.1)], 1)
    return m


def _clap(t: np.ndarray, random: np.random.Generator) -> Motion:
    m = Motion.standing(len(t))
    swing = 0.5 + 0.5 * np.sin(2 * np.pi * (random.uniform(2.0, 6.0) * t + random.uniform()))
    inward, height = -0.3 + random.uniform(0.3, 0.5) * swing, random.uniform(-0.35, 0.0)
    for side, sign in ((LEFT, 1.0), (RIGHT, -1.0)):
        m.hands[:, side] = np.stack([sign * inward, np.full(len(t), height), np.full(len(t), 0.6)], 1)
    return m


ACTIONS: tuple[Callable[[np.ndarray, np.random.Generator], Motion], ...] = (
    _walk, _sit, _stand, _pick_up, _carry, _throw, _push, _pull, _wave, _clap,
)  # fmt: skip


def _two_bones(root: np.ndarray, target: np.ndarray, lengths: tuple[float, float], pole: np.ndarray) -> np.ndarray:
    """[t, 2, 3]: the middle joint and the end of a two-bone limb that reaches for `target`, bent towards `pole`."""
    upper, lower = lengths
    reach = target - root
    distance = np.linalg.norm(reach, axis=1, keepdims=True)
    axis = reach / np.maximum(distance, 1e-9)
    distance = np.clip(distance, abs(upper - lower) + 1e-6, upper + lower - 1e-6)
    along = (distance**2 + upper**2 - lower**2) / (2 * distance)
    side = pole - (axis @ pole)[:, None] * axis
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    middle = root + along * axis + np.sqrt(np.maximum(upper**2 - along**2, 0.0)) * side
    return np.stack([middle, root + distance * axis], 1)


def _skeleton(m: Motion, size: float, build: np.ndarray) -> np.ndarray:
    """[t, 20, 3] metres from targets; `size` is the torso length, `build` factors for arm, leg, girth, head."""
    body = np.zeros((len(m.lean), len(J), 3))
    arm, leg = 1.4 * size * build[0], 2.1 * size * build[1]
    hip = m.hip * size + [0.0, leg * 0.97, 0.0]
    up = np.stack([np.zeros_like(m.lean), np.cos(m.lean), np.sin(m.lean)], 1)
    body[:, J["hip_center"]] = hip
    for name, height in (("spine", 0.3), ("shoulder_center", 1.0), ("head", 1.0 + 0.5 * build[3])):
        body[:, J[name]] = hip + height * size * up
    for index, (side, sign) in enumerate((("left", 1.0), ("right", -1.0))):
        across = np.array([sign * size * build[2], 0.0, 0.0])
        shoulder = hip + 0.9 * size * up + 0.42 * across
        limb = _two_bones(
            shoulder, shoulder + m.hands[:, index] * arm, (arm * 0.52, arm * 0.48), np.array([sign * 0.4, -1.0, -0.4])
        )
        body[:, J[f"shoulder_{side}"]], body[:, J[f"elbow_{side}"]], body[:, J[f"wrist_{side}"]] = (
            shoulder,
            limb[:, 0],
            limb[:, 1],
        )
        body[:, J[f"hand_{side}"]] = limb[:, 1] + 0.18 * (limb[:, 1] - limb[:, 0])
        socket = hip + 0.2 * across - [0.0, 0.12 * size, 0.0]
        foot = m.feet[:, index] * size + 0.25 * across + [0.0, 0.08 * size, 0.0]
        limb = _two_bones(socket, foot, (leg * 0.48, leg * 0.45), np.array([0.0, 0.1, 1.0]))
        body[:, J[f"hip_{side}"]], body[:, J[f"knee_{side}"]], body[:, J[f"ankle_{side}"]] = (
            socket,
            limb[:, 0],
            limb[:, 1],
        )
        body[:, J[f"foot_{side}"]] = limb[:, 1] + [0.0, -0.05 * size, 0.25 * size]
    return body


def sequence(action: int, random: np.random.Generator, size: float = 0.42, noise: float = 0.01) -> np.ndarray:
    """One float32 [frames, 20, 3] sequence of `CLASSES[action]`, metres, in camera coordinates.

    Phase, tempo, build, heading and place come from `random`; `size` is the torso length and `noise` the standard
    deviation of every coordinate, both in metres.
    """
    frames = int(random.integers(FRAMES[action][0], FRAMES[action][1] + 1))
    body = _skeleton(ACTIONS[action](np.linspace(0.0, 1.0, frames), random), size, random.uniform(0.92, 1.08, 4))
    angle = random.uniform(-0.6, 0.6) + np.pi
    c, s = np.cos(angle), np.sin(angle)
    body = body @ np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    body += [random.uniform(-0.5, 0.5), -1.0, random.uniform(2.5, 3.5)]
    return (body + random.normal(0.0, noise, body.shape)).astype(np.float32)


def generate(subjects: int = 10, takes: int = 2, seed: int = 0) -> Sequences:
    """`subjects` x 10 actions x `takes` sequences; subjects count from 1 and differ in size. Same seed, same data."""
    random = np.random.default_rng(seed)
    frames, labels, people = [], [], []
    for subject in range(1, subjects + 1):
        size = random.uniform(0.36, 0.5)
        for _ in range(takes):
            for action in range(len(CLASSES)):
                frames.append(sequence(action, random, size))
                labels.append(action)
                people.append(subject)
    return Sequences(tuple(frames), np.array(labels), np.array(people), CLASSES)


def splits(data: Sequences, count: int = 10, seed: int = 0) -> list[Split]:
    """`count` random splits with half of the subjects on each side."""
    random = np.random.default_rng(seed)
    people = np.unique(data.subjects)
    shuffled = [random.permutation(people) for _ in range(count)]
    return [by_subject(data, order[: len(order) // 2], order[len(order) // 2 :]) for order in shuffled]
