"""``codesign compare`` with made-up back ends: what is shown, what is written, and the exit status."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from click.testing import CliRunner, Result

from codesign.cli import codesign
from codesign.compare import column as columns_of
from codesign.compare import columns
from codesign.compare.column import Column, Figure, Stage
from codesign.errors import CodesignError, MissingTool, Refused, UserError
from codesign.graph import IntegerGraph
from codesign.ingest.testing import Net

FRAMES = 12
LONG = "o" * 200
"""A name wider than the terminal."""


class Right(Column):
    name, runs = "right", "nothing"
    aliases: ClassVar[tuple[str, ...]] = ("correct",)
    options: ClassVar[tuple[str, ...]] = ("reuse_factor",)
    wrong = 0

    def prepare(self, graph: IntegerGraph) -> None:
        self.graph = graph

    def run(self, x: np.ndarray) -> columns_of.Result:
        y = self.graph.run(x)
        y[-1, 0] += self.wrong
        return columns_of.Result(y, abs(self.wrong), y.size, (Figure("cycles a frame", 7, "made up"),))

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        for number, op in enumerate(self.graph.operators):
            right = self.graph.trace(x)[op.output]
            found = right.copy()
            found[-1, 0] += self.wrong * (number > 0)
            yield Stage(op.output, type(op).__name__, f"layer {number}", right, found)


class Wrong(Right):
    name, aliases, options, wrong = "wrong", (), ("target_fps",), 1


class Masked(Wrong):
    """Its inside is right."""

    name = "masked"

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        yield from ()


class Faulty(Right):
    name, aliases = "faulty", ()

    def run(self, x: np.ndarray) -> columns_of.Result:
        return columns_of.Result(None, 0, 3, (), ("a frame was cut",))


class Absent(Right):
    name, aliases = "absent", ()

    def prepare(self, graph: IntegerGraph) -> None:
        raise MissingTool("the absent back end needs its extra: pip install it")


class Refuses(Right):
    name, aliases = "refuses", ()

    def prepare(self, graph: IntegerGraph) -> None:
        raise Refused("the net has no exact form, for 1 reason:\n  - MatMul m: it is wide. Remedy: narrow it.")


class Fails(Right):
    name, aliases = "fails", ()

    def run(self, x: np.ndarray) -> columns_of.Result:
        raise CodesignError("its tool ended with an error")


class Full(Right):
    """Its disk is full."""

    name, aliases = "full", ()

    def prepare(self, graph: IntegerGraph) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


class Untraceable(Wrong):
    """Its disk is full when the difference is sought."""

    name = "untraceable"

    def trace(self, x: np.ndarray) -> Iterator[Stage]:
        raise OSError(errno.ENOSPC, "No space left on device")
        yield


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    known: dict[str, type[Column]] = {
        c.name: c for c in (Right, Wrong, Masked, Faulty, Absent, Refuses, Fails, Full, Untraceable)
    }
    monkeypatch.setattr(columns, "COLUMNS", known)
    monkeypatch.setattr(columns, "NAMES", {alias: n for n, c in known.items() for alias in (n, *c.aliases)})
    net, rng = Net((1, 8)), np.random.default_rng(0)
    hidden = net.op("MatMul", net.quant("x", 0.5, 4), net.quant(net.const(rng.standard_normal((8, 6))), 0.25, 4))
    scores = net.op("MatMul", net.quant(hidden, 0.5, 4, 0), net.quant(net.const(rng.standard_normal((6, 3))), 0.25, 4))
    return net.save(scores, tmp_path / "mlp.onnx")


def run(model: Path, backends: str, *more: str) -> Result:
    folder = ["-o", str(model.parent / "out")] if "-o" not in more else []
    return CliRunner().invoke(
        codesign, ["compare", str(model), "--backends", backends, "--frames", str(FRAMES), *folder, *more]
    )


def test_all_agree(model: Path) -> None:
    result = run(model, "correct", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said == json.loads((model.parent / "out/compare.json").read_text())
    assert said["frames"] == FRAMES
    (column,) = said["columns"]
    assert (column["backend"], column["verdict"], column["mismatches"]) == ("right", "agrees", 0)
    assert column["integers"] == FRAMES * 3 and column["first_difference"] is None
    assert column["figures"] == [{"what": "cycles a frame", "value": 7, "source": "made up"}]
    assert np.load(model.parent / "out/right/outputs.npy").shape == (FRAMES, 3)


def test_the_first_operator_that_differs_is_named(model: Path) -> None:
    result = run(model, "right,wrong")
    assert result.exit_code == 4
    (difference,) = [
        c["first_difference"]
        for c in json.loads((model.parent / "out/compare.json").read_text())["columns"]
        if c["verdict"] == "differs"
    ]
    assert (difference["kind"], difference["place"], difference["index"]) == ("Threshold", "layer 1", [0])
    assert difference["frame"] == FRAMES - 1 and difference["found"] == difference["expected"] + 1
    assert f"wrong first differs at Threshold {difference['operator']} (layer 1), frame 11, index [0]" in result.stdout
    assert "0 of 36" in result.stdout and "1 of 36" in result.stdout


@pytest.mark.parametrize(
    ("backends", "status", "said"),
    [
        ("right,absent", 3, "absent: the absent back end needs its extra"),
        ("refuses,right", 2, "MatMul m: it is wide"),
        ("absent,refuses,right", 3, "needs its extra"),
        ("absent,wrong,right", 4, "wrong first differs at"),
        ("masked,right", 4, "masked differs in 1 integers: every stage that can be seen is right"),
        ("faulty,right", 4, "faulty differs in 0 integers: a frame was cut"),
        ("refuses,fails,absent,right", 1, "fails: its tool ended with an error"),
        ("fails,wrong,right", 4, "fails: its tool ended with an error"),
        ("full,right", 1, "full: a file could not be written or read ([Errno 28] No space left on device): free some"),
        ("untraceable,right", 4, "the search for it failed: [Errno 28] No space left on device"),
    ],
)
def test_a_column_that_cannot_leaves_the_others(model: Path, backends: str, status: int, said: str) -> None:
    result = run(model, backends)
    assert result.exit_code == status
    assert said in result.stdout
    assert "agrees" in result.stdout  # the right one is shown all the same


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--backends", "right,vhdl"], r"'vhdl' is no back end .*right \(or correct\), wrong"),
        (["--board", "zedboard"], "zedboard"),
        (["--io-type", "io_serial"], "io_type must be io_stream or io_parallel"),
        (["--precision", "float"], "--precision must be derived or a type"),
        (["--inputs", "nowhere.npy"], "nowhere.npy could not be read"),
        (["-o", "."], "holds other files than a comparison's"),
        (["-o", "mlp.onnx"], "--output-dir mlp.onnx is a file: choose"),
        (["--target-fps", "9"], r"--target-fps means nothing to --backends right \(it is read by wrong, .*leave it"),
        (["--input-type", "float9"], "float9"),
    ],
)
def test_bad_input_makes_nothing(model: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    monkeypatch.chdir(model.parent)
    before = sorted(model.parent.rglob("*"))
    result = run(model, "right", *arguments)
    assert isinstance(result.exception, UserError)
    with pytest.raises(UserError, match=said):
        raise result.exception
    assert sorted(model.parent.rglob("*")) == before


def test_bad_input_leaves_an_earlier_comparison(model: Path) -> None:
    assert run(model, "right").exit_code == 0
    files = [model.parent / "out" / name for name in ("compare.json", "right/outputs.npy")]
    before = [path.read_bytes() for path in files]
    for changed, more in ((model.with_name("nothing.onnx"), ()), (model, ("--inputs", "nowhere.npy"))):
        assert isinstance(run(changed, "right", *more).exception, UserError)
        assert [path.read_bytes() for path in files] == before


def test_no_such_model(model: Path) -> None:
    result = run(model.with_name("nothing.onnx"), "right")
    assert isinstance(result.exception, UserError) and "neither a file nor a preset" in str(result.exception)
    assert not (model.parent / "out").exists()


def test_a_seed_is_no_negative_number(model: Path) -> None:
    result = run(model, "right", "--seed", "-1")
    assert result.exit_code == 2 and "'--seed': -1 is not in the range x>=0" in result.output


def test_an_option_that_one_of_the_columns_reads_is_taken(model: Path) -> None:
    assert run(model, "right,absent", "--reuse-factor", "2", "--frames", "1").exit_code == 3
    assert run(model, "absent,wrong", "--target-fps", "9").exit_code == 4


def test_names_with_brackets_are_shown_as_they_are(model: Path) -> None:
    folder = model.parent / "[x]"
    folder.mkdir()
    moved = model.rename(folder / "[m].onnx")
    result = run(moved, "right", "-o", str(folder / LONG))
    assert result.exit_code == 0, result.output
    title = result.stdout[: result.stdout.index("┏")]
    assert "".join(title.split()) == "".join(f"{moved} for zcu104, {FRAMES} frames".split())
    assert f"All of it: {folder / LONG / 'compare.json'}\n" in result.stdout


def test_outputs_are_written_whole_or_not_at_all(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(path: Path, values: np.ndarray) -> None:
        Path(path).write_bytes(values.tobytes()[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("codesign.compare.compare.np.save", torn)
    result = run(model, "right")
    assert isinstance(result.exception, CodesignError) and "outputs.npy could not be written" in str(result.exception)
    assert list((model.parent / "out/right").iterdir()) == []


def test_a_comparison_is_no_build(model: Path) -> None:
    assert run(model, "right").exit_code == 0
    told = CliRunner().invoke(codesign, ["report", str(model.parent / "out")]).exception
    assert isinstance(told, UserError) and "out is a comparison's folder, not a build's" in str(told)


def test_a_second_run_replaces_the_first(model: Path) -> None:
    assert run(model, "right,wrong").exit_code == 4
    kept = model.parent / "out/wrong"
    assert run(model, "right").exit_code == 0
    assert (model.parent / "out/right/outputs.npy").exists()
    assert not kept.exists() and "wrong" not in (model.parent / "out/compare.json").read_text()
