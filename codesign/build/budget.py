"""Whether a Design fits its board beside the board's shell, and what would where it doesn't."""

from __future__ import annotations

import re
from dataclasses import asdict

from boards.board import Board
from codesign.build.config import BuildConfig
from codesign.errors import UserError
from codesign.mapping.folding.search import Part, Search
from codesign.report.estimates import budget
from hw.design.design import Design
from hw.kernels.kernel import Resources
from hw.lowering.adapt import BOUNDARY_BITS
from hw.shell import shells

LIMIT = re.compile(r"([a-z]+)=(\d+(?:\.\d+)?)(%?)")


def part_of(config: BuildConfig) -> Part:
    """Return what a design may take: what the shell leaves of the board's part, or of that what ``max_resources`` says.

    Raises:
        UserError: ``max_resources`` is neither a share such as 50% nor limits such as lut=20000,dsp=80, or asks for
            more than there is.
    """
    board, text = config.target, (config.max_resources or "").replace(" ", "").lower()
    whole = {kind: amount for kind, amount in asdict(budget(board)).items() if amount}
    left = beside_shell(board)
    if not text:
        return Part(board.family, left, f"{board.name} beside its shell")
    share = re.fullmatch(r"(\d+(?:\.\d+)?)%", text)
    limits = dict.fromkeys(whole, float(share[1]) / 100) if share else {}
    for item in [] if share else text.split(","):
        limit = LIMIT.fullmatch(item)
        if not limit or limit[1] not in whole:
            raise UserError(
                f"--max-resources {config.max_resources!r} must be a share of the part such as 50%, or limits of "
                f"{', '.join(whole)} such as lut=20000,dsp=50%, not {item!r}."
            )
        limits[limit[1]] = float(limit[2]) / (100 if limit[3] else max(whole[limit[1]], 1))
    for kind, part in limits.items():
        if part > 1 + 1e-9:
            raise UserError(
                f"--max-resources gives {part * whole[kind]:,.0f} {kind.upper()}, and {board.name} has {whole[kind]:,}"
                f": give at most that."
            )
    amounts = {kind: min(round(amount * limits.get(kind, 1)), vars(left)[kind]) for kind, amount in whole.items()}
    return Part(board.family, Resources(**amounts), f"{board.name} (with --max-resources {config.max_resources})")


def beside_shell(board: Board) -> Resources:
    """Return what the board's shell leaves of the part, by the shell's model."""
    return budget(board).without(shells()[board.io].largest(board, BOUNDARY_BITS).resources())


def excess(used: Resources, available: Resources) -> dict[str, int]:
    """Return by how much each resource is exceeded, those that are not left out."""
    pairs = zip(asdict(used).items(), asdict(available).values(), strict=True)
    return {name: have - limit for (name, have), limit in pairs if have > limit}


def rate_for(config: BuildConfig, interval: int) -> str:
    """Return a rate, in few digits, that allows ``interval`` cycles a frame: rounded down, never up."""
    return f"{config.clock_mhz * 1e6 / interval * (1 - 5e-6):.6g}"


def check_lacking(config: BuildConfig, folded: Design) -> None:
    """Raise UserError where a kernel's form takes what the part has none of."""
    part = part_of(config)
    for name, kernel in folded.kernels.items():
        used = asdict(kernel.resources(part.family))
        for kind in (kind for kind, limit in asdict(part.budget).items() if not limit and used[kind]):
            forms = [form for form in kernel.forms() if not asdict(kernel.fold(**form).resources(part.family))[kind]]
            remedy = f"use {_said(forms[0])}" if forms else "use another board"
            raise UserError(
                f"The folding's form of {name} takes {used[kind]} {kind.upper()}, and {part.name} has none: {remedy}."
            )


def _said(form: dict[str, object]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in form.items())


def check_budget(config: BuildConfig, lowered: Design, folded: Design) -> None:
    """Raise UserError where the folded design's estimate is over the board's budget; it says what would fit."""
    part = part_of(config)
    used = folded.resources(part.family)
    if excess(used, part.budget):
        raise UserError(over_budget(config, lowered, used, part.budget, "model"))


def over_budget(config: BuildConfig, lowered: Design, used: Resources, available: Resources, source: str) -> str:
    """Return the sentence for a design that uses more than is available."""
    part, limits = part_of(config), asdict(available)
    over = excess(used, available)
    amounts = ", ".join(f"{amount} {name.upper()} more than the {limits[name]} of it" for name, amount in over.items())
    fastest = Search(lowered, part).fastest()
    if fastest:
        remedy = f"--target-fps {rate_for(config, fastest.design.interval)} would fit, by the model's estimate"
    else:
        remedy = "no folding of this model fits this board"
    return f"{lowered.name} needs {amounts} on {part.name} ({source} estimate): {remedy}."
