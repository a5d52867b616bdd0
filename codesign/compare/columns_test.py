"""Each column on a small residual net: it agrees, and where what it wrote is broken, the operator is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from codesign.build import BuildConfig
from codesign.compare.column import Column
from codesign.compare.columns import COLUMNS, chosen
from codesign.compare.compare import explain
from codesign.compare.difference import Difference
from codesign.compare.finn import Finn
from codesign.compare.hls4ml import Hls4ml
from codesign.compare.native import Native, operator_of
from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder

FRAMES = 100


def residual() -> tuple[IntegerGraph, np.ndarray]:
    """A fork, a residual sum, a global sum and scores."""
    b = Builder((12, 4), -8, 7)
    first = b.requantize(b.conv("x", 6, (3,), ((1, 1),)))
    second = b.requantize(b.conv(first, 6, (3,), ((1, 1),)))
    return b.graph(b.matmul(b.global_sum(b.requantize(b.add(first, second))), 5)), b.frames(FRAMES)


def prepared(kind: type[Column], folder: Path) -> Column:
    folder.mkdir(parents=True, exist_ok=True)
    column = kind(BuildConfig("residual", "zcu104", folder), folder)
    column.prepare(residual()[0])
    return column


def broken_at(column: Column) -> Difference:
    """Run again what was broken; return the first difference that is found."""
    graph, x = residual()
    result = column.run(x)
    assert result.mismatches > 0 and not result.agrees
    difference, why = explain(column, graph, x, result)
    assert difference is not None and not why
    assert difference.expected != difference.found
    return difference


@pytest.fixture
def restored() -> Iterator[list[tuple[Path, str]]]:
    """Files and what was in them."""
    kept: list[tuple[Path, str]] = []
    yield kept
    for path, text in kept:
        path.write_text(text)


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Column:
    return prepared(Native, tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="module")
def hls(tmp_path_factory: pytest.TempPathFactory) -> Column:
    return prepared(Hls4ml, tmp_path_factory.mktemp("hls"))


@pytest.mark.parametrize("name", ["native", "hls"])
def test_every_integer_and_every_stage_agrees(name: str, request: pytest.FixtureRequest) -> None:
    column: Column = request.getfixturevalue(name)
    graph, x = residual()
    result = column.run(x)
    assert result.agrees and result.integers >= FRAMES * 5 and result.outputs is not None
    np.testing.assert_array_equal(result.outputs, graph.run(x))
    stages = list(column.trace(x[:5]))
    assert {op.output for op in graph.operators} <= {stage.operator for stage in stages}
    assert all(np.array_equal(stage.expected, stage.found) for stage in stages)
    assert all(figure.source for figure in result.figures)


def test_a_changed_weight_of_the_verilog_is_named(native: Column, restored: list[tuple[Path, str]]) -> None:
    assert isinstance(native, Native)
    instance = next(name for name, tensor in native.design.tensors.items() if tensor == "conv2")
    path = native.rtl / f"{instance}_weights.hex"
    words = path.read_text().split()
    restored.append((path, path.read_text()))
    path.write_text("\n".join([f"{int(words[0], 16) ^ 3:0{len(words[0])}x}", *words[1:]]) + "\n")
    difference = broken_at(native)
    assert (difference.operator, difference.kind) == ("conv2", "Conv")
    assert difference.place == f"MatrixVectorUnit {instance}" and len(difference.index) == 2


def test_a_crossed_wire_of_the_top_module_is_named(native: Column, restored: list[tuple[Path, str]]) -> None:
    """The sum's two words come with their lowest bit turned, in the top module alone."""
    assert isinstance(native, Native)
    instance = next(name for name, tensor in native.design.tensors.items() if tensor == "requantize5")
    path = native.rtl / "accelerator.sv"
    text = path.read_text()
    restored.append((path, text))
    begin = text.index(f" {instance} (")
    wire = text[text.index(".s_data(", begin) :].split("(")[1].split(")")[0]
    path.write_text(text[:begin] + text[begin:].replace(f".s_data({wire})", f".s_data({wire} ^ 8)", 1))
    assert broken_at(native).operator == "requantize5"


@pytest.mark.parametrize(("layer", "file"), [("conv2", "w"), ("requantize3", "c1_"), ("matmul7", "w")])
def test_a_changed_constant_of_the_hls_project_is_named(
    hls: Column, restored: list[tuple[Path, str]], layer: str, file: str
) -> None:
    assert isinstance(hls, Hls4ml)
    made = hls.prepared.emission.tensors[layer]
    source = (hls.project / "firmware/accelerator.cpp").read_text()
    line = next(line for line in source.splitlines() if line.endswith(f"// {made}"))
    name = next(word for word in line.replace(")", ",").replace(";", "").split(", ") if word.startswith(file))
    for suffix in (".txt", ".h"):  # the simulation reads one, the synthesis the other
        path = hls.project / f"firmware/weights/{name.strip(', ')}{suffix}"
        text = path.read_text()
        restored.append((path, text))
        begin = text.index("{") + 1 if suffix == ".h" else 0
        first = text[begin:].split(",")[0]
        path.write_text(
            text[:begin] + text[begin:].replace(first, str(int(float(first)) + 3 * 10**4 * (file == "c1_") + 1), 1)
        )
    difference = broken_at(hls)
    assert (difference.operator, difference.place) == (layer, f"hls4ml's layer {made}")


def test_a_kernel_without_a_tensor_serves_the_next(native: Column) -> None:
    assert isinstance(native, Native)
    windows = [name for name in native.design.kernels if name.startswith("sliding_window")]
    assert [operator_of(native.design, name) for name in windows] == ["conv0", "conv2"]


def test_finn_agrees_and_a_changed_weight_of_its_model_is_named(tmp_path: Path) -> None:
    column = prepared(Finn, tmp_path)
    assert isinstance(column, Finn)
    graph, x = residual()
    result = column.run(x)
    compared = sum(graph.tensors[op.output].shape[-1] for op in graph.operators if op.output in ("sum6", "matmul7"))
    assert result.agrees and result.integers > FRAMES * compared
    model = onnx.load(column.model)
    node = next(node for node in model.graph.node if node.doc_string == "matmul7" and "MVAU" in node.op_type)
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == node.input[1])
    values = onnx.numpy_helper.to_array(weights).copy()
    values.flat[0] += 1
    weights.CopyFrom(onnx.numpy_helper.from_array(values, weights.name))
    onnx.save(model, column.model)
    difference = broken_at(column)
    assert (difference.operator, difference.kind) == ("matmul7", "MatMul") and node.name in difference.place


def test_names() -> None:
    assert chosen("own, HLS4ML") == [Native, Hls4ml]
    assert chosen("native") == [COLUMNS["native"]]
    with pytest.raises(UserError, match=r"'vivado' is no back end .* of native \(or own\), hls4ml"):
        chosen("native,vivado")
    with pytest.raises(UserError, match="names native twice"):
        chosen("native,own")
    with pytest.raises(UserError, match="names none"):
        chosen(" , ")
