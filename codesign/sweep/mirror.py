"""The trials of Optuna that go with a study's slots: samplers learn from them, its dashboard shows them.

Whether a slot is done, and with what, its task says (``codesign.sweep.leases``); the trials follow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from codesign.sweep import samplers
from codesign.sweep.figures import figure
from codesign.sweep.point import Row, Value
from codesign.sweep.study import Study

LARGE = 1e6
"""Stands for what has no limit: samplers and dashboards want finite numbers."""


def directions(study: Study) -> list[StudyDirection]:
    """Return where the objectives shall go."""
    return [StudyDirection.MAXIMIZE if figure(name).more else StudyDirection.MINIMIZE for name in study.objectives]


def told(study: Study, row: Row, others: Sequence[Row]) -> list[float]:
    """Return the objectives as a sampler is told them: the worst of ``others`` where the row does not have one."""
    return [_finite(row.figures.get(name, _worst(name, others))) for name in study.objectives]


def _worst(name: str, rows: Sequence[Row]) -> float:
    more = figure(name).more
    known = [row.figures[name] for row in rows if math.isfinite(row.figures.get(name, math.nan))]
    if known:
        return min(known) if more else max(known)
    return 0.0 if more else LARGE if figure(name).unit else 1.0


def _finite(value: float) -> float:
    return 0.0 if math.isnan(value) else max(-1e30, min(1e30, value))


def constraints(study: Study, row: Row) -> list[float]:
    """Return by how much the row misses each constraint (> 0), always in one order and number.

    The study's own come first, then whether it fits its board, then any other that the row names, then the share of
    the objectives that is not known because the point went no further.
    """
    own = [str(constraint) for constraint in study.constraints] + ["fits the board"]
    other = sum(value for name, value in row.violations.items() if name not in own)
    unknown = sum(name not in row.figures for name in study.objectives) / len(study.objectives)
    return [min(value, LARGE) for value in (*(row.violations.get(name, 0.0) for name in own), other, unknown)]


class Mirror:
    """Optuna's trials of a study.

    Args:
        study: what is asked for.
        storage: where the trials are.
    """

    def __init__(self, study: Study, storage: BaseStorage) -> None:
        self.study, self.storage = study, storage
        self.number = storage.get_study_id_from_name(study.name)

    def _trials(self) -> list[FrozenTrial]:
        return self.storage.get_all_trials(self.number, deepcopy=False)

    def begin(self, slot: int) -> tuple[int, dict[str, Value]]:
        """Return the running trial of ``slot``, one that a killed worker left or a new one, and its values.

        Raises:
            UpdateFinishedTrialError: another worker has finished the slot.
        """
        trials, axes = self._trials(), samplers.distributions(self.study)
        left = [t for t in trials if t.user_attrs.get("slot") == slot and t.state == TrialState.RUNNING]
        trial = left[0] if left else self._new(slot)
        missing = [name for name in axes if name not in trial.params]
        point = dict(trial.params)
        if missing:
            seen = {tuple(t.params.get(name) for name in axes) for t in trials if t.number != trial.number}
            search = optuna.load_study(
                study_name=self.study.name, storage=self.storage, sampler=samplers.make(self.study, slot)
            )
            point = samplers.suggest(self.study, search, trial, slot, seen) | point
        for name in missing:
            self.storage.set_trial_param(trial._trial_id, name, axes[name].to_internal_repr(point[name]), axes[name])
        if left:  # a frozen worker may have woken up and written some values first; what is written stays
            point = self.storage.get_trial(trial._trial_id).params
        return trial.number, {name: point[name] for name in axes}

    def _new(self, slot: int) -> FrozenTrial:
        template = create_trial(state=TrialState.RUNNING, user_attrs={"slot": slot})
        return self.storage.get_trial(self.storage.create_new_trial(self.number, template))

    def end(self, number: int, row: Row, others: Sequence[Row]) -> None:
        """Complete the trial ``number`` with ``row``; nothing happens to one that is finished already."""
        trial = self.storage.get_trial_id_from_study_id_trial_number(self.number, number)
        attributes: Mapping[str, Any] = {"stage": row.stage, "stopped": row.stopped, "figures": dict(row.figures)}
        with suppress(UpdateFinishedTrialError):
            self.storage.set_trial_user_attr(trial, "result", attributes)
            self.storage.set_trial_system_attr(trial, "constraints", constraints(self.study, row))
            self.storage.set_trial_state_values(trial, TrialState.COMPLETE, told(self.study, row, others))

    def repair(self, done: Mapping[int, tuple[int, Row]]) -> None:
        """Finish what killed workers left: trials of slots that are ``done``, by slot their trial's number and row."""
        rows = [row for _, row in done.values()]
        for trial in self._trials():
            slot = trial.user_attrs.get("slot", -1)
            if trial.state != TrialState.RUNNING or slot not in done:
                continue
            number, row = done[slot]
            if trial.number == number:
                self.end(number, row, rows)
            else:
                with suppress(UpdateFinishedTrialError):
                    self.storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
