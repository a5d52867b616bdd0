"""Export: the QONNX file computes what Brevitas computes, from operators that the toolchain takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from codesign.errors import UserError
from quant import cli, models
from quant.model import reference_float32

OPERATORS = {"Quant", "Pad", "Conv", "BatchNormalization", "Relu", "Add", "ReduceMean", "Gemm"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "tiny.onnx"
    models.get("skeleton-tiny").export(path)
    return path


def test_operators(exported: Path) -> None:
    graph = onnx.load(exported).graph
    kinds = [node.op_type for node in graph.node]
    assert set(kinds) == OPERATORS
    assert kinds.count("Conv") == 1 + 3 * 3 + 2
    assert kinds.count("Pad") == 1 + 3 * 3
    assert kinds.count("Add") == 3


def test_padding_is_with_zeros_and_asymmetric(exported: Path) -> None:
    graph = onnx.load(exported).graph
    constants = {c.name: onnx.numpy_helper.to_array(c) for c in graph.initializer}
    pads = [node for node in graph.node if node.op_type == "Pad"]
    assert {node.attribute[0].s for node in pads} == {b"constant"}
    assert all(node.input[2:] in ([], [""]) for node in pads), "no value given: zero"
    amounts = sorted(tuple(constants[node.input[1]].tolist()) for node in pads)
    assert amounts == [(0, 0, 3, 0, 0, 3)] * 2 + [(0, 0, 3, 0, 0, 4)] * 8


def test_execution_equals_brevitas(exported: Path) -> None:
    """Near ties may fall to either side in float32: few, and none at most inputs."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    model = models.get("skeleton-tiny")
    x = model.sample_inputs(6, seed=1)
    expected = reference_float32(model.load_weights(), x)
    graph = ModelWrapper(str(exported))
    got = np.concatenate(
        [execute_onnx(graph, {graph.graph.input[0].name: one[None]})[graph.graph.output[0].name] for one in x]
    )
    assert expected.std() > 0.1, "a net that says nothing would pass"
    same = np.abs(got - expected).max(axis=1) < 1e-4
    assert same.sum() >= len(x) - 1


def test_both_addends_of_a_skip_have_one_scale(exported: Path) -> None:
    graph = onnx.load(exported).graph
    constants = {c.name: onnx.numpy_helper.to_array(c) for c in graph.initializer}
    maker = {name: node for node in graph.node for name in node.output}
    for add in (node for node in graph.node if node.op_type == "Add"):
        left, right = (maker[name] for name in add.input)
        assert left.op_type == right.op_type == "Quant"
        assert constants[left.input[1]] == constants[right.input[1]]
        assert constants[left.input[3]] == constants[right.input[3]] == 4


def test_same_weights_same_bytes_and_nothing_of_this_machine(exported: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli.export, ["skeleton-tiny", "-o", str(tmp_path / "again.onnx")], catch_exceptions=False
    )
    assert result.exit_code == 0
    content = (tmp_path / "again.onnx").read_bytes()
    assert content == exported.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["again.onnx"]
    for word in (str(Path.cwd()), str(tmp_path), "/tmp"):
        assert word.encode() not in content


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none does not exist"):
        models.get("skeleton-tiny").export(tmp_path / "none" / "tiny.onnx")
