"""The smallest FIFOs with which a design keeps the rate of its slowest kernel, found on its token model.

Rate grows with depth, never falls (a self-timed dataflow graph is monotonic: Wiggers, Bekooij and Smit, "Efficient
computation of buffer capacities for cyclo-static dataflow graphs", DAC 2007), so every depth is searched by itself.
Frames come at the wanted rate, so that the state of a run soon comes again (see ``DesignTokens.keeps``).

1. With unbounded FIFOs on all streams, the most words that wait anywhere bound what is needed. Words that wait in front
   of a join may as well wait before the kernels that lead there.
2. FIFOs without which the rate stays are left out, those of most bits first, by halves of what is left.
3. The others become as shallow as the rate allows, again those of most bits first.

Every set of depths that is kept was run, and what is found is smallest: none of its FIFOs can lose a word, or more than
the first frames (``hw.tokens.network.SETTLED``) take longer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from codesign.errors import UserError
from hw.design.design import BOUNDARY, Design, End
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.tokens.design import UNBOUNDED, DesignTokens

log = logging.getLogger("codesign")
SLACK = 4
"""Words beyond what waits: a FIFO's own latency, where FIFOs of another latency were left out."""

Depths = dict[End, int]
"""Depths of FIFOs by the target that they stand in front of."""


def size_fifos(design: Design, given: Mapping[End, int] | None = None) -> tuple[Design, dict[str, int]]:
    """Return the Design with the smallest FIFOs that keep its rate, and their depths by name.

    Args:
        design: without FIFOs.
        given: depths that a user wants in front of some targets, 0 for none.

    Raises:
        UserError: where the design would stand still with what is given; it says which FIFO stops it.
    """
    tokens, given = DesignTokens(design), given or {}
    return with_fifos(design, {**smallest_depths(tokens, given), **given})


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


def smallest_depths(tokens: DesignTokens, given: Mapping[End, int]) -> Depths:
    """Return depths of which none can be less at the design's rate, beside those that are ``given``.

    The rate is that of the slowest kernel, or what the given depths leave of it, of which the log warns.
    """
    design = tokens.design
    interval = Fraction(design.interval)
    if tokens.keeps(given, interval):
        return {}
    depths = {target: depth for target, depth in bounds(tokens).items() if target not in given}
    best = tokens.run({**depths, **given}, period=design.interval)
    if best.interval is None:
        raise UserError(stuck(tokens, given, depths))
    interval = max(interval, best.interval)

    def holds(fewer: Depths) -> bool:
        return tokens.keeps({**fewer, **given}, interval)

    kept = _needed(depths, sorted(depths, key=lambda target: _bits(design, target, depths[target])), holds)
    for target in sorted(kept, key=lambda target: -_bits(design, target, kept[target])):
        kept[target] = least(kept[target], lambda depth: holds({**kept, target: depth}))  # noqa: B023
    if interval > design.interval:
        reached = tokens.run({**kept, **given}).cycles_per_frame
        log.warning(
            "%s: the FIFO depths given make a frame take %.0f cycles, not %d", design.name, reached, design.interval
        )
    return kept


def bounds(tokens: DesignTokens) -> Depths:
    """Return depths that suffice, on every stream: what waits there where all FIFOs are unbounded.

    Raises:
        RuntimeError: where the rate isn't reached with 16 times as much, which would be a kernel's fault.
    """
    design = tokens.design
    everywhere = dict.fromkeys(design.edges, UNBOUNDED)
    held = tokens.run(everywhere, period=design.interval).held
    depths: Depths = {}
    for chain in _chains(design):
        words = {target: design.target_port(target).words for target in chain}
        share = max(Fraction(held[target], words[target]) for target in chain)
        depths |= {target: ceil(share * words[target]) + SLACK for target in chain}
    for _ in range(4):
        if tokens.keeps(depths, Fraction(design.interval)):
            return depths
        depths = {target: 2 * depth for target, depth in depths.items()}
    raise RuntimeError(f"{design.name}: no FIFO depths found for {design.interval} cycles a frame")


def stuck(tokens: DesignTokens, given: Mapping[End, int], others: Depths) -> str:
    """Return in a sentence which of the ``given`` depths stop the design, and what they must be."""
    for target, depth in given.items():
        most = max(bounds(tokens)[target], depth)

        def runs(depth: int, target: End = target) -> bool:
            return tokens.run({**others, **given, target: depth}).interval is not None

        if runs(most):
            waits = tokens.run({**others, **given}).waiting
            starved = [w.target.port for w in waits if w.target and not w.for_room and w.instance == target.instance]
            other = f" while {target.instance} waits for a word at input {starved[0]}" if starved else ""
            return (
                f"The FIFO of {depth} words in front of input {target.port} of {target.instance} fills{other}, and the "
                f"design stands still: give it at least {least(most, runs)} words, or leave its depth to be found."
            )
    names = ", ".join(f"input {t.port} of {t.instance} ({depth} words)" for t, depth in given.items())
    return f"The design stands still with the FIFO depths given at {names}: leave some of them to be found."


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


def least(high: int, holds: Callable[[int], bool]) -> int:
    """Return the least of 1..high that holds, where all above one that holds do; ``high`` does."""
    low = 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


def _bits(design: Design, target: End, depth: int) -> int:
    """Return the bits that a FIFO holds."""
    return depth * design.target_port(target).stream.word_bits
