"""What a study must be, checked before anything is trained or stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from math import isfinite
from pathlib import Path

import boards
import quant.models
from codesign.errors import UserError
from codesign.sweep.axes import Axis, axes_of
from codesign.sweep.figures import FIGURES
from codesign.sweep.names import unknown
from codesign.sweep.point import Value
from codesign.sweep.study import SAMPLERS, Constraint, Range, Study
from hw.shell import shells
from quant.model import Model
from quant.training import rungs

LARGEST_GRID = 1_000_000
SHARES = ("accuracy", "share")
SCORES = ("accuracy", "error")


def checked(study: Study) -> Study:
    """Return ``study`` with its values as they are meant (a board's own name, a whole range's step of 1).

    Raises:
        UserError: something in it cannot be; the sentence says what, and what it must be.
    """
    model = model_of(study.model)
    axes = axes_of(model)
    if not study.axes:
        raise UserError("The study varies nothing: give at least one axis under axes.")
    if both := [name for name in study.axes if name in study.fixed]:
        raise UserError(f"The axis {both[0]} is under axes and under fixed: keep one of them.")
    for name in (*study.axes, *study.fixed):
        if name not in axes:
            raise unknown(name, "axis", axes)
    study = replace(
        study,
        axes={name: _range(axes[name], values) for name, values in study.axes.items()},
        fixed={name: axes[name].take(value) for name, value in study.fixed.items()},
    )
    if study.per and study.per not in study.axes:
        raise unknown(study.per, "varied axis for per", study.axes)
    _check_clocks(study)
    _check_figures(study, model)
    check_constraints(study.constraints)
    _check_sampler(study)
    rungs.check(study.training)
    return study


def model_of(name: str) -> Model | None:
    """Return the preset called ``name``, None for a QONNX file; refuses what is neither."""
    if name in quant.models.names():
        return quant.models.get(name)
    if not name.endswith(".onnx"):
        raise unknown(name, "model", quant.models.names())
    if not Path(name).is_file():
        raise UserError(f"The model {name} does not exist: give a preset's name or a QONNX file.")
    return None


def score_of(model: Model | None) -> str:
    """Return what says how good a net of ``model`` is: ``accuracy``, ``error``, or nothing for a QONNX file."""
    if model is None:
        return ""
    return "accuracy" if model.joints else "error"


def score_wanted(study: Study) -> str:
    """Return the score that ``study`` asks for, ``accuracy`` or ``error``; empty where nothing is to be trained."""
    score = score_of(model_of(study.model))
    return score if score in (*study.objectives, *(c.figure for c in study.constraints)) else ""


def _range(axis: Axis, given: Range) -> Range:
    if given.choices:
        choices = tuple(axis.take(value) for value in given.choices)
        twice = [value for i, value in enumerate(choices) if value in choices[:i]]
        if twice:
            raise UserError(f"The axis {axis.name} has the value {twice[0]!r} twice: leave one out.")
        return Range(choices)
    if not axis.ordered:
        raise UserError(f"The axis {axis.name} has names, not numbers: give a list of them, not a range.")
    for end in (given.low, given.high):
        axis.take(end)
    if given.low >= given.high:
        raise UserError(
            f"The axis {axis.name} goes from {given.low:g} to {given.high:g}: low must be below high "
            f"(a single value goes under fixed)."
        )
    if given.step < 0 or not isfinite(given.step):
        raise UserError(f"The axis {axis.name} has the step {given.step:g}: it must be above 0.")
    step = given.step or (1 if axis.whole else 0)
    if axis.whole and not float(step).is_integer():
        raise UserError(f"The axis {axis.name} has whole values, and the step {step:g}: it must be whole too.")
    if given.log and given.step > (1 if axis.whole else 0):
        raise UserError(f"The axis {axis.name} has log and a step: leave one out, or give a list of values.")
    values = replace(given, step=step)
    if step and (given.high - given.low) / step + 1 - values.size > 1e-6:
        last = given.low + (values.size - 1) * step
        raise UserError(
            f"The axis {axis.name} does not come from {given.low:g} to {given.high:g} in steps of {step:g}: "
            f"the last value is {last:g}, give that as high."
        )
    return values


def _check_clocks(study: Study) -> None:
    """Refuse a clock that a board does not make."""
    for board, clock in product(_ends(study, "board"), _ends(study, "clock_mhz")):
        target = boards.get(str(board))
        shells()[target.io].made_clock_mhz(target, float(clock))


def _ends(study: Study, name: str) -> tuple[Value, ...]:
    if name in study.fixed:
        return (study.fixed[name],)
    given = study.axes.get(name)
    if given is None:
        return ("pynq_z2",) if name == "board" else ()
    return given.choices or (given.low, given.high)


def _check_figures(study: Study, model: Model | None) -> None:
    """Refuse figures that there are not, or not of this model, or that nothing may be chosen by."""
    if not study.objectives:
        raise UserError("The study has no objectives: give figures such as [accuracy, latency_us, lut].")
    if len(set(study.objectives)) < len(study.objectives):
        raise UserError(f"The objectives {', '.join(study.objectives)} name a figure twice: leave one out.")
    score = score_of(model)
    for name in (*study.objectives, *(constraint.figure for constraint in study.constraints)):
        if name not in FIGURES:
            raise unknown(name, "figure", FIGURES)
        if name.startswith("test_"):
            raise UserError(
                f"The figure {name} is of the test half, which nothing is chosen by: ask for {name[5:]}, "
                f"which is of the validation samples."
            )
        if name in SCORES and not score:
            raise UserError(f"The model {study.model} is a QONNX file, which has no {name}: leave it out.")
        if name in SCORES and name != score:
            raise UserError(f"The model {study.model} has no {name}: ask for its {score}.")


def check_constraints(constraints: Iterable[Constraint]) -> None:
    """Refuse limits that every design meets, or none does, or that say the same thing twice."""
    seen: dict[str, Constraint] = {}
    for c in constraints:
        more = FIGURES[c.figure].more
        if not isfinite(c.limit):
            raise UserError(f"The constraint {c} must have a number as its limit.")
        if c.at_least != more:
            better, sign = ("More", ">=") if more else ("Less", "<=")
            raise UserError(f"The constraint {c} would refuse the better: {better} of it is better, so write {sign}.")
        if c.figure in SHARES and more and c.limit > 1:
            raise UserError(f"The constraint {c} is met by nothing: {c.figure} is a share of 1, such as 0.95.")
        if c.limit < 0 or (c.at_least and c.limit == 0):
            fate = "met by everything" if c.at_least else "met by nothing"
            raise UserError(f"The constraint {c} is {fate}: its limit must be above 0.")
        if c.figure in seen:
            raise UserError(f"The constraints {seen[c.figure]} and {c} are on one figure: keep one of them.")
        seen[c.figure] = c


def _check_sampler(study: Study) -> None:
    if study.sampler not in SAMPLERS:
        raise unknown(study.sampler, "sampler", SAMPLERS)
    if study.trials is not None and study.trials < 1:
        raise UserError(f"trials is {study.trials}: it must be at least 1.")
    if study.sampler != "grid":
        if study.trials is None:
            raise UserError(f"The sampler {study.sampler} goes on for ever: say with trials how many points to judge.")
        return
    real = [name for name, values in study.axes.items() if not isfinite(values.size)]
    if real:
        raise UserError(
            f"A grid needs values one by one, and the axis {real[0]} is a range of real numbers: give a list of "
            f"values or a step, or another sampler."
        )
    if study.size > LARGEST_GRID:
        sizes: Mapping[str, int] = {name: int(values.size) for name, values in study.axes.items()}
        told = " × ".join(f"{size:,} of {name}" for name, size in sizes.items())
        raise UserError(
            f"The grid has {study.size:,} points ({told}), and at most {LARGEST_GRID:,} are taken: "
            f"give fewer values, or another sampler and trials."
        )
