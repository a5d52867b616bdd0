"""``codesign check`` and what the command line shows of a model that is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from onnx import ModelProto, TensorProto, helper

from codesign.cli import codesign
from codesign.errors import Refused, UserError
from codesign.ingest.testing import Net

RNG = np.random.default_rng(0)


def model(opset: int = 13) -> ModelProto:
    net = Net((1, 4, 8), opset)
    x = net.op("Conv", net.quant("x", 0.1, 4), net.weights(RNG.standard_normal((4, 4, 3))), kernel_shape=[3])
    return net.model(net.quant(net.op("Relu", x), 0.3, 4, 0))


def written(proto: ModelProto, path: Path) -> Path:
    path.write_bytes(proto.SerializeToString())
    return path


def subgraph(proto: ModelProto) -> None:
    body = helper.make_graph([], "then", [], [])
    proto.graph.node.append(
        helper.make_node("If", [proto.graph.output[0].name], ["y"], name="branch", then_branch=body, else_branch=body)
    )
    proto.graph.output[0].name = "y"


def sparse(proto: ModelProto) -> None:
    values = helper.make_tensor("few", TensorProto.FLOAT, [1], [2.0])
    proto.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, helper.make_tensor("i", TensorProto.INT64, [1], [0]), [4])
    )


@pytest.mark.parametrize("command", ["check", "build"])
def test_the_command_line_shows_one_report(tmp_path: Path, command: str) -> None:
    proto = model()
    sparse(proto)
    subgraph(proto)
    path = written(proto, tmp_path / "m.onnx")
    arguments = [command, str(path)]
    if command == "build":
        arguments += ["--board", "ulx3s", "--output-dir", str(tmp_path / "out"), "--stop-step", "ingest"]
    result = CliRunner().invoke(codesign, arguments)
    assert isinstance(result.exception, Refused) and result.exception.exit_status == 2
    text = str(result.exception)
    assert text.startswith(f"{path} cannot be taken exactly, for 2 reasons:")
    assert "If 'branch'" in text and "tensor 'few'" in text
    assert not (tmp_path / "out/graph").exists()


def test_names_of_a_refusal_are_the_users(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    y = net.op("LRN", net.quant("x", 0.1, 4), size=3)
    net.nodes[-1].name = "/backbone/norm"
    path = net.save_raw(net.quant(y, 0.1, 4), tmp_path / "m.onnx")
    result = CliRunner().invoke(codesign, ["check", str(path)])
    assert "LRN '/backbone/norm': no exact integer rule" in str(result.exception)


def test_check_as_json(tmp_path: Path) -> None:
    path = written(model(), tmp_path / "m.onnx")
    result = CliRunner().invoke(codesign, ["check", str(path), "--json", "--board", "ulx3s"])
    document = json.loads(result.stdout)
    assert document["taken"] and document["macs"] == 6 * 4 * 4 * 3
    assert document["segments"][0]["form"] in ("requantize", "threshold")
    assert document["operators"][0]["shape"] == [6, 4]
    assert document["design"]["interval"] == max(k["interval"] for k in document["design"]["kernels"])
    assert document["design"]["source"] == "model"
    proto = model()
    sparse(proto)
    result = CliRunner().invoke(codesign, ["check", str(written(proto, path)), "--json"])
    assert result.exit_code == 2
    refused = json.loads(result.stdout)
    assert not refused["taken"] and refused["reasons"][0]["node"] == "tensor 'few'"


def test_check_shows_segments_operators_kernels_and_the_budget(tmp_path: Path) -> None:
    path = written(model(), tmp_path / "m.onnx")
    result = CliRunner().invoke(codesign, ["check", str(path), "--board", "ulx3s", "--input-type", "int8"])
    assert result.exit_code == 0, result.output
    for part in ("segments", "operators of the integer graph", "MACs a frame", "kernels, folded", "on ulx3s", "DSP"):
        assert part in result.output
    assert "model estimate" in result.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nothing.onnx"], "neither a file nor a preset"),
        (["{path}", "--board", "no-board"], "No board is named"),
        (["{path}", "--input-type", "uint99"], "input type 'uint99' is unknown"),
    ],
)
def test_check_of_what_is_not_there(tmp_path: Path, arguments: list[str], expected: str) -> None:
    path = written(model(), tmp_path / "m.onnx")
    result = CliRunner().invoke(codesign, ["check", *(a.format(path=path) for a in arguments)])
    assert isinstance(result.exception, UserError) and expected in str(result.exception)


def test_a_rate_out_of_reach_comes_after_what_was_taken(tmp_path: Path) -> None:
    path = written(model(), tmp_path / "m.onnx")
    result = CliRunner().invoke(codesign, ["check", str(path), "--board", "ulx3s", "--target-fps", "20e6"])
    assert isinstance(result.exception, UserError) and "lower --target-fps" in str(result.exception)
    assert "requantize" in result.output and "proof over every range" in result.output
    result = CliRunner().invoke(codesign, ["check", str(path), "--board", "ulx3s", "--target-fps", "100000"])
    assert result.exit_code == 0
    assert "model estimate" in result.output
