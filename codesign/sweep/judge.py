"""What hardware a network becomes, by models alone, in milliseconds: cycles exact, resources estimated.

A ``Judge`` folds one lowered network for many rates, as the search's start does (``Search.start``: the same folding,
the same resources), and keeps whatever two foldings share: kernels, what they take, their token models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from boards.board import Board
from codesign.build.budget import beside_shell
from codesign.errors import UserError
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding.greedy import Greedy
from codesign.mapping.folding.search import Part, settings
from codesign.mapping.forms import choose_forms, relieve
from codesign.mapping.multipliers import choose_multipliers
from codesign.sweep import energy
from hw.design.design import Design
from hw.design.units import macs, units
from hw.kernels.kernel import Kernel, Resources
from hw.lowering.adapt import Folder
from hw.shell import shells
from hw.tokens.design import UNBOUNDED, DesignTokens, program
from hw.tokens.network import Program

PLENTY = Resources(*[1 << 40] * 5)
"""Where no budget is given."""
FITS, FAST = "fits the board", "reaches the target"
"""What may be missed."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A network's design for a rate.

    Attributes:
        folding: complete, as a folding file has it.
        design: folded with it; with FIFOs where ``sized``.
        interval: cycles a frame in steady state, exact.
        resources: of all its kernels, estimated.
        asked: cycles a frame that were asked for.
        why: why no design is as fast as asked, in a sentence: then this is the fastest one; else empty.
        sized: whether its FIFOs are in place. Without them the first frame's cycles are those of a design whose
            branches can wait as long as they like, which were within 4 % of the sized one's on skeleton-tiny.
    """

    folding: Mapping[str, Mapping[str, Any]]
    design: Design
    interval: int
    resources: Resources
    asked: int
    why: str = ""
    sized: bool = False


@dataclass(eq=False)
class Judge:
    """The foldings of one network for one part family.

    Attributes:
        lowered: the network's Design, unfolded.
        family: part family that it was lowered for.
        macs: multiply-accumulates of a frame.
        weight_bits: of all weights together.
    """

    lowered: Design
    family: str
    _folded: dict[int, tuple[Mapping[str, Mapping[str, int]], Design]] = field(default_factory=dict)
    _judged: dict[Any, Judged] = field(default_factory=dict)
    _first: dict[Any, int] = field(default_factory=dict)
    _programs: dict[Kernel, Program] = field(default_factory=dict)
    _energy: dict[Kernel, float] = field(default_factory=dict)
    _left: dict[str, Resources] = field(default_factory=dict)
    _fastest: int = 0

    def __post_init__(self) -> None:
        self._greedy = Greedy(Folder(self.lowered))
        self.macs = macs(self.lowered)
        found = units(self.lowered).values()
        self.weight_bits = sum(unit.weights.size * unit.product.operands.weight_bits for unit in found)

    def at(self, interval: int, form: str = "auto", budget: Resources | None = None) -> Judged:
        """Return the smallest greedy design that takes at most ``interval`` cycles a frame.

        Args:
            interval: cycles a frame.
            form: of products, as ``choose_multipliers`` has it; ``auto`` without a budget takes logic.
            budget: what there is for the design; what it does not hold may be more than that.
        """
        key = interval, form, budget
        if key not in self._judged:
            try:
                self._judged[key] = self._made(interval, form, budget)
            except UserError as error:
                found = self._made(self.fastest, form, budget)
                self._judged[key] = replace(found, asked=interval, why=str(error))
        return self._judged[key]

    @property
    def fastest(self) -> int:
        """The least interval that a greedy folding meets."""
        low, high = 0, self.lowered.interval
        while not self._fastest and low + 1 < high:
            middle = (low + high) // 2
            try:
                high = min(middle, self._greedy.fold(middle)[1].interval)
            except UserError:
                low = middle
        self._fastest = self._fastest or high
        return self._fastest

    def first_frame(self, judged: Judged) -> int:
        """Return the cycles from the first word taken to the first frame's last word: see ``Judged.sized``."""
        design = judged.design
        key = tuple(design.kernels.items())
        if key not in self._first:
            tokens = DesignTokens(design, self._program)
            joins = {end for end in design.edges if end.instance and len(design.kernels[end.instance].inputs) > 1}
            self._first[key] = tokens.first_frame({} if judged.sized else dict.fromkeys(joins, UNBOUNDED))
        return self._first[key]

    def complete(self, judged: Judged) -> Judged:
        """Return it with the smallest FIFOs, as a build makes it: then all cycles are exact."""
        design, _ = size_fifos(judged.design)
        return replace(judged, design=design, resources=design.resources(self.family), sized=True)

    def energy_uj(self, judged: Judged) -> float:
        """Return the microjoules of a frame, for ordering only: see ``codesign.sweep.energy``."""
        for kernel in judged.design.kernels.values():
            if kernel not in self._energy:
                self._energy[kernel] = energy.kernel_pj(kernel)
        return sum(self._energy[kernel] for kernel in judged.design.kernels.values()) * 1e-6

    def left(self, board: Board) -> Resources:
        """Return what the board's shell leaves to a design."""
        if board.name not in self._left:
            self._left[board.name] = beside_shell(board)
        return self._left[board.name]

    def _made(self, interval: int, form: str, budget: Resources | None) -> Judged:
        made, part = self._greedy.folder.made, Part(self.family, budget or PLENTY)
        if interval not in self._folded:
            greedy, folded = self._greedy.fold(interval)
            self._folded[interval] = greedy, choose_forms(folded, self.family, made)
        folding, design = self._folded[interval]
        if budget is not None or form != "auto":
            design = choose_multipliers(design, part, form, made)
        design = relieve(design, self.family, part.budget, made)
        complete = settings(self.lowered, folding, design)
        return Judged(complete, design, design.interval, design.resources(self.family), interval)

    def _program(self, kernel: Kernel) -> Program:
        if kernel not in self._programs:
            self._programs[kernel] = program(kernel)
        return self._programs[kernel]


def made_clock_mhz(board: Board, asked: float | None = None) -> float:
    """Return the clock in MHz that the board makes of the one asked for, its own where None.

    Raises:
        UserError: it makes none near that.
    """
    return float(shells()[board.io].made_clock_mhz(board, asked or board.clock_mhz))


def hardware(judge: Judge, board: Board, clock_mhz: float, judged: Judged) -> tuple[dict[str, float], dict[str, float]]:
    """Return the figures of a design on a board, all by models, and what it misses, relative to the limit.

    Args:
        judge: that judged it.
        board: of the judge's part family.
        clock_mhz: the accelerator's, as the board makes it.
        judged: the design.
    """
    used, left = asdict(judged.resources), asdict(judge.left(board))
    share = max(amount / max(left[kind], 1) for kind, amount in used.items())
    figures = {
        "fps": clock_mhz * 1e6 / judged.interval,
        "interval": judged.interval,
        "latency_us": judge.first_frame(judged) / clock_mhz,
        **used,
        "share": share,
        "energy_uj": judge.energy_uj(judged),
        "weight_kbit": judge.weight_bits / 1024,
        "macs": judge.macs,
    }
    missed = {FITS: share - 1, FAST: (1 - judged.asked / judged.interval) if judged.why else 0}
    return figures, {what: by for what, by in missed.items() if by > 0}
