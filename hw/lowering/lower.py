"""Operators to kernels, unfolded: one lane everywhere."""

from __future__ import annotations

import importlib
import pkgutil
from math import prod

from codesign.errors import Reason, Refused, Reject, refusal
from codesign.graph import IntegerGraph
from hw.design.design import BOUNDARY, Design, End
from hw.design.stream import Stream
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.stream_fork.kernel import StreamFork
from hw.lowering import rules
from hw.lowering.builder import RULES, Builder


def lower(graph: IntegerGraph, family: str, streamed: frozenset[str] = frozenset()) -> Design:
    """Return the graph's Design with every fold at 1, forks in place, no width converter and no FIFO yet.

    Args:
        graph: what is to be computed.
        family: part family (``ecp5``, ``xc7``, ``xcup``), where a kernel's form depends on it.
        streamed: outputs of the ``EachSet`` of convolutions whose weights come through the weight-load port.

    Raises:
        Refused: where no kernel serves an operator; all of them are named, but for what stands behind one.
    """
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    builder = Builder(graph, Design(graph.name), family, streamed)
    tensor = graph.tensors[graph.input]
    words = prod(tensor.shape)
    guard = builder.add(FrameGuard(Stream(1, tensor.bits, tensor.signed), words), End(BOUNDARY), tensor=graph.input)
    builder.sources[graph.input] = guard
    reasons: list[Reason] = []
    for op in graph.operators:
        if any(name not in builder.sources for name in op.inputs):
            continue  # behind an operator that was refused
        try:
            if type(op) not in RULES:
                raise Reject("no kernel serves it", "use the back end finn, or add a lowering rule and a kernel")
            RULES[type(op)](builder, op)
        except Reject as reject:
            reasons.append(Reason(f"{type(op).__name__} '{op.output}'", reject.reason, reject.remedy))
    if reasons:
        raise Refused(refusal(f"{graph.name} has no design of our kernels", reasons), reasons)
    builder.readers.append((builder.sources[graph.output], End(BOUNDARY)))
    _connect(builder)
    builder.design.check()
    return builder.design


def _connect(builder: Builder) -> None:
    """Turn the list of readers into streams with one target each, by way of forks."""
    targets: dict[End, list[End]] = {}
    for source, target in list(builder.readers):
        targets.setdefault(source, []).append(target)
    for source, group in targets.items():
        if len(group) == 1:
            builder.design.edges[group[0]] = source
            continue
        port = builder.port(source)
        fork = builder.add(StreamFork(port.stream, port.words, copies=len(group)))
        builder.design.edges[fork] = source
        for index, target in enumerate(group):
            builder.design.edges[target] = End(fork.instance, index)
