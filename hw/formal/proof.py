"""What a proof declares: a harness with assertions, the RTL, the parameters, and what must not go unnoticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codesign.errors import UserError
from hw.synth.sby import Task

RULES = Path(__file__).parent / "rules"
"""Assertions that the harnesses share."""


@dataclass(frozen=True)
class Mutation:
    """A mistake put into the RTL, which the proof must find.

    Attributes:
        what: the mistake, in words.
        file: name of the source.
        old, new: text that occurs once in it, and what stands there instead.
        case: index of the parameters under which it must be found.
    """

    what: str
    file: str
    old: str
    new: str
    case: int = 0


@dataclass(frozen=True)
class Proof:
    """A harness (``NAME_formal.sv``, whose module is named like the file) and the parameters it is proven for.

    Attributes:
        harness: the file.
        rtl: the sources under proof.
        cases: parameters of the harness (or of another module, by ``module.NAME``), one proof each.
        mutations: mistakes that must be found.
        cover_depth: cycles within which every ``cover`` of the harness is reached.
        data: further files by name, which ``$readmemh`` reads.
    """

    harness: Path
    rtl: tuple[Path, ...]
    cases: tuple[Mapping[str, int | str], ...]
    mutations: tuple[Mutation, ...]
    cover_depth: int = 20
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The harness's name without ``_formal``."""
        return self.harness.stem.removesuffix("_formal")

    def label(self, case: int) -> str:
        """The harness's parameters of a case on one line."""
        return " ".join(f"{name}={value}" for name, value in self.cases[case].items() if "." not in name)

    def files(self) -> dict[str, str]:
        """Text of everything that is read, by name."""
        paths = [*sorted(RULES.glob("*.sv")), *self.rtl, self.harness]
        return {path.name: path.read_text() for path in paths} | dict(self.data)

    def task(self, case: int, mode: str = "prove", files: Mapping[str, str] | None = None) -> Task:
        """What to ask of sby; ``files`` stand in for the proof's own."""
        engine = "abc pdr" if mode == "prove" else "smtbmc z3"
        return Task(files or self.files(), self.harness.stem, self.cases[case], mode, engine, self.cover_depth)

    def mutated(self, mutation: Mutation) -> dict[str, str]:
        """The files with a mistake in them.

        Raises:
            UserError: the text to replace does not occur exactly once.
        """
        files = self.files()
        found = files.get(mutation.file, "").count(mutation.old)
        if found != 1:
            raise UserError(
                f"{self.name}'s mutation {mutation.what!r} must replace text that occurs once in {mutation.file}, "
                f"which {mutation.old!r} does {found} times: correct it in {self.harness.parent}/proofs.py"
            )
        return files | {mutation.file: files[mutation.file].replace(mutation.old, mutation.new)}
