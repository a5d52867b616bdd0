"""``codesign report`` on folders that hold no page yet, and what it says of hls4ml's."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.build import BuildConfig
from codesign.build.steps import hls4ml_model, ingest
from codesign.cli import codesign
from codesign.errors import UserError
from codesign.graph.examples import Builder


@pytest.mark.parametrize("halfway", [(), ("report/hls4ml_precision.json",), ("design/sized/design.npz",)])
def test_every_back_ends_own_step_is_named(tmp_path: Path, halfway: tuple[str, ...]) -> None:
    for name in (".steps.json", *halfway):  # a killed build's
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    told = CliRunner().invoke(codesign, ["report", str(tmp_path)]).exception
    assert isinstance(told, UserError)
    steps = "size_fifos (--backend own) or finn_model (--backend finn) or hls4ml_model (--backend hls4ml)"
    assert f"{tmp_path} holds nothing to report yet: " in str(told) and f"has reached the step {steps}; " in str(told)


def test_the_version_that_wrote_the_project_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = importlib.metadata.version
    with monkeypatch.context() as patched:
        patched.setattr(importlib.metadata, "version", lambda name: "9.8.7" if name == "hls4ml" else installed(name))
        b = Builder((4,), -8, 7)
        b.graph(b.matmul("x", 3)).save(tmp_path / ingest.GRAPH)
        hls4ml_model.run(BuildConfig("product", "zcu104", tmp_path))
    shown = CliRunner().invoke(codesign, ["report", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    assert any("hls4ml's layers" in line and "hls4ml 9.8.7" in line for line in shown.stdout.splitlines())

    path = tmp_path / hls4ml_model.PRECISION
    older = json.loads(path.read_text())
    del older["hls4ml"]  # as an earlier version of ours wrote it
    path.write_text(json.dumps(older))
    told = CliRunner().invoke(codesign, ["report", str(tmp_path)]).exception
    assert isinstance(told, UserError) and "lack 'hls4ml': another version wrote them" in str(told)


def test_the_fifos_are_counted_with_their_bits(tmp_path: Path) -> None:
    b = Builder((8, 3), -8, 7)
    wide = b.conv("x", 4, (3,))
    graph = b.graph(b.conv(b.requantize(wide), 2, (3,)))
    graph.save(tmp_path / ingest.GRAPH)
    hls4ml_model.run(BuildConfig("product", "zcu104", tmp_path))
    t = graph.tensors[wide]
    bits = 1 + max(int(t.high.max()).bit_length(), int(-t.low.min() - 1).bit_length())
    assert t.low.min() < 0 and bits > 8
    shown = CliRunner().invoke(codesign, ["report", str(tmp_path)])
    [row] = [line for line in shown.stdout.splitlines() if "FIFOs" in line]
    assert f"2 of {6 * 4 * bits + 6 * 4 * 4:,} bits in all; each holds a frame" in row and "pragmas" in row

    parallel = tmp_path / "parallel"
    graph.save(parallel / ingest.GRAPH)
    hls4ml_model.run(BuildConfig("product", "zcu104", parallel, io_type="io_parallel"))
    assert "FIFO" not in CliRunner().invoke(codesign, ["report", str(parallel)]).stdout


def test_what_hls_may_stop_at_is_logged_and_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    b = Builder((1025,), -8, 7)
    b.graph(b.matmul("x", 3)).save(tmp_path / ingest.GRAPH)
    hls4ml_model.run(BuildConfig("product", "zcu104", tmp_path))
    [warning] = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("The synthesis may stop: x (layer frame_in): a word of its stream has 4,100 bits (1,025")
    shown = CliRunner().invoke(codesign, ["report", str(tmp_path)])
    [row] = [line for line in shown.stdout.splitlines() if "the synthesis may stop" in line]
    assert "x (layer frame_in): a word of its stream has 4,100 bits" in row and "public threads, not executed" in row
