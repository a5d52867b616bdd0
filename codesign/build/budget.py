"""Whether a Design fits its board, and what would where it doesn't."""

from __future__ import annotations

from dataclasses import asdict

from codesign.build.config import BuildConfig
from codesign.errors import UserError
from codesign.mapping.folding import fold_for_interval
from codesign.report.estimates import budget
from hw.design.design import Design
from hw.kernels.kernel import Resources
from hw.lowering import fold


def excess(used: Resources, available: Resources) -> dict[str, int]:
    """Return by how much each resource is exceeded, those that are not left out."""
    pairs = zip(asdict(used).items(), asdict(available).values(), strict=True)
    return {name: have - limit for (name, have), limit in pairs if have > limit}


def check_budget(config: BuildConfig, lowered: Design, folded: Design) -> None:
    """Raise UserError where the folded design's estimate is over the board's budget; it says what would fit."""
    board = config.target
    over = excess(folded.resources(board.family), budget(board))
    if over:
        raise UserError(over_budget(config, lowered, over, "model"))


def over_budget(config: BuildConfig, lowered: Design, over: dict[str, int], source: str) -> str:
    """Return the sentence for a design over the board's budget."""
    limits = asdict(budget(config.target))
    amounts = ", ".join(f"{amount} {name.upper()} more than the {limits[name]} of it" for name, amount in over.items())
    fps = _fitting_fps(config, lowered)
    remedy = (
        f"--target-fps {fps:.6g} would fit, by the same estimate" if fps else "no folding of this model fits this board"
    )
    return f"{lowered.name} needs {amounts} on {config.target.name} ({source} estimate): {remedy}."


def _fitting_fps(config: BuildConfig, lowered: Design) -> float | None:
    """The highest rate, by halving, whose folding is within the budget by the kernels' models."""
    slowest = lowered.interval
    interval = 1
    while interval < 2 * slowest:
        try:
            design = fold(lowered, fold_for_interval(lowered, interval))
        except UserError:  # faster than the kernels can go
            interval *= 2
            continue
        if not excess(design.resources(config.target.family), budget(config.target)):
            return config.clock_mhz * 1e6 / interval
        interval *= 2
    return None
