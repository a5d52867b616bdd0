"""Data movement as an index: where each element of a tensor, as the model sees it, lies in the graph's tensor.

Reshapes, transposes, slices, splits, shuffles and repeats only change the index while the model is read; the graph gets
as few operators as the whole movement needs, once somebody computes on its result.
"""

from __future__ import annotations

from math import prod

import numpy as np

from codesign.ingest.refusal import Reject


def still(shape: tuple[int, ...]) -> np.ndarray:
    """The index of a frame that has not moved, int64 [C, *spatial], for ``shape`` = (C, *spatial)."""
    index = np.arange(prod(shape)).reshape(*shape[1:], shape[0])
    return np.moveaxis(index, -1, 0) if len(shape) > 1 else index


def channels_last(index: np.ndarray) -> np.ndarray:
    """An index [C, *spatial] in the order of the graph's frames, [*spatial, C]."""
    return np.moveaxis(index, 0, -1) if index.ndim > 1 else index


def per_channel_of_view(values: tuple, view: np.ndarray, what: str) -> tuple:  # type: ignore[type-arg]
    """What belongs to the source's channels, for each channel of the view.

    Raises:
        Reject: one channel of the view holds several of the source's, with different values.
    """
    if len(set(values)) == 1:
        return (values[0],) * len(view)
    source = view.reshape(len(view), -1) % len(values)
    result = []
    for row in source:
        found = {values[int(c)] for c in np.unique(row)}
        if len(found) > 1:
            raise Reject(f"its channels are mixed, and {what} differs among them", f"use one {what} for all channels")
        result.append(found.pop())
    return tuple(result)


def per_source_channel(values: np.ndarray, view: np.ndarray, channels: int, what: str) -> np.ndarray:
    """What belongs to the view's channels, float64 [C], for each of the source's ``channels``.

    Raises:
        Reject: one channel of the source lies in several of the view's, with different values.
    """
    if (values == values[0]).all():
        return np.full(channels, values[0])
    result = np.full(channels, np.nan)
    for value, row in zip(values, view.reshape(len(view), -1), strict=True):
        source = np.unique(row % channels)
        seen = result[source]
        if (~np.isnan(seen) & (seen != value)).any():
            raise Reject(
                f"{what} differs among channels that data movement before it has mixed",
                "put a quantizer before the data movement, or use one number",
            )
        result[source] = value
    return np.where(np.isnan(result), values[0], result)  # a channel that nobody sees
