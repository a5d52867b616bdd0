"""Training and test halves that share no subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign.errors import UserError
from quant.data.sequences import Sequences


@dataclass(frozen=True)
class Split:
    """Indices (int64) into a `Sequences`; no subject is in both."""

    train: np.ndarray
    test: np.ndarray


def by_subject(data: Sequences, train: np.ndarray, test: np.ndarray) -> Split:
    """Sequences of the `train` subjects and of the `test` subjects; refuses a shared subject or an empty half."""
    both = sorted(set(map(int, train)) & set(map(int, test)))
    if both:
        raise UserError(f"Subject {both[0]} is both a training and a test subject: a split must be by subject.")
    halves = [np.flatnonzero(np.isin(data.subjects, subjects)) for subjects in (train, test)]
    for name, half, subjects in zip(("training", "test"), halves, (train, test), strict=True):
        if not len(half):
            raise UserError(f"No sequence belongs to the {name} subjects {list(map(int, subjects))} of a split.")
    return Split(*halves)
