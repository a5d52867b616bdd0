"""What goes into a design by its weight-load port: packets of 64-bit words, as ``hw.kernels.kernel.Load`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from hw.design.stream import Port, Stream
from hw.kernels.kernel import LOAD_BITS, Load

LOAD_PORT = Port("w", Stream(1, LOAD_BITS), 1)
"""The port's words; packets have no fixed length."""
START_PACKET = "START_PACKET"
"""RTL parameter of a kernel that loads in every frame: 1 where a start packet for kernels behind it comes by first."""


class LoadPackets(NamedTuple):
    """The packets, each uint64 [words]; false where there are none.

    Attributes:
        start: comes once after a reset; empty where no kernel loads once.
        frame: come for every frame in turn; none where no kernel loads in every frame.
    """

    start: np.ndarray = np.empty(0, np.uint64)
    frame: tuple[np.ndarray, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.start.size or self.frame)

    @property
    def frame_words(self) -> int:
        """Words a frame."""
        return sum(map(len, self.frame))

    @property
    def packet_words(self) -> int:
        """Words of each packet of a frame, which all have as many; 0 where there is none."""
        return len(self.frame[0]) if self.frame else 0

    def sequence(self, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """Return all words for so many frames, int64 [n, 1] with the words' bits, and their ``last``, bool [n]."""
        packets = [*([self.start] if self.start.size else []), *self.frame * frames]
        last = np.zeros(sum(map(len, packets)), bool)
        last[np.cumsum([len(packet) for packet in packets]) - 1] = True
        return np.concatenate(packets or [self.start]).view(np.int64)[:, None], last


def check(name: str, loads: Mapping[str, Load]) -> None:
    """Raise ValueError where kernels' loads do not make packets together; ``loads`` are in the chain's order."""
    sets: dict[int, str] = {}
    for kernel, load in loads.items():
        if load.words.dtype != np.uint64 or load.words.ndim != 2 or not load.words.size:
            raise ValueError(
                f"{kernel}: a load must be uint64 [sets, words], not {load.words.dtype} {load.words.shape}"
            )
        if not load.each_frame and len(load.words) != 1:
            raise ValueError(f"{kernel}: it loads once, so that it has one set, not {len(load.words)}")
        if load.each_frame:
            sets.setdefault(len(load.words), kernel)
    if len(sets) > 1:
        told = ", ".join(f"{kernel} {count}" for count, kernel in sets.items())
        raise ValueError(f"{name}: all kernels that load in every frame must have as many sets; {told}")


def packets(loads: Mapping[str, Load]) -> LoadPackets:
    """Return the packets of kernels' loads in the chain's order."""
    once = [load.words[0] for load in loads.values() if not load.each_frame]
    each = [load.words for load in loads.values() if load.each_frame]
    start = np.concatenate(once) if once else np.empty(0, np.uint64)
    return LoadPackets(start, tuple(np.concatenate(words) for words in zip(*each, strict=True)))


def parameters(loads: Mapping[str, Load], name: str) -> dict[str, int]:
    """Return the RTL parameters that an instance has for its place in the chain."""
    load, chain = loads.get(name), list(loads)
    if load is None or not load.each_frame:
        return {}
    behind = chain[chain.index(name) + 1 :]
    return {START_PACKET: 1} if any(not loads[other].each_frame for other in behind) else {}
