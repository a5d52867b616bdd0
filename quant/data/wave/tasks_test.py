"""The samples that nets learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import UserError
from quant.data.wave import tasks
from quant.data.wave.tasks import WaveTask


@pytest.fixture(scope="module", params=["boundary", "rollout"])
def task(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WaveTask:
    return tasks.load(request.param, "tiny", tmp_path_factory.mktemp("wave"))


def test_no_simulation_is_in_two_parts(task: WaveTask) -> None:
    parts = [set(task.simulation[part].tolist()) for part in (task.train, task.validation, task.test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == task.size.simulations
    assert sorted(np.concatenate([task.train, task.validation, task.test]).tolist()) == list(range(len(task.x)))


@pytest.mark.parametrize(("task_name", "size", "words"), [
    ("edge", "tiny", "no wave task 'edge'"), ("boundary", "huge", "no size 'huge'"),
])  # fmt: skip
def test_unknown_names(task_name: str, size: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words):
        tasks.load(task_name, size, tmp_path)
