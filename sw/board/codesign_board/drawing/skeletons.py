"""Skeletons over time, and what they were recognised as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from codesign_board.drawing.charts import scores_as_bars
from codesign_board.drawing.style import BLUE, GREY, INK, ORANGE, PALE, VIOLET, figure, styled


@styled
def skeletons(bodies: np.ndarray, edges: np.ndarray, titles: Sequence[str], poses: int = 9) -> Any:
    """Draw sequences of skeletons, one a row, as poses that follow each other in time from left to right.

    Args:
        bodies: [N, frames, joints, 3], x to the right, y up, z away from the viewer, in any unit.
        edges: [E, 2] pairs of joints.
        titles: of the rows.
        poses: drawn of each sequence, the first and the last frame among them.
    """
    drawn, grid = figure(len(bodies), 1, 10, 1.9 * len(bodies))
    for body, axis, title in zip(bodies, grid[:, 0], titles, strict=True):
        _strip(axis, body, edges, poses)
        axis.set_title(title)
    return drawn


def _project(body: np.ndarray, turn: float = 0.45, tilt: float = 0.15) -> np.ndarray:
    """[frames, joints, 3] -> [frames, joints, 2], seen a little from the side and from above (radians).

    The first joint's way over the ground is taken off, so that poses can stand side by side; its height stays.
    """
    x, y, z = np.moveaxis(body - body[:, :1] * [1, 0, 1], -1, 0)
    aside, depth = x * np.cos(turn) + z * np.sin(turn), z * np.cos(turn) - x * np.sin(turn)
    return np.stack([aside, y * np.cos(tilt) + depth * np.sin(tilt)], -1)


def _strip(axis: Any, body: np.ndarray, edges: np.ndarray, poses: int) -> None:
    from matplotlib.collections import LineCollection

    flat, count = _project(body), len(body)
    shown = np.unique(np.linspace(0, count - 1, min(poses, count)).round().astype(int))
    low, high = float(flat[..., 1].min()), float(flat[..., 1].max())
    size = (high - low) or 1.0
    box = axis.get_window_extent()
    step = max(1.28 * size * box.width / box.height / len(shown), 0.55 * float(np.ptp(flat[..., 0])))
    colors = _sides(body, edges)
    for slot, frame in enumerate(shown):
        aside = np.array([slot * step, 0])
        pose = flat[frame] + aside
        since = flat[shown[slot - 1] if slot else 0 : frame + 1] + aside
        for joint in _busiest(flat, edges):
            axis.plot(*since[:, joint].T, color=VIOLET, alpha=0.3, linewidth=3, solid_capstyle="round")
        axis.add_collection(LineCollection(pose[edges], colors=colors, linewidths=2.4, capstyle="round"))
        axis.scatter(*pose.T, s=7, color=INK, zorder=3, linewidths=0)
        name = f"t = {frame}" if slot == 0 else f"{frame}"
        axis.text(slot * step, low - 0.06 * size, name, ha="center", va="top", color=GREY)
    axis.axhline(low - 0.02 * size, color=PALE, linewidth=1.5, zorder=0)
    axis.set(xlim=(-0.5 * step, (len(shown) - 0.5) * step), ylim=(low - 0.22 * size, high + 0.06 * size))
    axis.set_aspect("equal")
    axis.axis("off")


def _sides(body: np.ndarray, edges: np.ndarray) -> list[str]:
    """A color an edge: of two limbs of one length on one joint, the one to the right is blue, the other orange."""
    neighbours: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    limbs: dict[tuple[int, int], list[list[int]]] = {}
    for end in (joint for joint, near in neighbours.items() if len(near) == 1):
        chain = [end, neighbours[end][0]]
        while len(neighbours[chain[-1]]) == 2:
            chain.append(next(joint for joint in neighbours[chain[-1]] if joint != chain[-2]))
        limbs.setdefault((chain[-1], len(chain)), []).append(chain)
    color: dict[int, str] = {}
    for pair in (limb for limb in limbs.values() if len(limb) == 2):
        pair.sort(key=lambda chain: float(body[:, chain[:-1], 0].mean()))
        color.update({joint: side for chain, side in zip(pair, (ORANGE, BLUE), strict=True) for joint in chain[:-1]})
    return [color.get(a) or color.get(b) or INK for a, b in edges.tolist()]


def _busiest(flat: np.ndarray, edges: np.ndarray, count: int = 2) -> list[int]:
    """The ends of the skeleton that move most."""
    ends = [int(j) for j in np.unique(edges) if (edges == j).sum() == 1]
    path = np.abs(np.diff(flat, axis=0)).sum(axis=(0, 2))
    return sorted(ends, key=lambda joint: -float(path[joint]))[:count]


@styled
def recognition(
    bodies: np.ndarray, edges: np.ndarray, scores: np.ndarray, labels: Sequence[str], truth: Sequence[int]
) -> Any:
    """Draw sequences as ``skeletons`` does, each with its scores [N, classes] beside it; ``truth`` -1 is unknown."""
    drawn, grid = figure(len(bodies), 2, 11, 1.95 * len(bodies), gridspec_kw={"width_ratios": [3.4, 1]})
    for (left, right), body, values, true in zip(grid, bodies, scores, truth, strict=True):
        _strip(left, body, edges, poses=7)
        left.set_title(labels[true] if true >= 0 else "")
        scores_as_bars(right, values, labels, true)
    return drawn
