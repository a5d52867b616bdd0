"""Training and test halves, by subject or as else a data set's authors split it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from codesign.errors import UserError
from quant.data.sequences import Sequences


@dataclass(frozen=True)
class Split:
    """Indices (int64) into a `Sequences`; no sequence is in both."""

    train: np.ndarray
    test: np.ndarray


def by_subject(data: Sequences, train: Collection[int], test: Collection[int]) -> Split:
    """Sequences of the `train` subjects and of the `test` subjects; refuses a shared subject or an empty half."""
    both = sorted(set(map(int, train)) & set(map(int, test)))
    if both:
        raise UserError(f"Subject {both[0]} is both a training and a test subject: a split must be by subject.")
    halves = [np.flatnonzero(np.isin(data.subjects, list(subjects))) for subjects in (train, test)]
    for name, half, subjects in zip(("training", "test"), halves, (train, test), strict=True):
        if not len(half):
            raise UserError(f"No sequence belongs to the {name} subjects {list(map(int, subjects))} of a split.")
    return Split(*halves)


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
