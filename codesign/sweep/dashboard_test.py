"""optuna-dashboard on a study's storage: its own web application, asked over WSGI."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna_dashboard
import pytest

from codesign.sweep import madeup
from codesign.sweep.point import Row
from codesign.sweep.store import Store, open_store

JUDGED = 6


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A storage as the sweep makes it, with some points judged and one at work."""
    study = replace(madeup.study(trials=JUDGED + 3), sampler="random")
    store = open_store(tmp_path_factory.mktemp("storage") / "study.db", study)
    for made in madeup.rows(study, JUDGED, seed=2):
        claim = store.claim()
        assert claim is not None and claim.complete(replace(made, point=claim.point))
    assert store.claim() is not None
    return store


def get(store: Store, path: str, query: str = "") -> Any:
    """Return what the application answers to GET, which must be well."""
    said: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
        said.append(status)
        return lambda _: None

    request = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
    application: Any = optuna_dashboard.wsgi(store.storage)
    answer = b"".join(
        application({**request, "SERVER_NAME": "here", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}, start)
    )
    assert said == ["200 OK"], (said, answer[:500])
    return json.loads(answer)


def test_the_dashboard_lists_the_study(store: Store) -> None:
    (found,) = get(store, "/api/studies")["study_summaries"]
    assert found["study_name"] == "bits-folding"
    assert found["directions"] == ["maximize", "minimize", "minimize"]


def test_the_dashboard_has_every_point_with_its_values(store: Store) -> None:
    (study,) = get(store, "/api/studies")["study_summaries"]
    detail = get(store, f"/api/studies/{study['study_id']}", "after=0")
    states = [trial["state"] for trial in detail["trials"]]
    assert states.count("Complete") == JUDGED and states.count("Running") == 1
    rows: dict[int, Row] = {row.slot: row for row in store.rows()}
    for trial in detail["trials"][:JUDGED]:
        attributes = {item["key"]: item["value"] for item in trial["user_attrs"]}
        row = rows[int(attributes["slot"])]
        params = {item["name"]: item["param_external_value"] for item in trial["params"]}
        assert {name: str(row.point[name]) for name in params} == params and set(params) == set(store.study.axes)
        for name, value in zip(store.study.objectives, trial["values"], strict=True):
            if name in row.figures:
                assert value == pytest.approx(row.figures[name])
