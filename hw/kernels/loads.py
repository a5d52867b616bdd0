"""Kernels in a weight-load chain: what each must know of the others, and the packets that load them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codesign.errors import UserError
from hw.kernels.kernel import Kernel, Load


def in_chain(kernels: Sequence[Kernel]) -> list[Kernel]:
    """Return the kernels, those that load and those that do not, as the chain in their order needs them.

    A start packet reaches a kernel that loads in every frame only if there are kernels behind it that load once.
    """
    made, behind = list[Kernel](), False
    for kernel in reversed(kernels):
        load = kernel.load()
        if load is not None and load.each_frame and getattr(kernel, "start_packet", behind) != behind:
            kernel = kernel.fold(start_packet=behind)
        made.append(kernel)
        behind |= load is not None and not load.each_frame
    return made[::-1]


def packets(loads: Sequence[Load]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the start packet, uint64 [words], none where nobody loads once, and a packet for each set of a frame.

    Args:
        loads: in the chain's order.

    Raises:
        UserError: kernels that load in every frame have different numbers of sets.
    """
    once, each = ([load for load in loads if load.each_frame == frame] for frame in (False, True))
    counts = sorted({len(load.words) for load in each})
    if len(counts) > 1:
        raise UserError(
            f"All kernels whose weights come in every frame must have the same number of sets, not {counts}"
        )
    empty = np.zeros(0, np.uint64)
    start = np.concatenate([empty, *(load.words[0] for load in once)])
    sets = [np.concatenate([load.words[s] for load in each]) for s in range(counts[0])] if each else []
    return start, sets
