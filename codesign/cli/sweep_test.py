"""``codesign sweep`` on a small QONNX net: a whole study, what is written of it, and what is refused."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codesign.build import BuildConfig
from codesign.build.budget import beside_shell
from codesign.cli import codesign
from codesign.errors import CodesignError, MissingTool, UserError, VerificationFailed
from codesign.ingest.testing import random_residual
from codesign.sweep import launch
from codesign.sweep.place import Place
from codesign.sweep.point import Row
from codesign.sweep.run import _failure, check_training, settings, worker

STUDY = """
name: small
model: net.onnx
objectives: [latency_us, lut]
sampler: grid
axes:
  board: [pynq_z2, ulx3s]
  target_fps: [1000, 500000]
constraints: [{constraints}]
verify: {{simulate: 0, frames: 4}}
"""


def written(folder: Path, name: str, constraints: str = "") -> Path:
    """A study of a small net."""
    net, output = random_residual(1, channels=4)
    net.save_raw(output, folder / "net.onnx")
    path = folder / f"{name}.yaml"
    path.write_text(STUDY.format(constraints=constraints))
    return path


def sweep(*words: object) -> Result:
    return CliRunner().invoke(codesign, ["sweep", *map(str, words)], standalone_mode=False)


def refused(*words: object) -> str:
    """The sentence that a command ends in."""
    result = sweep(*words)
    assert isinstance(result.exception, CodesignError), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that a worker of this process has judged to the end."""
    folder = tmp_path_factory.mktemp("done")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        written(folder, "small")
        assert sweep("work", "small.yaml").exception is None
    return folder


