"""The smallest FIFOs with which a design keeps the rate of its slowest kernel, found on its token model.

Rate grows with depth, never falls (a self-timed dataflow graph is monotonic: Wiggers, Bekooij and Smit, "Efficient
computation of buffer capacities for cyclo-static dataflow graphs", DAC 2007), so every depth is searched by itself:

1. With unbounded FIFOs on all streams and frames that come at the wanted rate, the most words that wait anywhere bound
   what is needed. Words that wait in front of a join may as well wait before the kernels that lead there.
2. FIFOs without which the rate stays are left out, those of most bits first, by halves of what is left.
3. The others become as shallow as the rate allows, again those of most bits first.

Every set of depths that is kept was run, and what is found is smallest: none of its FIFOs can lose a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from hw.design.design import BOUNDARY, Design, End
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.tokens.design import UNBOUNDED, DesignTokens

SLACK = 4
"""Words beyond what waits: a FIFO's own latency, where FIFOs of another latency were left out."""

Depths = dict[End, int]
"""Depths of FIFOs by the target that they stand in front of."""


def size_fifos(design: Design) -> tuple[Design, dict[str, int]]:
    """Return the Design with the smallest FIFOs that keep its rate, and their depths by name."""
    return with_fifos(design, smallest_depths(design))


def with_fifos(design: Design, depths: Mapping[End, int]) -> tuple[Design, dict[str, int]]:
    """Return the Design with these FIFOs, and their depths by name."""
    sized = Design(design.name, dict(design.kernels), dict(design.edges), dict(design.tensors))
    names: dict[str, int] = {}
    for instance in (*design.order(), BOUNDARY):
        for target in (t for t in design.edges if t.instance == instance and depths.get(t, 0)):
            port, name = design.target_port(target), f"stream_fifo_{len(names)}"
            names[name] = depths[target]
            sized.kernels[name] = StreamFifo(stream=port.stream, words=port.words, depth=depths[target])
            sized.edges[End(name)] = design.edges[target]
            sized.edges[target] = End(name)
    sized.check()
    return sized, names


def smallest_depths(design: Design) -> Depths:
    """Return depths of which none can be less at the rate of the slowest kernel."""
    tokens, interval = DesignTokens(design), design.interval

    def holds(depths: Depths) -> bool:
        return tokens.run(depths).interval == interval

    if holds({}):
        return {}
    depths = _bounds(tokens, interval)
    while not holds(depths):
        depths = {target: 2 * depth for target, depth in depths.items()}
    kept = _needed(depths, sorted(depths, key=lambda target: _bits(design, target, depths[target])), holds)
    for target in sorted(kept, key=lambda target: -_bits(design, target, kept[target])):
        kept[target] = _least(1, kept[target], lambda depth: holds(kept | {target: depth}))  # noqa: B023
    return kept


def _bounds(tokens: DesignTokens, interval: int) -> Depths:
    """Return depths that suffice, on every stream behind which or in front of which words wait for others."""
    design = tokens.design
    everywhere = dict.fromkeys(design.edges, UNBOUNDED)
    held = tokens.run(everywhere, period=interval).held
    depths: Depths = {}
    for chain in _chains(design):
        words = {target: design.target_port(target).words for target in chain}
        share = max(Fraction(held[target], words[target]) for target in chain)
        depths |= {target: ceil(share * words[target]) + SLACK for target in chain}
    return depths


def _chains(design: Design) -> list[list[End]]:
    """Return the streams, those together that are joined by kernels of one input and one output."""
    chains: dict[End, list[End]] = {}
    for name in (*design.order(), BOUNDARY):
        for target in (t for t in design.edges if t.instance == name):
            source = design.edges[target].instance
            single = source != BOUNDARY and len(design.kernels[source].inputs) == 1
            single = single and len(design.kernels[source].outputs) == 1
            chains[target] = chains[End(source)] if single else []
            chains[target].append(target)
    return list({id(chain): chain for chain in chains.values()}.values())


def _needed(depths: Depths, rising: Sequence[End], holds: Callable[[Depths], bool]) -> Depths:
    """Return those without which the rate falls; ``rising`` names all, what is to go first last."""
    kept = dict(depths)
    groups = [list(rising)]
    while groups:
        group = groups.pop()
        fewer = {target: depth for target, depth in kept.items() if target not in group}
        if holds(fewer):
            kept = fewer
        elif len(group) > 1:
            groups += [group[: len(group) // 2], group[len(group) // 2 :]]
    return kept


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the least of low..high that holds, where all above one that holds do; ``high`` does."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


def _bits(design: Design, target: End, depth: int) -> int:
    """Return the bits that a FIFO holds."""
    return depth * design.target_port(target).stream.word_bits
