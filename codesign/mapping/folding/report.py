"""What a folding uses, what holds it up, and what the next slower and the next faster one would take."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from codesign.errors import UserError
from codesign.mapping.folding.search import Found, Part, Search
from hw.design.design import Design

STEPS = (1.1, 1.3, 2.0)
"""How much slower the next cheaper design may be, tried in turn."""
CHEAPER = 0.99
"""Share of the resources at which a design counts as cheaper."""
GAP = 0.01
"""Share by which a neighbour's resources may be off the best: it is there to compare with."""
SECONDS = 5.0
"""Time to search for one of them."""
IDLE = 0.5
"""Share of each resource below which a faster design is worth a word."""


def describe(search: Search, found: Found, clock_mhz: float) -> dict[str, Any]:
    """Return all about a folding that was searched for, as plain data; counts are the kernels' models."""
    slower, faster = _slower(search, found, clock_mhz), _faster(search, found, clock_mhz)
    return {
        **describe_design(found.design, search.part, clock_mhz),
        "search": {"proven": found.proven, "from_greedy": found.greedy, "seconds": search.seconds},
        "next_slower": slower,
        "next_faster": faster,
    }


def describe_design(design: Design, part: Part, clock_mhz: float) -> dict[str, Any]:
    """Return what a folded Design uses and what holds it up."""
    used, limits = asdict(design.resources(part.family)), asdict(part.budget)
    shares = {kind: used[kind] / limits[kind] if limits[kind] else 0.0 for kind in used}
    ported = design.interval > design.kernels[design.bottleneck].cycles().interval
    name = "the weight-load port" if ported else design.bottleneck
    reason = f"it brings {design.load_words:,} words of weights a frame" if ported else why(design)
    return {
        "source": "model",
        "part": part.name,
        **_rate(design, clock_mhz),
        "bottleneck": {"kernel": name, "interval": design.interval, "why": reason},
        "resources": used,
        "budget": limits,
        "utilisation": {kind: round(share, 4) for kind, share in shares.items()},
        "warnings": list(_warnings(design, shares)),
    }


def why(design: Design) -> str:
    """Return what the slowest kernel's folds are, in words."""
    kernel = design.kernels[design.bottleneck]
    words = max(port.words for port in (*kernel.inputs, *kernel.outputs))
    if not kernel.folds:
        return f"it has no folds and moves {words:,} words a frame"
    limits = kernel.fold_limits()
    folds = ", ".join(f"{fold.upper()} {getattr(kernel, fold)} of {limits[fold]}" for fold in kernel.folds)
    if all(getattr(kernel, fold) == limits[fold] for fold in kernel.folds):
        return f"fully unfolded ({folds})"
    return f"folded to {folds}"


def lines(report: dict[str, Any]) -> list[str]:
    """Return the report as lines for the log."""
    neck = report["bottleneck"]
    used = ", ".join(f"{n:,} {k.upper()} ({report['utilisation'][k]:.0%})" for k, n in report["resources"].items())
    text = [
        f"{report['interval']:,} cycles a frame, {report['fps']:,.0f} a second; {used} of {report['part']} (model)",
        f"the slowest is {neck['kernel']}, {neck['why']}",
    ]
    search = report.get("search", {})
    if not search.get("proven", True):
        best = "each kernel folded for itself, where it began" if search["from_greedy"] else "the best so far"
        text.append(f"the search was ended after {search['seconds']:g} s: this is {best}")
    for key, what in (("next_slower", "the next cheaper design"), ("next_faster", "the next faster design")):
        other = report.get(key)
        if other and "why" in other:
            text.append(f"{what}: none, {other['why']}")
        elif other:
            over = ", ".join(f"{n:,} {k.upper()} too many" for k, n in other.get("over", {}).items())
            amounts = ", ".join(f"{n:,} {k.upper()}" for k, n in other["resources"].items())
            text.append(f"{what}: {other['interval']:,} cycles with {amounts}{f', {over}' if over else ''}")
    return [*text, *report["warnings"]]


def _rate(design: Design, clock_mhz: float) -> dict[str, Any]:
    return {"interval": design.interval, "fps": clock_mhz * 1e6 / design.interval}


def _warnings(design: Design, shares: dict[str, float]) -> list[str]:
    folds = [getattr(kernel, fold) for kernel in design.kernels.values() for fold in kernel.folds]
    if folds and max(folds) == 1:
        return ["everything is folded to PE = SIMD = 1: the design is as slow as it can be; ask for a higher rate"]
    if max(shares.values()) < IDLE:
        most = max(shares, key=lambda kind: shares[kind])
        return [f"{1 - shares[most]:.0%} of each resource or more is unused: --max-resources makes it as fast as fits"]
    return []


def _slower(search: Search, found: Found, clock_mhz: float) -> dict[str, Any]:
    """The first slower design that takes less."""
    share = search.part.share(found.used)
    tried = 0
    for step in STEPS:
        target = max(int(found.design.interval * step), found.design.interval + 1)
        if target <= tried or found.design.interval >= search.lowered.interval:
            continue
        tried = target
        other = search.smallest(target, GAP, SECONDS)
        if other and search.part.share(other.used) < CHEAPER * share:
            return {**_rate(other.design, clock_mhz), "resources": asdict(other.used)}
    return {"why": "everything is folded as far as it can be" if not tried else "slower ones take as much"}


def _faster(search: Search, found: Found, clock_mhz: float) -> dict[str, Any]:
    """The next faster design: what it takes, and what of it the part does not have."""
    target = max((i for i in search.intervals if i < found.design.interval), default=0)
    try:
        other = search.smallest(target, GAP, SECONDS) or search.nearest(target)
    except UserError:
        return {"why": f"{search.slowest} is no faster in any folding"}
    over = search.part.excess(other.used)
    return {**_rate(other.design, clock_mhz), "resources": asdict(other.used), **({"over": over} if over else {})}