@pytest.fixture
def here(done: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(done)
    return done


def points(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_one_command_runs_a_study_and_a_second_one_changes_nothing(here: Path, tmp_path: Path) -> None:
    """Workers of their own; the networks are those of the cache."""
    first = sweep("small.yaml", "--jobs", "1", "-o", tmp_path)
    assert first.exception is None, first.output
    assert "2 on the front" in first.output
    found = points(tmp_path / "points.jsonl")
    assert [point["slot"] for point in found] == [0, 1, 2, 3]
    asked = [(board, fps) for board in ("pynq_z2", "ulx3s") for fps in (1000, 500_000)]
    assert [(point["point"]["board"], point["point"]["target_fps"]) for point in found] == asked
    with (tmp_path / "points.csv").open() as file:
        assert [row["command"] for row in csv.DictReader(file)] == [
            f"codesign sweep pick small.yaml --storage {tmp_path}/study.db --point {slot}" for slot in range(4)
        ]
    assert "small" in (tmp_path / "page.html").read_text()
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")
    before = (tmp_path / "points.jsonl").read_bytes()
    again = sweep("run", "small.yaml", "--jobs", "1", "-o", tmp_path)
    assert again.exception is None, again.output
    assert (tmp_path / "points.jsonl").read_bytes() == before


def test_points_reach_the_rate_that_they_are_folded_for(here: Path) -> None:
    assert sweep("export", "small.yaml").exception is None
    for point in points(here / "build/sweep/small/points.jsonl"):
        figures, board = point["figures"], point["point"]["board"]
        assert figures["fps"]["value"] >= point["point"]["target_fps"]
        assert figures["fps"]["source"] == "model"
        left = beside_shell(BuildConfig("", board, here).target)
        assert figures["share"]["value"] >= figures["lut"]["value"] / left.lut


def test_show_page_and_export(here: Path) -> None:
    shown = sweep("show", "small.yaml", "--once")
    assert "4 of 4 points judged" in shown.output and "2 on the front" in shown.output
    assert "build/sweep/small/page.html" in sweep("page", "small.yaml").output
    assert "sweep pick small.yaml --point 3" in (here / "build/sweep/small/page.html").read_text()
    said = sweep("export", "small.yaml", "-o", here / "else", "--storage", here / "build/sweep/small/study.db").output
    assert f"{here}/else/points.csv and {here}/else/points.jsonl" in said
    assert len(points(here / "else/points.jsonl")) == 4


def test_pick_writes_what_its_build_starts_from(here: Path) -> None:
    """The most sparing design that is fast enough; and it is built from those files, to the same folding."""
    folder = here / "picked"
    result = sweep("pick", "small.yaml", "--max-latency", "10us", "--stop-step", "fold", "-o", "picked")
    assert result.exception is None, result.output
    rows = list(map(_flat, points(_exported(here))))
    best = min((row for row in rows if row["latency_us"] <= 10), key=lambda row: row["lut"])
    point = json.loads((folder / "point.json").read_text())
    assert point["slot"] == best["slot"] and point["study"] == "small"
    assert f"Point {best['slot']} has the lowest lut" in result.output
    command = (folder / "build.sh").read_text().splitlines()[-1]
    assert command.startswith(
        "codesign build picked/design/net.onnx --board pynq_z2 --folding picked/design/folding.json"
    )
    given = json.loads((folder / "design/folding.json").read_text())
    used = json.loads((folder / "build/auto_folding_config.json").read_text())
    assert given.keys() <= used.keys()
    assert all(used[kernel][key] == value for kernel, form in given.items() for key, value in form.items())


def _exported(folder: Path) -> Path:
    assert sweep("export", "small.yaml").exception is None
    return folder / "build/sweep/small/points.jsonl"


def _flat(point: dict[str, Any]) -> dict[str, Any]:
    return {"slot": point["slot"], **{name: each["value"] for name, each in point["figures"].items()}}


def test_pick_without_building(here: Path) -> None:
    result = sweep("pick", "small.yaml", "--point", "2", "--no-build")
    assert result.exception is None, result.output
    assert (here / "build/small-2/design/folding.json").exists()
    assert not (here / "build/small-2/build").exists()
    boards = sweep("pick", "small.yaml", "--board", "ULX3S", "--by", "fps", "--no-build", "-o", "fast")
    assert "has the highest fps" in boards.output
    assert json.loads((here / "fast/point.json").read_text())["point"]["board"] == "ulx3s"


def test_pick_refuses_what_no_design_is(here: Path) -> None:
    assert "latency_us <= 0.001 is missed by 4" in refused("pick", "small.yaml", "--max-latency", "1ns")
    assert "'1mJ' is no latency_us" in refused("pick", "small.yaml", "--max-latency", "1mJ")
    assert "lut <= -5 is met by nothing" in refused("pick", "small.yaml", "--max-lut", "-5")
    assert "no judged point 7" in refused("pick", "small.yaml", "--point", "7")
    assert "No board is named 'zcu105'" in refused("pick", "small.yaml", "--board", "zcu105")
    assert "no point on zcu104" in refused("pick", "small.yaml", "--board", "zcu104")


def test_what_is_not_there_is_said(here: Path, tmp_path: Path) -> None:
    assert "There is no study (nor such a file) 'smal'" in refused("smal")
    assert "no command of codesign sweep 'shwo'" in refused("shwo", "small.yaml")
    assert "did you mean show?" in refused("shwo", "small.yaml")
    nothing = refused("show", "small.yaml", "--once", "--storage", tmp_path / "other.db")
    assert "other.db" in nothing
    assert not (tmp_path / "other.db").exists()  # looking makes nothing


def test_a_study_that_changed_is_not_mixed_with_the_old_one(here: Path) -> None:
    written(here, "changed", '"lut <= 5000"')
    assert "another study named 'small'" in refused("changed.yaml", "-o", "build/sweep/small")


def test_what_nothing_meets_is_told_constraint_by_constraint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "hopeless", '"lut <= 10", "fps >= 100000"')
    assert sweep("work", "hopeless.yaml", "-o", "out").exception is None
    monkeypatch.setattr(launch, "local", lambda command, jobs: [0] * jobs)
    told = refused("hopeless.yaml", "-o", "out")
    assert "lut <= 10 is missed by 4, by 2 of them alone (best: " in told
    assert "fps >= 100000 is missed by 2 (best: " in told
    assert len(points(tmp_path / "out/points.jsonl")) == 4  # and what was judged is there to look at
    assert told in sweep("show", "hopeless.yaml", "--once", "--storage", "out/study.db").output
    assert told in refused("pick", "hopeless.yaml", "--storage", "out/study.db")


def test_the_own_studies_are_listed() -> None:
    assert "skeleton-bits    How many bits" in sweep("--list").output


def test_slurm_jobs_are_workers(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def slurm(command: list[str], count: int, options: dict[str, Any], logs: Path) -> list[str]:
        asked.append((command, count, options, logs))
        return ["11", "12"]

    monkeypatch.setattr(launch, "slurm", slurm)
    options = ("--slurm", "slurm_partition=short", "--slurm", "timeout_min=30")
    said = sweep("small.yaml", "--jobs", "2", *options).output
    [(command, count, given, logs)] = asked
    assert "Jobs 11, 12 work; watch them with codesign sweep show small.yaml" in said
    assert (count, given, logs) == (2, {"slurm_partition": "short", "timeout_min": 30}, here / "build/sweep/small/log")
    assert command[0] == sys.executable
    assert command[3:] == ["sweep", "work", "small.yaml", "--storage", "build/sweep/small/study.db", "--log", str(logs)]
    for text in ("short", "=short", "slurm_partition="):
        with pytest.raises(UserError, match=f"--slurm {text} must have the form key=value"):
            settings([text])


def test_no_password_is_kept_but_a_worker_has_it(here: Path) -> None:
    for url, shown in (
        ("postgresql://ann:se:cret@host/db", "postgresql://ann@host/db"),
        ("postgresql://ann@host:5432/db", "postgresql://ann@host:5432/db"),
        ("postgresql://ann@host/db?password=se:cret", "postgresql://ann@host/db"),
        ("postgresql://host/db?password=secret&user=ann", "'postgresql://host/db?user=ann'"),
        ("kept.db", "kept.db"),
    ):
        place = Place("small.yaml", storage=url)
        assert place.rebuild(Row({}, {}, {}, "model", slot=5)) == (
            f"codesign sweep pick small.yaml --storage {shown} --point 5"
        )
        assert worker(place, here)[3:] == ["sweep", "work", "small.yaml", "--storage", url, "--log", str(here)]
    there = Place("small.yaml", output_dir=here / "there")  # the workers' folder is the study's
    assert worker(there, here)[-2:] == ["-o", str(here / "there")]


def test_workers_that_fail_are_told_by_their_last_error(tmp_path: Path) -> None:
    (tmp_path / "worker-1.log").write_text("12:00 begun\nError: The disk is full.\n12:01 more\n")
    (tmp_path / "worker-2.log").write_text("12:00 begun\n")
    failed = _failure([2, 0], tmp_path, 0)
    assert str(failed).startswith(f"The disk is full. The logs are in {tmp_path}; the same command goes on")
    later = (tmp_path / "worker-1.log").stat().st_mtime + 60  # an earlier run's error is not this one's
    assert str(_failure([-9], tmp_path, later)).startswith("A worker ended with exit status -9. ")
    assert isinstance(_failure([3], tmp_path, 0), MissingTool)
    assert isinstance(_failure([4], tmp_path, 0), VerificationFailed)
    assert isinstance(_failure([-9, 3, 4], tmp_path, 0), VerificationFailed)  # a wrong integer is not hidden by a kill
    (tmp_path / "worker-1.log").unlink()
    assert str(_failure([-9], tmp_path, 0)).startswith("A worker ended with exit status -9. ")


def test_workers_that_fail_end_the_command(here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(launch, "local", lambda command, jobs: [1] * jobs)
    assert "A worker ended with exit status 1" in refused("small.yaml", "--jobs", "2", "-o", tmp_path)
    assert not (tmp_path / "points.csv").exists()


def test_what_is_not_installed_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, words in (("optuna", ("show", "small.yaml", "--once")), ("plotly", ("page", "small.yaml"))):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            assert "pip install 'codesign[sweep]'" in refused(*words)


def test_a_model_that_is_not_trained_by_rungs_is_refused_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "model: skeleton-ensemble-tiny\nobjectives: [accuracy]\nsampler: grid\naxes: {bits: [2, 4]}\n"
    (tmp_path / "fused.yaml").write_text(text)
    assert "skeleton-ensemble-tiny is not trained by rungs" in refused("fused.yaml")
    assert list(tmp_path.iterdir()) == [tmp_path / "fused.yaml"]
    (tmp_path / "kept.db").touch()
    check_training(Place("fused.yaml", storage="kept.db"))  # was seen to when the storage was made
