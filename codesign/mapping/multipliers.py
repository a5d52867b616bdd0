"""Logic or DSPs for the products of each unit that multiplies."""

from __future__ import annotations

from codesign.mapping.folding.search import Part
from codesign.mapping.forms import Made
from hw.design.design import Design
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit
from hw.kernels.kernel import Kernel, Resources
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit

UNITS = (MatrixVectorUnit, DepthwiseUnit)


def choose_multipliers(design: Design, part: Part, wish: str, made: Made = Kernel.fold) -> Design:
    """Return the Design with the wish's multipliers; neither its rate nor its integers change.

    Args:
        design: folded, its products in logic, as they are where nobody asks.
        part: what the design is to fit.
        wish: ``lut``, all in logic; ``dsp``, with DSPs wherever a unit has such a form; ``auto``, with DSPs where they
            are less of the part than the logic is (``Part.share``), or where logic does not fit, as far as they go.
        made: what makes a kernel's other forms.
    """
    if wish == "lut":
        return design
    chosen = Design(design.name, dict(design.kernels), dict(design.edges), dict(design.tensors))
    moves = _moves(design, made)
    if wish == "dsp":
        chosen.kernels.update({name: with_dsps for name, _, with_dsps in moves})
        return chosen
    used, gains = design.resources(part.family), []
    for name, kernel, with_dsps in moves:
        before, after = kernel.resources(part.family), with_dsps.resources(part.family)
        gains.append((part.share(before) - part.share(after), name, with_dsps, before, after))
    for gain, name, with_dsps, before, after in sorted(gains, key=lambda each: each[0], reverse=True):
        moved = Resources(*(n - vars(before)[kind] + vars(after)[kind] for kind, n in vars(used).items()))
        relieves = used.lut > part.budget.lut and moved.lut < used.lut
        if (gain > 0 or relieves) and moved.dsp <= part.budget.dsp:
            chosen.kernels[name], used = with_dsps, moved
    return chosen


def _moves(design: Design, made: Made) -> list[tuple[str, Kernel, Kernel]]:
    """Each unit that has a form with DSPs for its operands, and itself in that form."""
    units = [(name, kernel) for name, kernel in design.kernels.items() if isinstance(kernel, UNITS)]
    found = [(name, kernel, made(kernel, multiplier="dsp")) for name, kernel in units]
    return [(name, kernel, unit) for name, kernel, unit in found if unit.product.multiplier == "dsp"]  # type: ignore[attr-defined]
