"""Scores, where time goes, accuracy against latency, the input's integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from codesign_board.boundary import Head
from codesign_board.drawing.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, RED, VIOLET, figure, styled


def scores_as_bars(axis: Any, values: np.ndarray, labels: Sequence[str], truth: int = -1) -> None:
    """Draw scores as bars: the highest in green, or in red where it is not ``truth``, and that in blue."""
    best = int(np.argmax(values))
    colors = [PALE] * len(values)
    if truth >= 0:
        colors[truth] = BLUE
    colors[best] = GREEN if truth in (best, -1) else RED
    shown = softmax(values)
    axis.barh(range(len(values)), shown, color=colors, height=0.78)
    axis.text(shown[best] + 0.03, best, f"{shown[best]:.0%}", va="center", fontsize=8, color=INK)
    axis.set(xlim=(0, 1.18), xticks=[], ylim=(len(values) - 0.4, -0.6))
    axis.set_yticks(range(len(values)))
    axis.set_yticklabels(labels, fontsize=7)
    axis.tick_params(axis="y", length=0)
    axis.spines["bottom"].set_visible(False)


def softmax(values: np.ndarray) -> np.ndarray:
    """Scores [..., classes] as shares of one."""
    powers = np.exp(values - np.max(values, axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


@styled
def confusion(truth: np.ndarray, predicted: np.ndarray, labels: Sequence[str]) -> Any:
    """Draw how often each class [N] was taken for each."""
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, (truth, predicted), 1)
    drawn, grid = figure(1, 1, 1.6 + 0.5 * len(labels), 1.2 + 0.42 * len(labels))
    axis = grid[0, 0]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    mistakes = np.ma.masked_where(np.eye(len(labels), dtype=bool), share)
    axis.imshow(share, cmap=_shades(BLUE), vmin=0, vmax=1, aspect="auto")
    axis.imshow(mistakes, cmap=_shades(ORANGE), vmin=0, vmax=1, aspect="auto")
    for row, column in np.argwhere(counts):
        color = "white" if share[row, column] > 0.55 else INK
        weight = "bold" if row == column else "normal"
        axis.text(column, row, counts[row, column], ha="center", va="center", color=color, weight=weight)
    ticks = range(len(labels))
    axis.set(xticks=ticks, yticks=ticks, xlabel="recognised as", ylabel="is")
    axis.set_yticklabels(labels)
    axis.set_xticklabels(labels, rotation=40, ha="right")
    axis.tick_params(length=0)
    axis.set_title(f"{int((truth == predicted).sum())} of {len(truth)} recognised")
    for spine in axis.spines.values():
        spine.set_visible(False)
    return drawn


def _shades(color: str) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", ["#f8fafc", color])


@styled
def over_time(
    scores: np.ndarray,
    at: np.ndarray,
    labels: Sequence[str],
    truth: Sequence[tuple[float, float, int]],
    axis_label: str,
) -> Any:
    """Draw scores [T, classes] at times ``at`` [T] as a map; ``truth`` lists (from, to, class): what happened when."""
    drawn, grid = figure(1, 1, 10, 0.9 + 0.26 * len(labels))
    axis = grid[0, 0]
    half = (at[1] - at[0]) / 2 if len(at) > 1 else 0.5
    extent = (at[0] - half, at[-1] + half, len(labels) - 0.5, -0.5)
    axis.imshow(
        softmax(scores).T, cmap=_shades(BLUE), vmin=0, vmax=1, aspect="auto", extent=extent, interpolation="nearest"
    )
    from matplotlib.patches import Rectangle

    for begin, end, label in truth:
        axis.add_patch(Rectangle((begin, label - 0.5), end - begin, 1, fill=False, edgecolor=ORANGE, linewidth=2))
    axis.set_xlim(min([begin for begin, _, _ in truth] + [extent[0]]), max([end for _, end, _ in truth] + [extent[1]]))
    axis.set_yticks(range(len(labels)))
    axis.set_yticklabels(labels)
    axis.tick_params(axis="y", length=0)
    axis.set(xlabel=axis_label, title="What is recognised (blue) and what is shown (outlined)")
    return drawn


@styled
def shares(parts: Mapping[str, float], unit: str, title: str) -> Any:
    """Draw what a whole is made of, the parts one after another from left to right; parts of nothing are left out."""
    parts = {name: value for name, value in parts.items() if value > 0}
    whole, begin = sum(parts.values()) or 1.0, 0.0
    drawn, grid = figure(1, 1, 9, 1.1 + 0.26 * len(parts))
    axis = grid[0, 0]
    for row, value in enumerate(parts.values()):
        axis.barh(row, value, left=begin, color=(BLUE, ORANGE, GREEN, VIOLET, RED, GREY)[row % 6], height=0.8)
        end = begin + value
        text = f" {value:,.{0 if value >= 100 else 1}f} {unit}, {value / whole:.0%} "
        inside, after = value > 0.25 * whole, end < 0.7 * whole
        where = begin if inside or not after else end
        axis.text(
            where, row, text, ha="left" if inside or after else "right", va="center", color="w" if inside else INK
        )
        begin = end
    axis.set(ylim=(len(parts) - 0.5, -0.5), yticks=range(len(parts)), xlim=(0, 1.01 * whole), xlabel=unit, title=title)
    axis.set_yticklabels(parts)
    axis.tick_params(axis="y", length=0)
    axis.xaxis.set_major_formatter("{x:,g}")
    axis.grid(axis="x", color=PALE)
    return drawn


@styled
def trade_off(latency: np.ndarray, accuracy: np.ndarray, names: Sequence[str]) -> Any:
    """Draw accelerators by latency [N] in ms and accuracy [N] as a share, those that none beats in both joined."""
    drawn, grid = figure(1, 1, 8, 4.6)
    axis, percent, front = grid[0, 0], 100 * accuracy, pareto(latency, accuracy)
    order = np.argsort(latency, kind="stable")
    best = [index for index in order if index in front]
    axis.step(latency[best], percent[best], where="post", color=GREEN, linewidth=2, alpha=0.35, zorder=1)
    for place, index in enumerate(order):
        color, weight = (GREEN, "bold") if index in front else (GREY, "normal")
        axis.scatter(latency[index], percent[index], s=90, color=color, zorder=3, edgecolor="w")
        above = place % 2 == 0
        axis.annotate(
            names[index], (latency[index], percent[index]), (9, 5 if above else -5), textcoords="offset points",
            va="bottom" if above else "top", fontsize=8, color=INK, fontweight=weight,
        )  # fmt: skip
    axis.set(xlabel="latency of one frame, ms", ylabel="accuracy, %")
    axis.set_title("Up and left is better. Green: nothing faster is as accurate")
    room, width = max(float(np.ptp(percent)), 4.0), float(np.ptp(latency)) or float(latency.max())
    axis.set_ylim(percent.min() - 0.3 * room, percent.max() + 0.3 * room)
    axis.set_xlim(latency.min() - 0.1 * width, latency.max() + 0.5 * width)
    axis.grid(color=PALE)
    return drawn


def pareto(cost: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return the indices of those that no other beats: none costs as little and gains as much, and one of both better.

    Args:
        cost: [N], less is better.
        gain: [N], more is better.
    """
    no_worse = (cost[:, None] >= cost) & (gain[:, None] <= gain)
    better = (cost[:, None] > cost) | (gain[:, None] < gain)
    return np.flatnonzero(~(no_worse & better).any(axis=1))


