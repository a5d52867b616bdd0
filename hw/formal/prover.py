"""Asks for proofs, and keeps the answers by the content of the question."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.synth import sby
from hw.synth.sby import Task, Verdict


@dataclass(frozen=True)
class Result:
    """What came of one proof or mutation.

    Attributes:
        name: of the proof.
        parameters: on one line.
        what: ``proof``, or the mutation's words.
        properties: assertions that hold; for a mutation, those that it violates.
        covers: situations that were reached.
        engine: what proved it.
        seconds: wall clock of the tools, when they ran.
        good: proven and not vacuous; for a mutation, found.
        problem: what went wrong, in a sentence; empty where nothing did.
        trace: waveform of a violation, empty where there is none.
        cached: the tools ran before.
    """

    name: str
    parameters: str
    what: str
    properties: tuple[str, ...]
    covers: tuple[str, ...]
    engine: str
    seconds: float
    good: bool
    problem: str = ""
    trace: str = ""
    cached: bool = False


def ask(task: Task, folder: Path, name: str) -> tuple[Verdict, bool]:
    """Return the verdict and whether it was known; ``folder`` keeps verdicts, and waveforms under ``name``."""
    kept = folder / "cache" / f"{task.key()}.json"
    if kept.is_file():
        known = Verdict.load(kept)
        if not known.trace or (folder / name / known.trace).is_file():
            return known, True
    verdict = sby.run(task, folder / name)
    if verdict.status in ("PASS", "FAIL"):
        verdict.save(kept)
    return verdict, False


def prove(proof: Proof, case: int, folder: Path) -> Result:
    """Prove one case, and that its harness is not vacuous: that all its covers are reached."""
    name = f"{proof.name}-{case}"
    holds, known = ask(proof.task(case), folder, f"{name}-prove")
    reached, known_too = ask(proof.task(case, "cover"), folder, f"{name}-cover")
    problem, trace = "", ""
    where = f"{proof.name} ({proof.label(case)})"
    if holds.status == "FAIL":
        trace = os.path.relpath(folder / f"{name}-prove" / (holds.trace or "sby.log"))
        problem = f"{where} violates {', '.join(holds.wrong) or 'an assertion'}: see {trace}"
    elif holds.status != "PASS":
        problem = f"{where} is neither proven nor refuted within the time ({holds.status})"
    elif reached.status != "PASS" or not reached.covers:
        problem = f"{where} does not reach {', '.join(reached.wrong) or 'its covers'} in {proof.cover_depth} cycles"
    return Result(
        proof.name, proof.label(case), "proof", holds.asserts, reached.covers, "abc pdr",
        holds.seconds + reached.seconds, not problem, problem, trace, known and known_too,
    )  # fmt: skip


def mutate(proof: Proof, mutation: Mutation, folder: Path) -> Result:
    """Put a mistake into the RTL and see the proof fail."""
    index = proof.mutations.index(mutation)
    task = proof.task(mutation.case, files=proof.mutated(mutation))
    verdict, known = ask(task, folder, f"{proof.name}-mutation-{index}")
    found = verdict.status == "FAIL"
    problem = "" if found else f"{proof.name} does not find the mistake: {mutation.what} ({verdict.status})"
    return Result(
        proof.name, proof.label(mutation.case), mutation.what, verdict.wrong, (), "abc pdr",
        verdict.seconds, found, problem, "", known,
    )  # fmt: skip
