"""Training and test halves, by subject or as else a data set's authors split it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from codesign.errors import UserError
from quant.data.sequences import Sequences


@dataclass(frozen=True)
class Split:
    """Indices (int64) into a `Sequences`; no sequence is in both, nor is whatever else it is split `by`."""

    train: np.ndarray
    test: np.ndarray
    by: str = "sequence"


def by(values: np.ndarray, train: Collection[int], test: Collection[int], what: str) -> Split:
    """The sequences whose `values` [n] are in `train` and those in `test`; refuses a shared value or an empty half."""
    if both := sorted(set(train) & set(test)):
        raise UserError(
            f"{what.capitalize()} {both[0]} is both a training and a test {what}: a split must be by {what}."
        )
    halves = [np.flatnonzero(np.isin(values, list(wanted))) for wanted in (train, test)]
    for name, half, wanted in zip(("training", "test"), halves, (train, test), strict=True):
        if not len(half):
            raise UserError(f"No sequence belongs to the {name} {what}s {sorted(wanted)} of a split.")
    return Split(halves[0], halves[1], what)


def by_subject(data: Sequences, train: Collection[int], test: Collection[int]) -> Split:
    """The sequences of the `train` subjects and those of the `test` subjects."""
    return by(data.subjects, train, test, "subject")


def leave_one_subject_out(data: Sequences) -> list[Split]:
    """One split a subject: it is the test half. Refuses fewer than two subjects."""
    people = sorted(set(data.subjects.tolist()))
    return [by_subject(data, [other for other in people if other != one], [one]) for one in people]


def leave_one_out(data: Sequences) -> list[Split]:
    """One split a sequence: it is the test half. Not by subject. Refuses fewer than two sequences."""
    if len(data) < 2:
        raise UserError(f"There are {len(data)} sequences: leaving one out takes two at least.")
    everything = np.arange(len(data))
    return [Split(np.delete(everything, one), everything[one : one + 1]) for one in everything]
