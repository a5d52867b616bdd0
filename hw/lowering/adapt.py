"""A folded Design: every kernel with its PE and SIMD, width converters where lanes differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from codesign.errors import UserError
from hw.design.design import BOUNDARY, Design, End
from hw.design.stream import Port, Stream
from hw.kernels.kernel import Kernel
from hw.kernels.width_converter.kernel import WidthConverter
from hw.lowering.padding import INPUT, OUTPUT, Channels, Classes, carries, folds_of

BOUNDARY_BITS = 64
"""Widest word at the design's input and output; inside, words are as wide as the folding makes them."""
Folding = Mapping[str, Mapping[str, Any]]
"""``{instance: {"pe": 2, "simd": 4, "multiplier": "dsp"}}``: folds and values of ``Kernel.forms``; what is not named
stays as it is."""


def fold(design: Design, folding: Folding) -> Design:
    """Return the Design with the folding applied; kernels that have no lanes of their own take their source's.

    Where a fold does not divide the channels, the streams that share them get as many as all their folds divide.

    Raises:
        UserError: a name that the design does not have, a fold that the kernel does not have, one that does not divide
            where no channels can be added, a value that no form of the kernel has.
    """
    return Folder(design).fold(folding)


class Folder:
    """The foldings of one lowered Design. Kernels that they share are made once, and kept as long as this is.

    Attributes:
        design: as it was lowered.
        classes: its streams' channels.
        order: its instances from the input to the output.
    """

    def __init__(self, design: Design) -> None:
        self.design, self.classes, self.order = design, Classes(design), design.order()
        self._made: dict[Any, Kernel] = {}

    def made(self, kernel: Kernel, **values: Any) -> Kernel:
        """Return ``kernel.fold(**values)``, the same one for the same values."""
        key = kernel, *values.items()
        if key not in self._made:
            self._made[key] = kernel.fold(**values)
        return self._made[key]

    def fold(self, folding: Folding) -> Design:
        """Return the Design with the folding applied, as ``fold`` does."""
        design = self.design
        _check(design, folding, self.classes)
        counts = self.classes.counts(folding)
        kernels = {name: self._folded(name, folding.get(name, {}), counts) for name in design.kernels}
        folded = Design(design.name, tensors=dict(design.tensors))
        for name in self.order:
            sources = [source for _, source in design.inputs_of(name)]
            folded.kernels[name] = self._carry(kernels, folded, name, sources[0]) or kernels[name]
            for port, source in enumerate(sources):
                self._join(folded, source, End(name, port))
        last = design.edges[End(BOUNDARY)]
        folded.edges[End(BOUNDARY)] = self._converted(folded, last, boundary_lanes(folded.source_port(last).stream))
        folded.check()
        return folded

    def _folded(self, name: str, values: Mapping[str, Any], counts: Mapping[Channels, int]) -> Kernel:
        """The kernel with its folds, then in the form that is asked for: which it has depends on them."""
        kernel = self._padded(name, counts)
        folds = {fold_name: value for fold_name, value in values.items() if fold_name in kernel.folds}
        folded = self.made(kernel, **folds)
        if len(folds) == len(values):
            return folded
        _check_forms(name, folded, values)
        return self.made(folded, **values)

    def _padded(self, name: str, counts: Mapping[Channels, int]) -> Kernel:
        if not counts:
            return self.design.kernels[name]
        before, behind = (self.classes.of[name, end] for end in (INPUT, OUTPUT))
        key = name, counts.get(before), counts.get(behind)
        if key not in self._made:
            self._made[key] = self.classes.padded(name, counts)
        return self._made[key]

    def _carry(self, kernels: Mapping[str, Kernel], folded: Design, name: str, source: End) -> Kernel | None:
        """What carries, with its source's form of words; at the design's input, with that of its narrowest reader."""
        if not carries(kernels[name]):
            return None
        if source.instance == BOUNDARY:
            ends = list(readers(self.design, name))
            ports = [kernels[r.instance].inputs[r.port] for r in ends]
            port = min(ports or kernels[name].outputs, key=lambda p: p.stream.lanes)
            lanes = boundary_lanes(port.stream)
            port = Port(port.name, replace(port.stream, lanes=lanes), port.words * port.stream.lanes // lanes)
        else:
            port = folded.source_port(source)
        return self.made(kernels[name], stream=port.stream, words=port.words)

    def _join(self, folded: Design, source: End, target: End) -> None:
        """Connect, by way of a width converter where the two ends differ in lanes."""
        wanted = folded.kernels[target.instance].inputs[target.port]
        boundary = source.instance == BOUNDARY
        folded.edges[target] = source if boundary else self._converted(folded, source, wanted.stream.lanes)

    def _converted(self, folded: Design, source: End, lanes: int) -> End:
        """The stream with that many lanes: itself, or what a width converter makes of it."""
        given = folded.source_port(source)
        if given.stream.lanes == lanes:
            return source
        name = f"width_converter_{sum(n.startswith('width_converter_') for n in folded.kernels)}"
        key = given.stream, given.words, lanes
        if key not in self._made:
            self._made[key] = WidthConverter(stream=given.stream, words=given.words, lanes_out=lanes)
        folded.kernels[name] = self._made[key]
        folded.edges[End(name)] = source
        return End(name)


def readers(design: Design, name: str) -> Iterator[End]:
    """The inputs that read what ``name`` gives, also by way of forks and FIFOs."""
    targets = design.targets()
    for index in range(len(design.kernels[name].outputs)):
        reader = targets[End(name, index)]
        if reader.instance == BOUNDARY:
            continue
        if carries(design.kernels[reader.instance]):
            yield from readers(design, reader.instance)
        else:
            yield reader


def boundary_lanes(stream: Stream) -> int:
    """The most lanes, dividing the stream's, whose words are no wider than what a DMA moves."""
    divisors = (d for d in range(1, stream.lanes + 1) if stream.lanes % d == 0)
    return max(d for d in divisors if d == 1 or d * stream.bits <= BOUNDARY_BITS)


def _check(design: Design, folding: Folding, classes: Classes) -> None:
    unknown = [name for name in folding if name not in design.kernels]
    if unknown:
        foldable = [n for n, k in design.kernels.items() if k.folds]
        raise UserError(
            f"The folding names {', '.join(map(repr, unknown))}, which {design.name} does not have; it must be one of "
            f"{', '.join(foldable)}."
        )
    for name, values in folding.items():
        kernel = design.kernels[name]
        for end in (INPUT, OUTPUT):
            for fold_name in folds_of(kernel, end):
                _check_fold(name, kernel, fold_name, values.get(fold_name, 1), classes.of[name, end].fixed)


def _check_fold(name: str, kernel: Kernel, fold_name: str, value: int, fixed: str) -> None:
    limit = kernel.fold_limits()[fold_name]
    if value >= 1 and (limit % value == 0 or not fixed):
        return
    divisors = ", ".join(str(d) for d in range(1, limit + 1) if limit % d == 0)
    if value < 1:
        raise UserError(f"The folding gives {name} {fold_name.upper()} = {value}, which must be one of {divisors}.")
    raise UserError(
        f"The folding gives {name} {fold_name.upper()} = {value}, which must divide {limit}, because {fixed} takes no "
        f"more channels: use one of {divisors}."
    )


def _check_forms(name: str, kernel: Kernel, values: Mapping[str, Any]) -> None:
    """Raise UserError for what is neither a fold of the kernel nor a value that a form of it has."""
    forms = [form for form in kernel.forms() if form]
    known = {key: sorted({form[key] for form in forms if key in form}, key=str) for form in forms for key in form}
    for key, value in values.items():
        if key in known and value not in known[key]:
            _check_value(name, kernel, key, value, known[key])
        if key not in known and key not in kernel.folds:
            names = ", ".join((*kernel.folds, *known)) or "none"
            raise UserError(f"The folding gives {name} {key.upper()}, but its folds are: {names}.")


def _check_value(name: str, kernel: Kernel, key: str, value: Any, known: list[Any]) -> None:
    """Raise UserError for a value that the kernel refuses; a form that is like another one is not among ``forms``."""
    if not isinstance(value, type(known[0])):
        allowed = ", ".join(map(str, known))
        raise UserError(f"The folding gives {name} {key} = {value}, which must be one of {allowed}.")
    try:
        kernel.fold(**{key: value})
    except UserError as error:
        raise UserError(f"The folding gives {name} {key} = {value}: {error}.") from error
