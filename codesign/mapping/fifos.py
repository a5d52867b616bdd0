"""FIFO depths: what a join's shorter branches must buffer so that the longer one runs at its full rate."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from hw.design.design import BOUNDARY, Design, End
from hw.kernels.stream_fifo.kernel import StreamFifo

SLACK = 2
"""Words beyond the balance: one on its way in, one on its way out."""


def size_fifos(design: Design) -> tuple[Design, dict[str, int]]:
    """Return the Design with a FIFO wherever words wait for others, and their depths.

    They wait on every branch of a join that holds less than the others. What a branch holds is counted in frames (words
    inside it over words a frame), so that branches of different word widths and strides compare; a kernel says by
    ``hold()`` how many input words it has inside at its full rate. They wait in front of a kernel that reads its inputs
    in turns (``skew()``), and behind one that gives words ahead of their share of a frame (``lead()``).
    """
    held: dict[str, Fraction] = {BOUNDARY: Fraction(0)}
    sized = Design(design.name, dict(design.kernels), dict(design.edges), dict(design.tensors))
    depths: dict[str, int] = {}
    for name in design.order():
        kernel = design.kernels[name]
        arriving = {target: held[source.instance] for target, source in design.inputs_of(name)}
        most, skew = max(arriving.values()), kernel.skew()
        for target, amount in arriving.items():
            port = design.target_port(target)
            depth = ceil((most - amount) * port.words) + skew[target.port] + _lead(design, design.edges[target])
            if depth > 0:
                fifo = f"stream_fifo_{len(depths)}"
                depths[fifo] = depth + SLACK
                sized.kernels[fifo] = StreamFifo(stream=port.stream, words=port.words, depth=depths[fifo])
                sized.edges[End(fifo)] = design.edges[target]
                sized.edges[target] = End(fifo)
        held[name] = most + Fraction(kernel.hold(), kernel.inputs[0].words)
    sized.check()
    return sized, depths


def _lead(design: Design, source: End) -> int:
    """Words that ``source`` gives too early, where they are more than the next kernel takes in without haste."""
    lead = 0 if source.instance == BOUNDARY else design.kernels[source.instance].lead()
    return lead if lead > SLACK else 0
