"""Folding kernel by kernel, as few lanes as a target interval allows: at once, and where the search begins."""

from __future__ import annotations

from math import gcd, lcm, prod

from codesign.errors import UserError
from hw.design.design import BOUNDARY, Design, End
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.kernel import Kernel
from hw.kernels.width_converter.kernel import WidthConverter
from hw.lowering.adapt import BOUNDARY_BITS, Folding, fold
from hw.lowering.padding import carries


def fold_greedily(design: Design, interval: int) -> dict[str, dict[str, int]]:
    """Return the folding that meets ``interval`` cycles a frame with the fewest lanes, each kernel for itself.

    A kernel without weights (window, activation, pool, add) takes the lanes of the matrix-vector unit beside it where
    that is fast enough, so that no width converter is needed.

    Raises:
        UserError: where even the largest folds miss the interval; it names the kernel and the best that there is.
    """
    folding: dict[str, dict[str, int]] = {}
    names = design.order()
    for name in names:  # units with two folds first: the others follow them
        if len(design.kernels[name].folds) > 1:
            folding[name] = _cheapest(name, design.kernels[name], _limits(design, name), interval, [])
    for name in names:
        if len(design.kernels[name].folds) == 1:
            limits = design.kernels[name].fold_limits()
            folding[name] = _cheapest(name, design.kernels[name], limits, interval, _beside(design, name, folding))
    _check(fold(design, folding), interval)
    return folding


def _limits(design: Design, name: str) -> dict[str, int]:
    """What each fold must divide: for SIMD, also the lanes that the window in front of the unit can have."""
    limits = design.kernels[name].fold_limits()
    source = design.edges[End(name)].instance
    if source and "simd" in design.kernels[source].folds:
        limits["simd"] = gcd(limits["simd"], design.kernels[source].fold_limits()["simd"])
    return limits


def _beside(design: Design, name: str, folding: Folding) -> list[int]:
    """Lanes on the folded sides of the kernels next to ``name``: SIMD of the unit that it feeds, or its sources'."""
    target = design.targets()[End(name)].instance
    if "simd" in folding.get(target, {}) and "simd" in design.kernels[name].folds:
        return [folding[target]["simd"]]
    sources = (_given(design, source, folding) for _, source in design.inputs_of(name))
    return [lanes for lanes in sources if lanes]


def _given(design: Design, source: End, folding: Folding) -> int:
    """Lanes of a stream once its maker is folded, or 0 at the design's input, which takes its reader's."""
    if source.instance == BOUNDARY:
        return 0
    kernel = design.kernels[source.instance]
    if carries(kernel):
        return _given(design, design.edges[End(source.instance)], folding)
    return kernel.fold(**folding.get(source.instance, {})).outputs[source.port].stream.lanes


def _cheapest(name: str, kernel: Kernel, limits: dict[str, int], interval: int, beside: list[int]) -> dict[str, int]:
    """The folds with the fewest lanes that meet the interval; those of one ``beside`` it where that is fast enough."""
    for lanes in beside:
        wanted = dict.fromkeys(limits, lanes)
        if all(limit % lanes == 0 for limit in limits.values()) and _interval(kernel, wanted) <= interval:
            return wanted
    candidates: list[dict[str, int]] = [{}]
    for fold_name, limit in limits.items():
        candidates = [{**c, fold_name: d} for c in candidates for d in range(1, limit + 1) if limit % d == 0]
    # Fewest lanes, a width converter's counted in. Of equal lanes, more SIMD: fewer accumulators and activations.
    candidates.sort(
        key=lambda c: (max(_between(prod(c.values()), given) for given in beside or [1]), -c.get("simd", 0))
    )
    for candidate in candidates:
        if _interval(kernel, candidate) <= interval:
            return candidate
    best = min(_interval(kernel, c) for c in candidates)
    raise UserError(
        f"{name} takes {best} cycles a frame when fully unfolded, more than the {interval} that the target allows: "
        f"lower --target-fps or choose a faster clock."
    )


def _between(lanes: int, given: int) -> int:
    """Lanes of the widest word that a kernel and the width converter in front of it have."""
    return lanes if given % lanes == 0 else lcm(lanes, given)


def _check(folded: Design, interval: int) -> None:
    """Raise UserError where a kernel that no folding makes faster misses the interval."""
    name = folded.bottleneck
    cycles = folded.kernels[name].cycles().interval
    if cycles <= interval:
        return
    ends = {folded.edges[End(BOUNDARY)].instance: "output"}
    ends |= {target.instance: "input" for target, source in folded.edges.items() if source.instance == BOUNDARY}
    narrow = name in ends and isinstance(folded.kernels[name], (FrameGuard, WidthConverter))
    end = f" at the {ends[name]}, whose words have {BOUNDARY_BITS} bits at most," if narrow else ""
    raise UserError(
        f"{name}{end} takes {cycles} cycles a frame with any folding, more than the {interval} that the target allows: "
        f"lower --target-fps or choose a faster clock."
    )


def _interval(kernel: Kernel, folds: dict[str, int]) -> int:
    return kernel.fold(**folds).cycles().interval
