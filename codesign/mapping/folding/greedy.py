"""Folding kernel by kernel, as few lanes as a target interval allows: at once, and where the search begins."""

from __future__ import annotations

from math import gcd, lcm, prod

from codesign.errors import UserError
from codesign.mapping.folding.options import divisors
from hw.design.design import BOUNDARY, Design, End
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.width_converter.kernel import WidthConverter
from hw.lowering.adapt import BOUNDARY_BITS, Folder, Folding
from hw.lowering.padding import carries


def fold_greedily(design: Design, interval: int) -> dict[str, dict[str, int]]:
    """Return the folding that meets ``interval`` cycles a frame with the fewest lanes, each kernel for itself.

    A kernel without weights (window, activation, pool, add) takes the lanes of the matrix-vector unit beside it where
    that is fast enough, so that no width converter is needed.

    Raises:
        UserError: where even the largest folds miss the interval; it names the kernel and the best that there is.
    """
    return Greedy(Folder(design)).fold(interval)[0]


class Greedy:
    """The greedy foldings of one Design; what was tried for one interval serves all.

    Attributes:
        folder: of the Design as it was lowered.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder, self.design = folder, folder.design
        self._targets = self.design.targets()
        self._intervals: dict[tuple[str, tuple[int, ...]], int] = {}
        self._candidates: dict[tuple[str, tuple[int, ...]], list[dict[str, int]]] = {}

    def fold(self, interval: int) -> tuple[dict[str, dict[str, int]], Design]:
        """Return the folding that ``fold_greedily`` does, and the Design with it."""
        folding: dict[str, dict[str, int]] = {}
        kernels = self.design.kernels
        for name in self.folder.order:  # units with two folds first: the others follow them
            if len(kernels[name].folds) > 1:
                folding[name] = self._cheapest(name, self._limits(name), interval, [])
        for name in self.folder.order:
            if len(kernels[name].folds) == 1:
                folding[name] = self._cheapest(name, kernels[name].fold_limits(), interval, self._beside(name, folding))
        folded = self.folder.fold(folding)
        _check(folded, interval)
        return folding, folded

    def _limits(self, name: str) -> dict[str, int]:
        """What each fold must divide: for SIMD, also the lanes that the window in front of the unit can have."""
        limits = self.design.kernels[name].fold_limits()
        source = self.design.edges[End(name)].instance
        if source and "simd" in self.design.kernels[source].folds:
            limits["simd"] = gcd(limits["simd"], self.design.kernels[source].fold_limits()["simd"])
        return limits

    def _beside(self, name: str, folding: Folding) -> list[int]:
        """Lanes on the folded sides of the kernels next to ``name``: SIMD of the unit that it feeds, or sources'."""
        target = self._targets[End(name)].instance
        if "simd" in folding.get(target, {}) and "simd" in self.design.kernels[name].folds:
            return [folding[target]["simd"]]
        sources = (self._given(source, folding) for _, source in self.design.inputs_of(name))
        return [lanes for lanes in sources if lanes]

    def _given(self, source: End, folding: Folding) -> int:
        """Lanes of a stream once its maker is folded, or 0 at the design's input, which takes its reader's."""
        if source.instance == BOUNDARY:
            return 0
        kernel = self.design.kernels[source.instance]
        if carries(kernel):
            return self._given(self.design.edges[End(source.instance)], folding)
        made = self.folder.made(kernel, **folding.get(source.instance, {}))
        return made.outputs[source.port].stream.lanes

    def _cheapest(self, name: str, limits: dict[str, int], interval: int, beside: list[int]) -> dict[str, int]:
        """The folds with the fewest lanes that meet the interval; those of one ``beside`` it where fast enough."""
        for lanes in beside:
            wanted = dict.fromkeys(limits, lanes)
            if all(limit % lanes == 0 for limit in limits.values()) and self._interval(name, wanted) <= interval:
                return wanted
        candidates = self._all(name, limits, tuple(beside))
        for candidate in candidates:
            if self._interval(name, candidate) <= interval:
                return dict(candidate)
        best = min(self._interval(name, c) for c in candidates)
        raise UserError(
            f"{name} takes {best} cycles a frame when fully unfolded, more than the {interval} that the target allows: "
            f"lower --target-fps or choose a faster clock."
        )

    def _all(self, name: str, limits: dict[str, int], beside: tuple[int, ...]) -> list[dict[str, int]]:
        """All folds, those with the fewest lanes first, a width converter's counted in.

        Of equal lanes, those with more SIMD: fewer accumulators and activations.
        """
        key = name, beside
        if key not in self._candidates:
            candidates: list[dict[str, int]] = [{}]
            for fold_name, limit in limits.items():
                candidates = [{**c, fold_name: d} for c in candidates for d in divisors(limit)]
            candidates.sort(
                key=lambda c: (max(_between(prod(c.values()), given) for given in beside or [1]), -c.get("simd", 0))
            )
            self._candidates[key] = candidates
        return self._candidates[key]

    def _interval(self, name: str, folds: dict[str, int]) -> int:
        """Cycles a frame of a kernel with these folds."""
        key = name, tuple(folds.values())
        if key not in self._intervals:
            self._intervals[key] = self.design.kernels[name].fold(**folds).interval
        return self._intervals[key]


def _between(lanes: int, given: int) -> int:
    """Lanes of the widest word that a kernel and the width converter in front of it have."""
    return lanes if given % lanes == 0 else lcm(lanes, given)


def _check(folded: Design, interval: int) -> None:
    """Raise UserError where a kernel that no folding makes faster misses the interval."""
    name = folded.bottleneck
    cycles = folded.kernels[name].interval
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
