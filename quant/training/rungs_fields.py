"""Nets that predict fields by rungs, judged on the validation part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from torch import Tensor

from codesign.errors import UserError
from quant.training import kept
from quant.training.field_steps import FieldSteps
from quant.training.fit import Tick, deterministic
from quant.training.regress import errors, relative_error, settle
from quant.training.rungs import Final, Learner, Plan, check_rung

if TYPE_CHECKING:
    from quant.models.wave import WaveModel


@dataclass(frozen=True)
class FieldLearner(Learner):
    """Trains `model` by `steps`; `about` goes beside the final weights as it is."""

    net: WaveModel
    steps: FieldSteps
    about: dict[str, Any]
    plan: Plan
    tick: Tick = kept.nothing
    score: ClassVar[str] = "error"

    @property
    def model(self) -> WaveModel:
        return self.net

    def floating(self) -> float:
        return self._error(0, self.steps.pairs.validation)

    def at(self, rung: int) -> float:
        check_rung(self.plan, rung)
        return self._error(rung + 1, self.steps.pairs.validation)

    def _error(self, last: int, part: Tensor) -> float:
        pairs = self.steps.pairs
        path = kept.place("score", self.steps.paths[last].stem, pairs.x[part], pairs.y[part])

        def made() -> kept.State:
            for step in range(last + 1):
                self.steps.state(step, self.tick)
            with deterministic(0):
                return {"error": np.array(relative_error(self.steps.net(last), pairs, part))}

        return float(kept.once(path, made)["error"])

    def final(self) -> Final:
        pairs = self.steps.pairs
        path = kept.place("final", self.steps.paths[-1].stem, pairs.x[pairs.test], pairs.y[pairs.test])
        with kept.alone(path):
            found = self._read(path)
            if found is None:
                self.steps.train(self.tick)
                net = settle(self.steps.net(len(self.steps.paths) - 1))
                with deterministic(0):
                    quantized = errors(net, pairs)
                found = quantized["test"]
                rungs = {"float_epochs": self.plan.float_epochs, "rungs": list(self.plan.rungs)}
                note = {"model": self.net.name, "data": pairs.source, "seed": self.steps.seed, "quantized": quantized}
                self.net.save_weights(net, path, {**note, **rungs, **self.about})
        return Final(path, found)

    def _read(self, path: Path) -> float | None:
        """The test error of the net in `path`; None where that is missing or damaged."""
        try:
            with deterministic(0):
                self.net.load_weights(path)
            return float(json.loads(path.with_suffix(".json").read_text())["quantized"]["test"])
        except (UserError, OSError, ValueError, KeyError, TypeError):
            return None
