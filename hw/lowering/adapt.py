"""A folded Design: every kernel with its PE and SIMD, width converters where lanes differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from codesign.errors import UserError
from hw.design.design import BOUNDARY, Design, End
from hw.design.stream import Port, Stream
from hw.kernels.kernel import Kernel
from hw.kernels.width_converter.kernel import WidthConverter

BOUNDARY_BITS = 64
"""Widest word at the design's input and output; inside, words are as wide as the folding makes them."""
Folding = Mapping[str, Mapping[str, int]]
"""``{instance: {"pe": 2, "simd": 4}}``; what is not named stays as it is."""


def fold(design: Design, folding: Folding) -> Design:
    """Return the Design with the folding applied; kernels that have no lanes of their own take their source's.

    Raises:
        UserError: a name that the design does not have, a fold that the kernel does not have or that does not divide.
    """
    _check(design, folding)
    folded = Design(design.name, tensors=dict(design.tensors))
    for name in design.order():
        kernel = design.kernels[name].fold(**folding.get(name, {}))
        sources = [source for _, source in design.inputs_of(name)]
        if carries(kernel):
            kernel = _carry(kernel, folded, design, name, sources[0], folding)
        folded.kernels[name] = kernel
        for port, source in enumerate(sources):
            _join(folded, source, End(name, port))
    last = design.edges[End(BOUNDARY)]
    folded.edges[End(BOUNDARY)] = _converted(folded, last, _boundary_lanes(folded.source_port(last).stream))
    folded.check()
    return folded


def carries(kernel: Kernel) -> bool:
    """Return whether the kernel passes on whatever words it is given: forks, FIFOs, guards."""
    return not kernel.folds and {"stream", "words"} <= {field.name for field in fields(kernel)}


def _carry(kernel: Kernel, folded: Design, design: Design, name: str, source: End, folding: Folding) -> Kernel:
    """The kernel with its source's form of words; at the design's input, with that of its narrowest reader."""
    if source.instance == BOUNDARY:
        readers = list(_readers(design, name))
        ports = [design.kernels[r.instance].fold(**folding.get(r.instance, {})).inputs[r.port] for r in readers]
        port = min(ports or kernel.outputs, key=lambda p: p.stream.lanes)
        lanes = _boundary_lanes(port.stream)
        port = Port(port.name, replace(port.stream, lanes=lanes), port.words * port.stream.lanes // lanes)
    else:
        port = folded.source_port(source)
    return replace(kernel, stream=port.stream, words=port.words)  # type: ignore[call-arg]


def _readers(design: Design, name: str) -> Iterator[End]:
    """The inputs that read what ``name`` gives, also by way of forks and FIFOs."""
    targets = design.targets()
    for index in range(len(design.kernels[name].outputs)):
        reader = targets[End(name, index)]
        if reader.instance == BOUNDARY:
            continue
        if carries(design.kernels[reader.instance]):
            yield from _readers(design, reader.instance)
        else:
            yield reader


def _boundary_lanes(stream: Stream) -> int:
    """The most lanes, dividing the stream's, whose words are no wider than what a DMA moves."""
    divisors = (d for d in range(1, stream.lanes + 1) if stream.lanes % d == 0)
    return max(d for d in divisors if d == 1 or d * stream.bits <= BOUNDARY_BITS)


def _join(folded: Design, source: End, target: End) -> None:
    """Connect, by way of a width converter where the two ends differ in lanes."""
    wanted = folded.kernels[target.instance].inputs[target.port]
    folded.edges[target] = source if source.instance == BOUNDARY else _converted(folded, source, wanted.stream.lanes)


def _converted(folded: Design, source: End, lanes: int) -> End:
    """The stream with that many lanes: itself, or what a width converter makes of it."""
    given = folded.source_port(source)
    if given.stream.lanes == lanes:
        return source
    name = f"width_converter_{sum(n.startswith('width_converter_') for n in folded.kernels)}"
    folded.kernels[name] = WidthConverter(stream=given.stream, words=given.words, lanes_out=lanes)
    folded.edges[End(name)] = source
    return End(name)


def _check(design: Design, folding: Folding) -> None:
    for name, folds in folding.items():
        if name not in design.kernels:
            foldable = [n for n, k in design.kernels.items() if k.folds]
            raise UserError(
                f"The folding names {name!r}, which {design.name} does not have; it must be one of "
                f"{', '.join(foldable)}."
            )
        limits = design.kernels[name].fold_limits()
        for fold_name, value in folds.items():
            if fold_name not in limits:
                known = ", ".join(limits) or "none"
                raise UserError(f"The folding gives {name} {fold_name.upper()}, but its folds are: {known}.")
            if value < 1 or limits[fold_name] % value:
                divisors = ", ".join(str(d) for d in range(1, limits[fold_name] + 1) if limits[fold_name] % d == 0)
                raise UserError(
                    f"The folding gives {name} {fold_name.upper()} = {value}, which must divide {limits[fold_name]}: "
                    f"use one of {divisors}."
                )
