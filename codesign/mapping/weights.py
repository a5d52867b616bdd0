"""Where weights are: on the chip, or streamed in frame by frame for an engine that several parts of a network share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.graph import Conv, IntegerGraph, Operator, bits_for
from codesign.graph.operators.each_set import EachSet
from codesign.graph.share import share
from hw.kernels.kernel import Resources

WISHES = ("auto", "never", "always")
"""What may be asked of streaming: where the chip cannot hold the weights, nowhere, wherever groups allow it."""
BLOCK_BITS, ULTRA_BITS = 18 * 1024, 4096 * 72
FULL = 0.5
"""Share of a part's memory that weights may fill: buffers take some of the rest, and words that do not fill a block."""
RESIDENT_SETS = 2
"""Sets of a streamed convolution that are on the chip: one in use, one coming in."""


@dataclass(frozen=True)
class Placement:
    """The graph that is to be lowered, and what is streamed.

    Attributes:
        graph: equal to the one given; parts that share an engine are sets there.
        streamed: outputs of the convolutions whose sets of weights come in every frame.
        text: for people; empty where nothing is streamed and nobody asked for it.
    """

    graph: IntegerGraph
    streamed: frozenset[str] = frozenset()
    text: str = ""


def place(graph: IntegerGraph, part: Resources, wish: str = "auto") -> Placement:
    """Decide which weights are streamed into a part: the largest first, until the others fit.

    Args:
        graph: the network.
        part: what there is; its block and ultra RAM count.
        wish: one of ``WISHES``.
    """
    room = memory_bits(part) * FULL
    total = sum(map(weight_bits, graph.operators))
    if wish == "never" or (wish == "auto" and total <= room):
        return Placement(graph)
    shared = share(graph)
    sizes = {
        op.output: weight_bits(op)
        for op in shared.operators
        if isinstance(op, EachSet) and isinstance(op.parts[0], Conv) and op.sets > RESIDENT_SETS
    }
    if not sizes:
        why = f"no convolution has more than {RESIDENT_SETS} sets of weights that one engine could share"
        return Placement(graph, text=f"none are streamed: {why}" if wish == "always" else "")
    sets = next(op.sets for op in shared.operators if isinstance(op, EachSet))
    streamed: set[str] = set()
    held = total
    for name in sorted(sizes, key=lambda name: sizes[name], reverse=True):
        if wish == "auto" and held <= room:
            break
        streamed.add(name)
        held -= sizes[name] - sizes[name] * RESIDENT_SETS // sets
    text = (
        f"the {sets} parts share one engine: of {total / 1e6:.3g} Mb of weights, the "
        f"{sum(sizes[name] for name in streamed) / 1e6:.3g} Mb of {len(streamed)} convolutions are streamed in every "
        f"frame; {held / 1e6:.3g} Mb are on the chip at a time"
    )
    return Placement(shared, frozenset(streamed), text)


def memory_bits(part: Resources) -> int:
    """Bits of a part's block and ultra RAM."""
    return part.bram * BLOCK_BITS + part.uram * ULTRA_BITS


def weight_bits(op: Operator) -> int:
    """Bits of an operator's weights, each as wide as the widest; 0 where it has none."""
    if isinstance(op, EachSet):
        return sum(map(weight_bits, op.parts))
    weights = getattr(op, "weights", None)
    if not isinstance(weights, np.ndarray):
        return 0
    return weights.size * bits_for(int(weights.min()), int(weights.max()))[0]
