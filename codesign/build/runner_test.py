"""Steps run in order, once, and again where what they read has changed; a failure leaves the way to resume."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from codesign.build.config import BuildConfig
from codesign.build.runner import Listening, log, run_steps
from codesign.build.step import NOTE, Step, digest
from codesign.errors import CodesignError, MissingTool, UserError
from codesign.files import write_text

QUIET = Console(quiet=True)


class Bench:
    """Three steps, a -> b -> c, that note when they ran."""

    def __init__(self, folder: Path) -> None:
        self.config = BuildConfig("model.onnx", "ulx3s", folder)
        self.ran: list[str] = []
        self.fail: Exception | None = None
        self.steps = (self.step("a", (), seed=True), self.step("b", ("a.txt",)), self.step("c", ("b.txt",)))

    def step(self, name: str, needs: tuple[str, ...], *, seed: bool = False, deferrable: bool = False) -> Step:
        def run(config: BuildConfig) -> None:
            self.ran.append(name)
            if self.fail and name == "b":
                raise self.fail
            text = f"{config.seed}" if seed else (config.output_dir / needs[0]).read_text() + name
            write_text(config.output_dir / f"{name}.txt", text)

        return Step(name, name, run, needs, (f"{name}.txt",), ("seed",) if seed else (), deferrable)

    def go(self, **options: str) -> list[str]:
        self.ran.clear()
        run_steps(self.steps, self.config, console=QUIET, **options)
        return list(self.ran)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_a_step_logs_is_shown_and_kept(bench: Bench) -> None:
    shown: list[str] = []
    kept = StringIO()
    console = Console(file=kept)
    with Listening(shown.append, console):
        log.info("step by step")
        log.log(NOTE, "what came of it")
        log.error("said by whoever catches it")
    log.info("and nobody listens")
    assert shown == ["step by step", "said by whoever catches it"]
    assert kept.getvalue().strip() == "what came of it"
    bench.go()
    assert "step a begins" in (bench.config.output_dir / "build_dataflow.log").read_text()


def test_a_second_run_makes_nothing(bench: Bench) -> None:
    assert bench.go() == ["a", "b", "c"]
    stamp = (bench.config.output_dir / "c.txt").stat().st_mtime_ns
    assert bench.go() == []
    assert (bench.config.output_dir / "c.txt").stat().st_mtime_ns == stamp
    assert set(json.loads((bench.config.output_dir / "time_per_step.json").read_text())) == {"a", "b", "c"}


def test_a_changed_setting_makes_what_depends_on_it(bench: Bench) -> None:
    bench.go()
    bench.config = BuildConfig("model.onnx", "ulx3s", bench.config.output_dir, seed=5)
    assert bench.go() == ["a", "b", "c"]
    bench.config = BuildConfig("model.onnx", "ulx3s", bench.config.output_dir, seed=5, frames=3)
    assert bench.go() == []


def test_what_was_damaged_is_made_again(bench: Bench) -> None:
    bench.go()
    (bench.config.output_dir / "b.txt").write_text("damaged")
    assert bench.go() == ["b"]  # and c reads the same as before
    (bench.config.output_dir / "c.txt").unlink()
    assert bench.go() == ["c"]


def test_what_a_killed_tool_left_behind_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "made.txt").write_text("made")
    before = digest(tmp_path)
    (tmp_path / ".tool1234").mkdir()
    (tmp_path / ".tool1234/half.txt").write_text("half")
    assert digest(tmp_path) == before
    (tmp_path / "more.txt").write_text("")
    assert digest(tmp_path) != before


def test_a_failed_step_is_where_the_next_run_resumes(bench: Bench) -> None:
    bench.fail = CodesignError("no")
    with pytest.raises(CodesignError, match="no"):
        bench.go()
    bench.fail = None
    assert bench.go() == ["b", "c"]


def test_a_full_disk_is_one_sentence(bench: Bench) -> None:
    bench.fail = OSError(28, "No space left on device")
    with pytest.raises(CodesignError, match=r"step b could not write .*No space left.*resumes at this step"):
        bench.go()


def test_start_without_its_input_says_which_step_makes_it(bench: Bench) -> None:
    with pytest.raises(UserError, match=r"step b needs .*a.txt, which the step a makes.*--start-step a"):
        bench.go(start_step="b")
    with pytest.raises(UserError, match="--stop-step 'z' is no step of the build: it must be one of a, b, c"):
        bench.go(stop_step="z")
    with pytest.raises(UserError, match="--start-step c comes after --stop-step a"):
        bench.go(start_step="c", stop_step="a")


def test_stop_step_is_the_last(bench: Bench) -> None:
    assert bench.go(stop_step="b") == ["a", "b"]


def test_a_missing_tool_that_others_wait_for_ends_the_build(bench: Bench) -> None:
    bench.fail = MissingTool("yosys is not there")
    with pytest.raises(MissingTool):
        bench.go()
    assert bench.ran == ["a", "b"]


def test_a_missing_tool_waits_where_it_can(bench: Bench) -> None:
    bench.steps = (bench.steps[0], bench.step("b", ("a.txt",), deferrable=True), bench.step("c", ("a.txt",)))
    bench.fail = MissingTool("vivado is not there")
    with pytest.raises(MissingTool):
        bench.go()
    assert bench.ran == ["a", "b", "c"]
    with pytest.raises(MissingTool):
        bench.go()
    assert bench.ran == ["b"]


def test_an_output_folder_that_cannot_be_is_one_sentence(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder, where in ((tmp_path / "file", "is"), (tmp_path / "file/in", "lies in")):
        bench.config = BuildConfig("model.onnx", "ulx3s", folder)
        with pytest.raises(UserError, match=f"--output-dir {folder} {where} a file: give a folder"):
            bench.go()
    bench.config = BuildConfig("model.onnx", "ulx3s", tmp_path / ("n" * 300))
    with pytest.raises(UserError, match=r"--output-dir .* cannot be made \(.*too long.*\): give another"):
        bench.go()
    assert (tmp_path / "file").read_text() == "mine"
