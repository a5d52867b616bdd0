"""The form of each kernel: a slower and smaller one where the design leaves it the time."""

from __future__ import annotations

from collections.abc import Callable

from hw.design.design import BOUNDARY, Design
from hw.kernels.kernel import Kernel, Resources
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.kernels.memory.memory import ULTRA
from hw.kernels.width_converter.kernel import WidthConverter

Made = Callable[..., Kernel]
"""As ``Kernel.fold``: what makes a kernel's other forms, or gives those that it made before."""


def choose_forms(design: Design, family: str, made: Made = Kernel.fold) -> Design:
    """Return the Design with its activations in the serial form where that stops nothing.

    An activation behind a folded unit has many cycles a word: one comparator or multiplier then serves all steps.

    Args:
        design: folded.
        family: part family.
        made: what makes a kernel's other forms.
    """
    chosen = Design(design.name, dict(design.kernels), dict(design.edges), dict(design.tensors))
    interval, paces = design.interval, {BOUNDARY: design.interval}  # the design's input may wait as it likes
    for name in design.order():
        given = min(paces[source.instance] for _, source in design.inputs_of(name))
        kernel = _smallest(design.kernels[name], min(given, interval), family, made)
        own = pace(kernel)
        chosen.kernels[name], paces[name] = kernel, max(kernel.interval, given) if own is None else own
    return chosen


def relieve(design: Design, family: str, budget: Resources, made: Made = Kernel.fold) -> Design:
    """Return the Design with weights in ultra RAM, until block RAM fits the budget or there is no more ultra RAM.

    Those go first that free most block RAM for an ultra RAM.
    """
    relieved = Design(design.name, dict(design.kernels), dict(design.edges), dict(design.tensors))
    bram, uram = (design.resources(family).bram, design.resources(family).uram)
    if bram <= budget.bram or not budget.uram:
        return design
    moves = []
    for name, kernel in design.kernels.items():
        if isinstance(kernel, MatrixVectorUnit) and kernel.memory != ULTRA and ULTRA in kernel.memory_wishes:
            moved = made(kernel, memory=ULTRA)
            before, after = kernel.resources(family), moved.resources(family)
            freed, taken = before.bram - after.bram, after.uram - before.uram
            if freed > 0:
                moves.append((freed / taken, freed, taken, name, moved))
    for _, freed, taken, name, moved in sorted(moves, key=lambda move: move[0], reverse=True):
        if bram > budget.bram and uram + taken <= budget.uram:
            relieved.kernels[name] = moved
            bram, uram = bram - freed, uram + taken
    return relieved


def pace(kernel: Kernel) -> int | None:
    """Return the cycles over which a kernel's words of a frame come evenly; None where it passes on what it is given.

    What takes no longer for its words than they come evenly never stops their maker.

    A unit gives its words evenly, and what passes words on keeps that. What gathers or repeats words (a window, a pool,
    a sum over the frame) gives them in bursts, one a cycle.
    """
    if isinstance(kernel, MatrixVectorUnit):
        return kernel.interval
    if isinstance(kernel, WidthConverter) or kernel.inputs[0].words == kernel.outputs[0].words:
        return None
    return kernel.outputs[0].words


def _smallest(kernel: Kernel, interval: int, family: str, made: Made) -> Kernel:
    """The smallest form that is no slower than ``interval``, the first one where none is in time."""
    if not hasattr(kernel, "serial"):
        return kernel
    forms = [kernel, *(made(kernel, **form) for form in kernel.forms() if form.get("serial"))]
    in_time = [form for form in forms if form is kernel or form.interval <= interval]
    return min(in_time, key=lambda form: _size(form.resources(family)))


def _size(used: Resources) -> int:
    """LUTs that a kernel is worth: a flip-flop comes with a LUT, a multiplier and a block RAM stand for about fifty."""
    return max(used.lut, used.ff) + 50 * (used.dsp + used.bram)
