"""What the emitter says in FINN's words, without FINN."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest

from codesign.errors import Refused
from codesign.graph import Operator, Requantize, Threshold
from codesign.graph.examples import Builder, awkward, plain_2d, residual_1d
from codesign.graph.operator import Range
from hw.finn.canvas import datatype
from hw.finn.emit import emit, save, translate
from hw.finn.operators.activation import rising_thresholds
from hw.finn.operators.conv import dense


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [(0, 1, "BINARY"), (0, 15, "UINT4"), (3, 16, "UINT5"), (-1, 0, "INT2"), (-8, 7, "INT4"), (-8, 8, "INT5")],
)
def test_datatype_is_the_narrowest(low: int, high: int, name: str) -> None:
    assert datatype(low, high) == name


def test_thresholds_equal_a_search_over_the_whole_range() -> None:
    random = np.random.default_rng(3)
    low, high = np.array([-40, 0, 5, -9, 0]), np.array([50, 63, 5, 9, 0])
    multiplier = np.array([37, -90, 12, 0, -5])
    offset = random.integers(-2000, 2000, 5)
    op = Requantize(inputs=("x",), output="y", multiplier=multiplier, offset=offset, shift=8, low=-6, high=7)
    sign = np.where(multiplier < 0, -1, 1)
    ends = np.where(sign < 0, -high, low), np.where(sign < 0, -low, high)
    thresholds = rising_thresholds(op, sign, *ends, -6, 7)
    for c in range(5):
        x = np.arange(ends[0][c], ends[1][c] + 1)
        y = np.clip((sign[c] * x * multiplier[c] + offset[c]) // 256, -6, 7)
        expected = [
            next((v for v, w in zip(x, y, strict=True) if w >= level), ends[1][c] + 1) for level in range(-5, 8)
        ]
        assert thresholds[c].tolist() == expected


def test_rows_are_negated_where_the_product_has_one_reader_and_multiplied_elsewhere() -> None:
    graph, _ = residual_1d()
    emission = translate(graph)
    falling = {op.inputs[0]: op for op in graph.operators if isinstance(op, Requantize | Threshold)}
    assert {name for name in falling if graph.maker(name).__class__.__name__ == "Conv"} == set(emission.signs)
    conv = next(op for op in graph.operators if op.output == "conv0")
    stored = emission.model.get_initializer("conv0_weights")
    expected = conv.weights.reshape(8, -1).T * emission.signs["conv0"]  # type: ignore[attr-defined]
    assert (stored == expected).all() and (emission.signs["conv0"] < 0).any()
    kinds = [n.op_type for n in emission.model.graph.node if n.doc_string == "requantize5"]
    assert kinds == ["ElementwiseMul", "Thresholding"]


def test_an_output_that_is_read_as_well_is_not_negated() -> None:
    b = Builder((6, 3), -8, 7)
    product = b.conv("x", 4, (3,))
    b.requantize(product)
    emission = translate(b.graph(product))
    assert emission.signs == {}
    assert next(n.op_type for n in emission.model.graph.node if n.doc_string == "requantize1") == "ElementwiseMul"


def test_every_tensor_of_finns_has_one_reader() -> None:
    for graph, _ in (residual_1d(), plain_2d(), awkward()):
        model = emit(graph)
        read = [name for node in model.graph.node for name in node.input]
        assert len(read) == len(set(read))
        assert model.graph.output[0].name not in read


def test_grouped_weights_become_dense() -> None:
    weights = np.arange(1, 9).reshape(4, 1, 2)
    expected = [[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 5, 6], [0, 0, 7, 8]]
    assert dense(weights, 2).reshape(4, 4).tolist() == expected


def test_the_saved_model_is_whole_and_readable(tmp_path: Path) -> None:
    graph, _ = residual_1d()
    save(emit(graph), tmp_path / "step_finn.onnx")
    model = onnx.load(tmp_path / "step_finn.onnx")
    assert [n.op_type for n in model.graph.node][:4] == [
        "FMPadding",
        "ConvolutionInputGenerator",
        "MVAU",
        "Thresholding",
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["step_finn.onnx"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Cube(Operator):
    """An operator that the emitter has never heard of."""

    def run(self, *x: np.ndarray) -> np.ndarray:
        return x[0] ** 3

    def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return shapes[0]

    def range(self, *ranges: Range) -> Range:
        return ranges[0][0] ** 3, ranges[0][1] ** 3


def test_a_refusal_holds_every_reason_with_node_and_remedy() -> None:
    b = Builder((5, 2), -100, 100)
    cubed = b.append(Cube(inputs=("x",), output="cubed"))
    fine = b.requantize(b.conv(cubed, 2, (3,)), -4000, 4000)
    with pytest.raises(Refused) as refusal:
        emit(b.graph(fine, "net"))
    first, *reasons = str(refusal.value).splitlines()
    assert first == "net has no exact form in FINN's operators, for 2 reasons:"
    assert reasons[0].startswith("  - Cube cubed: FINN's vocabulary has no rule") and "Remedy: use" in reasons[0]
    assert "Requantize requantize2: it has" in reasons[1] and "at most 1024 values" in reasons[1]


def test_three_spatial_axes_are_refused() -> None:
    b = Builder((3, 3, 3, 2), 0, 3)
    with pytest.raises(Refused, match="input x: it has 3 spatial axes"):
        emit(b.graph(b.requantize("x")))


def test_a_parameter_beyond_float32_is_refused() -> None:
    b = Builder((5, 2), -(2**25) - 1, 2**25 + 1)
    with pytest.raises(Refused, match=r"Requantize requantize0: a parameter of \d+ needs more than float32's 24 bits"):
        emit(b.graph(b.requantize("x", rising=True)))
