"""Training in rungs: after each the point goes on only where it may still come to the front."""

from __future__ import annotations

from math import isfinite

from codesign.sweep.context import Context
from codesign.sweep.figures import figure
from codesign.sweep.point import Row, dominates, losses
from codesign.sweep.stages.stage import MEASURED, Outcome
from codesign.sweep.study import Study

NOISE = 0.02
"""Share by which a score is uncertain after all rungs: an accuracy of 95 % on 100 samples has this standard error."""
GAIN = 0.10
"""Share that training on from the first epoch may gain; it falls to nothing with the epochs that are left."""


class Train:
    """Trains rung by rung, and stops where the score is out of reach or another point is better in everything."""

    name = "train"

    def run(self, context: Context) -> Outcome:
        """Return the score on the validation samples."""
        study, score = context.study, context.score
        if not score:
            return Outcome({}, MEASURED, "nothing to train: no accuracy or error is asked for")
        if score not in study.objectives and (better := beaten(context, 0, "", 0)):
            return Outcome({}, MEASURED, f"not trained: point {better.slot} costs less", stopped=_said(better))
        learner, rungs = context.learner(), study.training.rungs
        value = 0.0
        for rung, epochs in enumerate(rungs):
            value = float(learner.at(rung))
            if not isfinite(value):  # compares with nothing: no constraint would be missed, and no point better
                return Outcome({}, MEASURED, "no score", stopped=f"The training diverged within {epochs} epochs.")
            left = slack(epochs, rungs[-1])
            so_far = f"{score} {value:.4g} after {epochs} of {rungs[-1]} epochs"
            if why := out_of_reach(study, score, value, left if rung < len(rungs) - 1 else 0):
                return Outcome({score: value}, MEASURED, so_far, stopped=f"{so_far}: {why}.")
            if better := beaten(context, value, score, left):
                return Outcome({score: value}, MEASURED, so_far, stopped=f"{so_far}: {_said(better)}")
        return Outcome({score: value}, MEASURED, f"{score} {value:.4g} after {rungs[-1]} epochs")


def slack(epochs: int, last: int) -> float:
    """Return by which share of 1 (an accuracy) or of itself (an error) a score may still change."""
    return NOISE + GAIN * (1 - epochs / last)


def out_of_reach(study: Study, score: str, value: float, left: float) -> str:
    """Return the constraint on the score that it misses by more than ``left``; empty where there is none."""
    best = _at_best(score, value, left)
    missed = [str(c) for c in study.constraints if c.figure == score and c.violation(best) > 0]
    return f"{missed[0]} is out of reach" if missed else ""


def beaten(context: Context, value: float, score: str, left: float) -> Row | None:
    """Return a feasible point that is no worse in every cost and better in the score by more than ``left``.

    Args:
        context: the point, with its costs by the model.
        value: of its score.
        score: the score's name where it is among the objectives; else the costs alone count.
        left: by how much the score may still change.
    """
    study = context.study
    if score and score not in study.objectives:
        return None  # the costs were compared before the training
    names = [*(name for name in study.objectives if name != score), *([score] if score else [])]
    figures = {**context.figures, **({score: _at_best(score, value, left)} if score else {})}
    if not all(name in figures for name in names):
        return None
    mine = losses(Row(context.point, figures, {}, Train.name), names)
    for row in study.front(context.rows()):
        same = not study.per or context.designs.complete(row.point).get(study.per) == context.point.get(study.per)
        if same and all(name in row.figures for name in names):
            theirs = losses(row, names)
            if dominates(theirs, mine) and (not score or theirs[-1] < mine[-1]):
                return row
    return None


def _at_best(score: str, value: float, left: float) -> float:
    """What the score may yet become."""
    return value + left if figure(score).more else value * (1 - left)


def _said(row: Row) -> str:
    return f"point {row.slot} is no worse in any cost and better beyond what is left to gain."
