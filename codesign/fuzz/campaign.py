"""Many networks side by side, with progress; every failure is shrunk and saved."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from codesign.files import write_text
from codesign.fuzz import trial
from codesign.fuzz.generate import generate
from codesign.fuzz.recipe import Recipe
from codesign.fuzz.shrink import shrink
from codesign.fuzz.trial import Outcome, Verdict

TIME_LIMIT = 300.0
"""Seconds for one network, far beyond what any needs: who takes longer hangs."""


@dataclass
class Summary:
    """What came of all networks.

    Attributes:
        verdicts: how many of each.
        refusals: how many for each reason, without what differs from network to network.
        saved: the files of the failures.
    """

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    saved: list[Path] = field(default_factory=list)

    @property
    def failures(self) -> int:
        return sum(n for v, n in self.verdicts.items() if v not in (Verdict.PASSED, Verdict.REFUSED))


def run(
    seeds: range, stop: str, folder: Path, jobs: int, progress: Callable[[int, Outcome], None] | None = None
) -> Summary:
    """Run the network of every seed, ``jobs`` at once; save what fails to ``folder``."""
    summary, waiting, running = Summary(), list(seeds), dict[int, _Child]()
    while waiting or running:
        while waiting and len(running) < jobs:
            seed = waiting.pop(0)
            running[seed] = _Child(seed, stop, folder)
        for seed, child in list(running.items()):
            outcome = child.poll()
            if outcome is None:
                continue
            del running[seed]
            summary.verdicts[outcome.verdict] += 1
            if outcome.verdict is Verdict.REFUSED:
                summary.refusals.update(_kinds(outcome.message))
            if outcome.failed:
                summary.saved.append(folder / f"seed_{seed}.json")
            if progress:
                progress(seed, outcome)
        time.sleep(0.01)
    return summary


def _kinds(message: str) -> set[str]:
    """The reasons of a refusal by their remedies, which do not name nodes."""
    return {line.split(" Remedy: ")[1] for line in message.splitlines()[1:]}


class _Child:
    """A network in a process of its own: it may hang, or take the whole process with it."""

    def __init__(self, seed: int, stop: str, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        context = multiprocessing.get_context("fork")
        self.answer, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(theirs, seed, stop, folder))
        self.process.start()
        theirs.close()
        self.deadline = time.monotonic() + TIME_LIMIT

    def poll(self) -> Outcome | None:
        """The outcome, or None while there is none yet."""
        if self.answer.poll():
            try:
                outcome: Outcome = self.answer.recv()
            except EOFError:
                self.process.join()
                outcome = Outcome(Verdict.CRASHED, "", f"the process ended with {self.process.exitcode}")
                _save(generate(self.seed), outcome, self.folder, self.seed)
            self.process.join()
            return outcome
        if time.monotonic() < self.deadline:
            return None
        self.process.kill()
        self.process.join()
        outcome = Outcome(Verdict.STUCK, "", f"no end after {TIME_LIMIT:g} s")
        _save(generate(self.seed), outcome, self.folder, self.seed)
        return outcome


def _work(answer: Connection, seed: int, stop: str, folder: Path) -> None:
    outcome = trial.run(generate(seed), stop)
    if outcome.failed:
        smallest = shrink(generate(seed), lambda r: trial.run(r, stop).like(outcome), tries=80)
        final = trial.run(smallest, stop)
        _save(smallest, final if final.like(outcome) else outcome, folder, seed)
    answer.send(outcome)


def _save(recipe: Recipe, outcome: Outcome, folder: Path, seed: int) -> None:
    """The recipe as JSON, what was said, and the model for Netron."""
    recipe.save(folder / f"seed_{seed}.json")
    write_text(folder / f"seed_{seed}.txt", f"{outcome.verdict} in {outcome.step}\n{outcome.message}\n")
    net, output = recipe.build()
    net.save_raw(output, folder / f"seed_{seed}.onnx")
