"""The depthwise unit's RTL at every edge of its parameters."""

from typing import Any

import numpy as np
import pytest

from codesign.errors import UserError
from hw.kernels.conformance import check_resources, conform
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit


def kernels(channels: int, multiple: int, taps: int, low: int = -8, high: int = 7) -> np.ndarray:
    """Random weights with both ends of their range."""
    weights = np.random.default_rng(0).integers(low, high, (channels, multiple, taps), np.int64, endpoint=True)
    weights[0, 0] = low
    weights[-1, -1] = high
    return weights


CASES: dict[str, dict[str, Any]] = {
    "plain": {"weights": kernels(6, 1, 9), "positions": 3, "bits": 4},
    "lanes": {"weights": kernels(6, 1, 9), "positions": 3, "bits": 4, "pe": 3},
    "two outputs a channel": {"weights": kernels(6, 2, 3), "positions": 4, "bits": 4, "pe": 2},
    "three outputs, two lanes": {"weights": kernels(4, 3, 2), "positions": 4, "bits": 4, "pe": 2},
    "two outputs, three lanes": {"weights": kernels(6, 2, 3), "positions": 4, "bits": 4, "pe": 3},
    "two outputs, all lanes": {"weights": kernels(4, 2, 1), "positions": 4, "bits": 4, "pe": 4},
    "three outputs, one lane": {"weights": kernels(7, 3, 4), "positions": 2, "bits": 3, "signed": True},
    "one word a tap": {"weights": kernels(4, 1, 5), "positions": 4, "bits": 4, "pe": 4},
    "many taps, one word": {"weights": kernels(2, 1, 11), "positions": 4, "bits": 4, "pe": 2},
    "two words a tap": {"weights": kernels(4, 1, 3), "positions": 4, "bits": 4, "pe": 2},
    "four words a tap": {"weights": kernels(4, 2, 2), "positions": 4, "bits": 4},
    "five words a tap": {"weights": kernels(5, 1, 2), "positions": 4, "bits": 4},
    "block line": {"weights": kernels(150, 1, 2), "positions": 2, "bits": 8, "signed": True},
    "one tap": {"weights": kernels(6, 1, 1), "positions": 3, "bits": 4, "pe": 2},
    "one channel": {"weights": kernels(1, 1, 3), "positions": 5, "bits": 4},
    "one weight": {"weights": kernels(1, 1, 1), "positions": 5, "bits": 4},
    "wide": {"weights": kernels(6, 1, 3, -128, 127), "positions": 3, "bits": 8, "signed": True, "pe": 2},
    "signs": {"weights": np.where(kernels(6, 1, 3) < 0, -1, 1), "positions": 3, "bits": 1, "pe": 2},
    "ternary": {"weights": np.sign(kernels(6, 1, 3)), "positions": 3, "bits": 2, "signed": True, "pe": 3},
    "unsigned weights": {"weights": kernels(6, 1, 3, 0, 15), "positions": 3, "bits": 4, "pe": 2},
}


@pytest.mark.parametrize("case", CASES)
def test_conforms(case: str) -> None:
    conform(DepthwiseUnit(**CASES[case]), guarded=case == "plain")


@pytest.mark.parametrize("case", ["wide", "two outputs a channel"])
def test_conforms_with_multipliers(case: str) -> None:
    conform(DepthwiseUnit(**CASES[case], multiplier="dsp"), guarded=False)


@pytest.mark.parametrize("memory", ["lut", "block"])
def test_conforms_with_weights_in(memory: str) -> None:
    """27 words of 8 bits."""
    unit = DepthwiseUnit(**CASES["lanes"] | {"pe": 2}, memory=memory)
    assert unit.verilog_parameters()["ROM_FORM"] == memory
    assert len(unit.forms()) == 4
    conform(unit, guarded=False)


def test_runs_at_full_rate_for_long() -> None:
    conform(DepthwiseUnit(kernels(12, 1, 2), positions=2, bits=4), frames=50, guarded=False)


def test_sums_are_each_channels_own() -> None:
    """Against sums written out one by one; outputs in the order of ONNX: channel by channel."""
    unit = DepthwiseUnit(kernels(4, 2, 3), positions=2, bits=4, pe=2)
    x = np.random.default_rng(1).integers(0, 16, (1, 2, 3, 4))  # frame, position, tap, channel
    (found,) = unit.reference(x.reshape(1, -1, 2))
    expected = [
        sum(int(x[0, p, t, c]) * int(unit.weights[c, m, t]) for t in range(3))
        for p in range(2)
        for c in range(4)
        for m in range(2)
    ]
    assert found.shape == (1, 8, 2)
    assert found.reshape(-1).tolist() == expected


def test_output_bits_follow_the_inputs_range() -> None:
    weights = np.array([[[1, 1]], [[-1, 2]]])
    assert DepthwiseUnit(weights, 1, 4).outputs[0].stream.bits == 6  # -15 to 30
    assert DepthwiseUnit(weights, 1, 4, high=np.array([7, 1])).outputs[0].stream.bits == 5  # -1 to 14
    assert DepthwiseUnit(weights, 1, 4, acc_bits=20).outputs[0].stream.bits == 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pe": 4}, "DepthwiseUnit PE must divide channels=6, not 4"),
        ({"pe": 0}, "DepthwiseUnit PE must divide channels=6, not 0"),
        ({"positions": 0}, "DepthwiseUnit positions must be at least 1, not 0"),
        ({"multiplier": "carry"}, "DepthwiseUnit multiplier must be lut or dsp, not carry"),
        ({"memory": "ultra"}, "DepthwiseUnit memory must be one of auto, lut, block, not ultra"),
        ({"acc_bits": 3}, "DepthwiseUnit acc_bits must be at least 12, which its outputs need, not 3"),
        ({"weights": np.ones((6, 9), np.int64)}, r"DepthwiseUnit weights must have the shape \[C, M, taps\]"),
    ],
)
def test_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        DepthwiseUnit(**{"weights": kernels(6, 1, 9), "positions": 2, "bits": 4, **changes})


LOADS: dict[str, dict[str, Any]] = {
    "plain": {"weights": kernels(32, 1, 9), "positions": 64, "bits": 4, "pe": 4},
    "multiple": {"weights": kernels(8, 2, 9, -128, 127), "positions": 64, "bits": 8, "signed": True, "pe": 2},
}


@pytest.mark.parametrize(
    ("load", "family", "multiplier"),
    [
        ("plain", "ecp5", "lut"),
        ("plain", "xc7", "lut"),
        ("plain", "xcup", "lut"),
        ("multiple", "ecp5", "dsp"),
        ("multiple", "xcup", "dsp"),
    ],
)
def test_resources(load: str, family: str, multiplier: str) -> None:
    check_resources(DepthwiseUnit(**LOADS[load], multiplier=multiplier, family=family), family)
