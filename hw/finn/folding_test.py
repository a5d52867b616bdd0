"""FINN's folding file, and what FINN's own passes make of the model and of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codesign.errors import UserError
from codesign.graph.examples import awkward, plain_2d, residual_1d
from hw.finn import environment
from hw.finn.emit import emit
from hw.finn.folding import folding_config, next_divisor
from hw.finn.operators_test import CASES, alone

FOLDS = {"conv0": (4, 9), "requantize1": (4, 1), "conv2": (3, 40), "matmul9": (5, 2)}


@pytest.mark.parametrize(("length", "fold", "expected"), [(12, 4, 4), (12, 5, 6), (10, 4, 5), (7, 2, 7), (8, 99, 8)])
def test_the_next_divisor(length: int, fold: int, expected: int) -> None:
    assert next_divisor(length, fold) == expected


def test_folds_reach_every_node_of_their_operator() -> None:
    graph, _ = residual_1d()
    config = folding_config(graph, FOLDS)
    assert config["FMPadding_0"] == {"SIMD": 6}
    assert config["ConvolutionInputGenerator_0"] == {"SIMD": 6}
    assert config["MVAU_0"] == {"PE": 4, "SIMD": 9}
    assert config["Thresholding_0"] == config["DuplicateStreams_0"] == {"PE": 4}
    assert config["MVAU_1"] == {"PE": 4, "SIMD": 40}
    assert config["MVAU_3"] == {"PE": 5, "SIMD": 2}
    assert config["ElementwiseAdd_0"] == {"PE": 1}


def test_a_fold_that_names_nothing_is_an_error() -> None:
    graph, _ = residual_1d()
    with pytest.raises(UserError, match="'conv99' must name an operator of residual_1d"):
        folding_config(graph, {"conv99": (1, 1)})
    with pytest.raises(UserError, match=r"the fold of conv0 must be two positive numbers, not \(0, 1\)"):
        folding_config(graph, {"conv0": (0, 1)})


@pytest.fixture(scope="module")
def finn() -> Any:
    environment.bootstrap()
    import finn

    return finn


EXAMPLES = {example.__name__: example()[0] for example in (residual_1d, plain_2d, awkward)}
ALONE = {name: alone(kind, shape, **fields) for name, (kind, shape, fields) in CASES.items()}


@pytest.mark.parametrize("name", [*EXAMPLES, *ALONE])
def test_finns_inference_agrees_with_our_shapes_and_types(finn: Any, name: str) -> None:
    from qonnx.custom_op.registry import getCustomOp
    from qonnx.transformation.infer_datatypes import InferDataTypes

    model = emit({**EXAMPLES, **ALONE}[name])
    for node in model.graph.node:
        operator = getCustomOp(node)
        for i, tensor in enumerate(node.output):
            assert list(operator.get_normal_output_shape(i)) == model.get_tensor_shape(tensor), node.name
        for i, tensor in enumerate(node.input):
            if model.get_initializer(tensor) is None:
                assert list(operator.get_normal_input_shape(i)) == model.get_tensor_shape(tensor), node.name
    inferred = model.transform(InferDataTypes())
    sums = {node.output[0] for node in model.graph.node if node.op_type == "GlobalAccPool"}
    for name in model.get_all_tensor_names():
        ours, theirs = model.get_tensor_datatype(name), inferred.get_tensor_datatype(name)
        assert theirs == ours or (name in sums and theirs.bitwidth() >= ours.bitwidth()), name


def test_finn_takes_the_folding_file(finn: Any, tmp_path: Path) -> None:
    from finn.analysis.fpgadataflow.exp_cycles_per_layer import exp_cycles_per_layer
    from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
    from finn.transformation.general import ApplyConfig

    graph, _ = residual_1d()
    model = emit(graph).transform(SpecializeLayers("xczu7ev-ffvc1156-2-e"))
    path = tmp_path / "folding.json"
    path.write_text(json.dumps(folding_config(graph, FOLDS, model)))
    model = model.transform(ApplyConfig(path))
    cycles = model.analysis(exp_cycles_per_layer)
    by_output = {node.output[0]: cycles[node.name] for node in model.graph.node}
    # positions * (outputs / PE) * (columns / SIMD)
    assert by_output["conv0"] == 20 * (8 // 4) * (18 // 9)
    assert by_output["conv2"] == 20 * (8 // 4) * (40 // 40)
    assert by_output["matmul9"] == 1 * 1 * (4 // 2)
    assert by_output["requantize1"] == 20 * (8 // 4)
