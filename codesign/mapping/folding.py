"""Folding: as few lanes as a target interval allows, kernel by kernel."""

from __future__ import annotations

import json
from math import gcd, prod
from pathlib import Path

from codesign.errors import UserError
from codesign.files import write_json
from hw.design.design import Design, End
from hw.kernels.kernel import Kernel
from hw.lowering.adapt import Folding, fold


def fold_for_interval(design: Design, interval: int) -> dict[str, dict[str, int]]:
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
            folding[name] = _cheapest(name, design.kernels[name], _limits(design, name), interval, wanted={})
    for name in names:
        if len(design.kernels[name].folds) == 1:
            fold_name = design.kernels[name].folds[0]
            wanted = {fold_name: lanes} if (lanes := _neighbour(design, name, folding)) else {}
            limits = design.kernels[name].fold_limits()
            folding[name] = _cheapest(name, design.kernels[name], limits, interval, wanted)
    return folding


def _limits(design: Design, name: str) -> dict[str, int]:
    """What each fold must divide: for SIMD, also the lanes that the window in front of the unit can have."""
    limits = design.kernels[name].fold_limits()
    source = design.edges[End(name)].instance
    if source and "simd" in design.kernels[source].folds:
        limits["simd"] = gcd(limits["simd"], design.kernels[source].fold_limits()["simd"])
    return limits


def _neighbour(design: Design, name: str, folding: Folding) -> int | None:
    """Lanes on the folded side of the unit next to ``name``: SIMD of the one it feeds, PE of the one that feeds it."""
    target = design.targets()[End(name)].instance
    if "simd" in folding.get(target, {}) and "simd" in design.kernels[name].folds:
        return folding[target]["simd"]
    source = design.edges[End(name)].instance
    while source in folding and "pe" not in folding[source]:
        source = design.edges[End(source)].instance
    return folding.get(source, {}).get("pe")


def _cheapest(
    name: str, kernel: Kernel, limits: dict[str, int], interval: int, wanted: dict[str, int]
) -> dict[str, int]:
    """The folds with the fewest lanes that meet the interval; ``wanted`` where it is legal and fast enough."""
    if wanted and all(limits[f] % v == 0 for f, v in wanted.items()) and _interval(kernel, wanted) <= interval:
        return wanted
    candidates: list[dict[str, int]] = [{}]
    for fold_name, limit in limits.items():
        candidates = [{**c, fold_name: d} for c in candidates for d in range(1, limit + 1) if limit % d == 0]
    # Of equal lanes, more SIMD: fewer accumulators and activations.
    candidates.sort(key=lambda c: (prod(c.values()), -c.get("simd", 0)))
    for candidate in candidates:
        if _interval(kernel, candidate) <= interval:
            return candidate
    best = min(_interval(kernel, c) for c in candidates)
    raise UserError(
        f"{name} takes {best} cycles a frame when fully unfolded, more than the {interval} that the target allows: "
        f"lower --target-fps or choose a faster clock."
    )


def _interval(kernel: Kernel, folds: dict[str, int]) -> int:
    return kernel.fold(**folds).cycles().interval


def write_folding(path: Path, folding: Folding) -> None:
    """Write the folding as JSON in FINN's form: ``{instance: {"PE": 2, "SIMD": 4}}``."""
    write_json(path, {name: {f.upper(): v for f, v in folds.items()} for name, folds in folding.items()})


def read_folding(path: Path) -> dict[str, dict[str, int]]:
    """Read a folding file.

    Raises:
        UserError: where it is not there, is no JSON, or has not the form ``{instance: {"PE": 2}}``.
    """
    try:
        document = json.loads(path.read_text())
        return {
            name: {key.lower(): int(value) for key, value in folds.items() if key.upper() in ("PE", "SIMD")}
            for name, folds in document.items()
            if name != "Defaults"
        }
    except OSError as error:
        raise UserError(
            f"The folding file {path} could not be read ({error.strerror}): give an existing file."
        ) from error
    except (json.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
        raise UserError(
            f'The folding file {path} is no folding ({error}): it must be JSON of the form {{"kernel": {{"PE": 2}}}}.'
        ) from error


__all__ = ["fold", "fold_for_interval", "read_folding", "write_folding"]
