"""Every operator against an independent computation, and its range against what it really reaches."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from codesign.graph import Add, Conv, GlobalSum, MatMul, Operator, Requantize, Threshold

RNG = np.random.default_rng(7)


def onnx_conv(x: np.ndarray, w: np.ndarray, stride: tuple, pads: tuple, dilation: tuple, groups: int) -> np.ndarray:
    """onnxruntime's Conv on the same integers as float32, small enough to be exact; channels first inside."""
    node = helper.make_node(
        "Conv",
        ["x", "w"],
        ["y"],
        strides=stride,
        pads=[p[0] for p in pads] + [p[1] for p in pads],
        dilations=dilation,
        group=groups,
    )
    first_x, first_w = np.moveaxis(x, -1, 1).astype(np.float32), np.moveaxis(w, -1, 1).astype(np.float32)
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in (("x", first_x), ("w", first_w))]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    model = helper.make_model(
        helper.make_graph([node], "g", values, [out]), opset_imports=[helper.make_opsetid("", 13)]
    )
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": first_x, "w": first_w})
    return np.moveaxis(y, 1, -1).astype(np.int64)


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "pads", "dilation", "groups", "channels", "outputs"),
    [
        ((16,), (8,), (1,), ((3, 4),), (1,), 1, 6, 5),
        ((16,), (8,), (2,), ((3, 3),), (1,), 1, 6, 5),
        ((15,), (3,), (1,), ((0, 2),), (3,), 2, 6, 4),
        ((9, 7), (3, 2), (2, 1), ((1, 0), (0, 1)), (1, 2), 1, 3, 4),
        ((8, 8), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 4, 4, 8),
        ((8, 8), (1, 1), (2, 2), ((0, 0), (0, 0)), (1, 1), 1, 3, 2),
    ],
)
def test_conv_equals_onnxruntime(shape, kernel, stride, pads, dilation, groups, channels, outputs) -> None:  # type: ignore[no-untyped-def]
    w = RNG.integers(-8, 8, (outputs, *kernel, channels // groups))
    x = RNG.integers(-128, 128, (3, *shape, channels))
    op = Conv(
        inputs=("x",), output="y", weights=w, stride=stride, pads=pads, dilation=dilation, groups=groups
    )  # fmt: skip
    expected = onnx_conv(x, w, stride, pads, dilation, groups)
    np.testing.assert_array_equal(op.run(x), expected)
    assert op.shape(x.shape[1:]) == expected.shape[1:]


def test_conv_is_exact_where_float64_is_not() -> None:
    w = np.array([[[2**40, 1]]])
    op = Conv(inputs=("x",), output="y", weights=w, stride=(1,), pads=((0, 0),), dilation=(1,))
    assert op.run(np.array([[[2**20, 1]]]))[0, 0, 0] == 2**60 + 1


def test_matmul_equals_python_integers() -> None:
    w, x = RNG.integers(-8, 8, (5, 7)), RNG.integers(-100, 100, (4, 7))
    expected = [[sum(int(a) * int(b) for a, b in zip(row, vector, strict=True)) for row in w] for vector in x]
    np.testing.assert_array_equal(MatMul(inputs=("x",), output="y", weights=w).run(x), expected)


@pytest.mark.parametrize("wide", [False, True])
def test_requantize_equals_rationals(wide: bool) -> None:
    bits = 40 if wide else 12  # 40-bit multipliers leave int64
    m, b = RNG.integers(-(2**bits), 2**bits, 3), RNG.integers(-(2**20), 2**20, 3)
    op = Requantize(inputs=("x",), output="y", multiplier=m, offset=b, shift=bits + 3, low=-8, high=7)
    x = RNG.integers(-(2**33), 2**33, (50, 3)) if wide else RNG.integers(-1000, 1000, (50, 3))
    for row, found in zip(x, op.run(x), strict=True):
        exact = [
            floor(Fraction(int(v) * int(mm) + int(bb), 2 ** (bits + 3))) for v, mm, bb in zip(row, m, b, strict=True)
        ]
        assert found.tolist() == [min(max(e, -8), 7) for e in exact]


def test_threshold_counts_and_descends() -> None:
    op = Threshold(
        inputs=("x",),
        output="y",
        thresholds=np.array([[-3, 0, 4], [-3, 0, 4]]),
        descending=np.array([False, True]),
        low=-1,
    )
    x = np.array([[v, v] for v in (-4, -3, -1, 0, 3, 4, 9)])
    assert op.run(x).tolist() == [[-1, 2], [0, 1], [0, 1], [1, 0], [1, 0], [2, -1], [2, -1]]


def test_global_sum_and_add() -> None:
    x, y = RNG.integers(0, 16, (2, 4, 3)), RNG.integers(0, 16, (2, 4, 3))
    assert GlobalSum(inputs=("x",), output="s", positions=4).run(x).tolist() == [
        [sum(int(x[n, t, c]) for t in range(4)) for c in range(3)] for n in range(2)
    ]
    np.testing.assert_array_equal(Add(inputs=("x", "y"), output="z", coefficients=(2, -1)).run(x, y), x + x - y)
    with pytest.raises(ValueError, match="positions must be 4, not 5"):
        GlobalSum(inputs=("x",), output="s", positions=5).shape((4, 3))


OPERATORS: list[tuple[Operator, int]] = [
    (Add(inputs=("x", "y"), output="z", coefficients=(2, -3)), 2),
    (MatMul(inputs=("x",), output="z", weights=RNG.integers(-3, 4, (4, 3))), 1),
    (
        Conv(
            inputs=("x",),
            output="z",
            weights=RNG.integers(-3, 4, (4, 1, 3)),
            stride=(1,),
            pads=((1, 0),),
            dilation=(1,),
        ),
        1,
    ),
    (
        Requantize(
            inputs=("x",),
            output="z",
            multiplier=np.array([3, -5, 0]),
            offset=np.array([1, 2, 9]),
            shift=1,
            low=-4,
            high=6,
        ),
        1,
    ),
    (GlobalSum(inputs=("x",), output="z", positions=2), 1),
]


@pytest.mark.parametrize(("op", "arity"), OPERATORS, ids=lambda v: type(v).__name__)
def test_range_is_sound_and_reached(op: Operator, arity: int) -> None:
    """Every corner of a small input box is run: the extremes must be exactly the range."""
    low, high = np.array([-2, 0, 1]), np.array([1, 3, 2])
    corners = np.stack(
        np.meshgrid(*[(int(a), int(b)) for a, b in zip(low, high, strict=True)], indexing="ij"), -1
    ).reshape(-1, 3)
    positions = 2
    frames = np.repeat(corners[:, None], positions, 1)
    if isinstance(op, MatMul):
        frames = frames[:, 0]
    pairs = [frames] if arity == 1 else [np.repeat(frames, len(frames), 0), np.tile(frames, (len(frames), 1, 1))]
    y = op.run(*pairs)
    reached_low, reached_high = (f(tuple(range(y.ndim - 1))) for f in (y.min, y.max))
    claimed_low, claimed_high = op.range(*[(low, high)] * arity)
    if isinstance(op, Conv):  # a padded tap may be zero where no corner is
        assert (claimed_low <= reached_low).all()
        assert (claimed_high >= reached_high).all()
    else:
        np.testing.assert_array_equal(claimed_low, reached_low)
        np.testing.assert_array_equal(claimed_high, reached_high)
