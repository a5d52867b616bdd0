"""Data movement as an index: where each element of a tensor, as the model sees it, lies in the graph's tensor.

Reshapes, transposes, slices, splits, shuffles and repeats only change the index while the model is read; the graph gets
as few operators as the whole movement needs, once somebody computes on its result.
"""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.errors import Reject


class Mixed(Reject):
    """A parameter belongs to other channels than the graph's, which the movement itself may still bring in place."""


def still(shape: tuple[int, ...]) -> np.ndarray:
    """The index of a frame that has not moved, int64 [C, *spatial], for ``shape`` = (C, *spatial)."""
    index = np.arange(prod(shape)).reshape(*shape[1:], shape[0])
    return np.moveaxis(index, -1, 0) if len(shape) > 1 else index


def channels_last(index: np.ndarray) -> np.ndarray:
    """An index [C, *spatial] in the order of the graph's frames, [*spatial, C]."""
    return np.moveaxis(index, 0, -1) if index.ndim > 1 else index


def mixes(values: tuple, view: np.ndarray) -> bool:  # type: ignore[type-arg]
    """Whether a channel of the view holds several of the source's, with different ``values`` (one a channel)."""
    if uniform(values):
        return False
    rows = kinds(values)[view.reshape(len(view), -1) % len(values)]
    return bool((rows != rows[:, :1]).any())


def per_channel_of_view(values: tuple, view: np.ndarray, what: str) -> tuple:  # type: ignore[type-arg]
    """What belongs to the source's channels, for each channel of the view.

    Raises:
        Reject: one channel of the view holds several of the source's, with different values.
    """
    if uniform(values):
        return values[:1] * len(view)
    if mixes(values, view):
        raise Reject(f"its channels are mixed, and {what} differs among them", f"use one {what} for all channels")
    return tuple(values[c] for c in (view.reshape(len(view), -1)[:, 0] % len(values)).tolist())


def per_source_channel(values: np.ndarray, view: np.ndarray, channels: int, what: str) -> np.ndarray:
    """What belongs to the view's elements, for each of the source's ``channels``: float64 [C].

    Args:
        values: broadcastable to ``view``; one that belongs to its channels is [C, 1, ...].

    Raises:
        Reject: one channel of the source lies where the values differ.
    """
    full = np.broadcast_to(values, view.shape).reshape(-1).astype(np.float64)
    result = np.full(channels, full[0])  # where nobody sees a channel
    source = view.reshape(-1) % channels
    result[source] = full
    if (result[source] != full).any():
        raise Mixed(
            f"{what} differs along another axis than the channels', or among channels that data movement has mixed",
            "put a quantizer before the data movement, or use one number, or one a channel",
        )
    return result


def channel_axis(view: np.ndarray, channels: int) -> int:
    """The axis of the view along which alone the source's channel changes, so that it needs no transpose there.

    Where there is more than one, axis 0, which is the channels' in the model; where there is none, that too if it has
    one element, else the last axis.
    """
    source = view % channels
    along = [a for a in range(view.ndim) if (source != source.take([0], a)).any()]
    if not along:
        return 0 if len(view) == 1 else view.ndim - 1
    return along[0] if len(along) == 1 else 0


def uniform(values: tuple) -> bool:  # type: ignore[type-arg]
    """Whether all are equal."""
    return all(v is values[0] or v == values[0] for v in values)


def kinds(values: tuple) -> np.ndarray:  # type: ignore[type-arg]
    """For each of ``values`` the place of the first that equals it."""
    first: dict[object, int] = {}
    return np.array([first.setdefault(v, i) for i, v in enumerate(values)])
