"""What ``--json`` prints is one document, whatever the libraries below print at the level of C."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesign.ingest.testing import random_residual
from tests.command import codesign


@pytest.mark.parametrize(
    ("command", "key"),
    [(("check", "--board", "ulx3s"), "design"), (("compare", "--backends", "native", "--frames", 5), "columns")],
)
def test_a_document_and_nothing_else(command: tuple[object, ...], key: str, tmp_path: Path) -> None:
    net, output = random_residual(1, channels=4)
    model = net.save_raw(output, tmp_path / "model.onnx")
    name, *options = command
    folder = ("-o", tmp_path / "out") if name == "compare" else ()
    printed = codesign(name, model, *options, *folder, "--json")
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout)[key]