@styled
def quantizer(head: Head, inputs: np.ndarray) -> Any:
    """Draw what the model's inputs [N, *model_shape] become: the staircase, and how often each value comes."""
    drawn, grid = figure(1, 2, 10, 3.2)
    integers, floats = head.run(inputs), np.transpose(inputs, (0, *(a + 1 for a in head.axes)))
    left, right = grid[0]
    left.plot(floats.ravel(), integers.ravel(), ".", color=BLUE, markersize=2)
    left.set(title="From floats to integers", xlabel="input", ylabel="integer")
    ends = at_the_ends(head, integers)
    width = max(1.0, float(np.ptp(integers)) / 80)
    for chosen, color, thick in ((~ends, BLUE, 1.0), (ends, ORANGE, width)):
        values, counts = np.unique(integers[chosen], return_counts=True)
        right.bar(values, counts, width=thick, color=color)
    right.set(
        title=f"How often each comes; {ends.mean():.1%} at the ends", xlabel="integer", ylabel="inputs", yscale="log"
    )
    for axis in (left, right):
        axis.grid(color=PALE)
    return drawn


def at_the_ends(head: Head, integers: np.ndarray) -> np.ndarray:
    """Return which integers [N, *shape] are the first or the last that the model's input quantizer has."""
    far = (head.low, head.high) if head.integer else (-1e30, 1e30)
    first, last = np.sort(head.run(np.stack([np.full(head.model_shape, value) for value in far])), axis=0)
    return np.asarray((integers == first) | (integers == last))
