"""The trials of Optuna that go with a study's slots: samplers learn from them, its dashboard shows them.

Whether a slot is done, and with what, its task says (``codesign.sweep.leases``); the trials follow.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
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
        seen = {tuple(t.params.get(name) for name in axes) for t in trials if t not in left}
        if left:
            return self._go_on(left[0], slot, seen)
        if samplers.draws_before(self.study):  # in one step, which is quicker
            point = self._suggest(create_trial(state=TrialState.RUNNING), slot, seen)
            return self._new(slot, params=point, distributions=axes), point
        return self._go_on(self.storage.get_trial(self._new(slot)), slot, seen)

    def _new(self, slot: int, **values: Any) -> int:
        template = create_trial(state=TrialState.RUNNING, user_attrs={"slot": slot}, **values)
        return self.storage.create_new_trial(self.number, template)

    def _suggest(self, trial: FrozenTrial, slot: int, seen: Container[tuple[Value, ...]]) -> dict[str, Value]:
        sampler = samplers.make(self.study, slot)
        search = optuna.load_study(study_name=self.study.name, storage=self.storage, sampler=sampler)
        return samplers.suggest(self.study, search, trial, slot, seen)

    def _go_on(self, trial: FrozenTrial, slot: int, seen: Container[tuple[Value, ...]]) -> tuple[int, dict[str, Value]]:
        """Give a trial the values that it lacks; what a frozen worker writes meanwhile stays."""
        axes = samplers.distributions(self.study)
        if len(trial.params) < len(axes):
            point = self._suggest(trial, slot, seen)
            for name in [name for name in axes if name not in trial.params]:
                inner = axes[name].to_internal_repr(point[name])
                self.storage.set_trial_param(trial._trial_id, name, inner, axes[name])
            trial = self.storage.get_trial(trial._trial_id)
        return trial._trial_id, {name: trial.params[name] for name in axes}

    def end(self, trial: int, row: Row, others: Sequence[Row]) -> None:
        """Complete a trial, by Optuna's id, with ``row``; nothing happens to one that is finished already."""
        attributes: Mapping[str, Any] = {"stage": row.stage, "stopped": row.stopped, "figures": dict(row.figures)}
        with suppress(UpdateFinishedTrialError):
            self.storage.set_trial_user_attr(trial, "result", attributes)
            self.storage.set_trial_system_attr(trial, "constraints", constraints(self.study, row))
            self.storage.set_trial_state_values(trial, TrialState.COMPLETE, told(self.study, row, others))

    def repair(self, done: Mapping[int, tuple[int, Row]]) -> None:
        """Finish what killed workers left: trials of slots that are ``done``, by slot their trial's id and row."""
        rows = [row for _, row in done.values()]
        for trial in self._trials():
            slot = trial.user_attrs.get("slot", -1)
            if trial.state != TrialState.RUNNING or slot not in done:
                continue
            mine, row = done[slot]
            if trial._trial_id == mine:
                self.end(mine, row, rows)
            else:
                with suppress(UpdateFinishedTrialError):
                    self.storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
