"""FINN's own executors against the IntegerGraph. All tests share FINN's one process."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from codesign.errors import MissingTool, ToolFailed, UserError, VerificationFailed
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder, awkward, plain_2d, residual_1d
from hw.finn import environment
from hw.finn.emit import emit, translate
from hw.finn.witness import executable, witness


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("example", [residual_1d, plain_2d, awkward])
def test_finn_gives_the_same_integers(example: Callable[[int], tuple[IntegerGraph, np.ndarray]], seed: int) -> None:
    graph, x = example(seed)
    result = witness(graph, x)
    assert (result.frames, result.mismatches, result.first_difference) == (4, 0, None)
    result.require()


def corrupted(graph: IntegerGraph, path: Path, name: str, change: Callable[[np.ndarray], None]) -> Path:
    """FINN's model with one parameter changed, saved."""
    model = emit(graph)
    values = model.get_initializer(name).copy()
    change(values)
    model.set_initializer(name, values)
    model.save(str(path))
    return path


def test_a_threshold_moved_by_one_is_named_with_the_place_where_it_first_shows(tmp_path: Path) -> None:
    graph, x = residual_1d()
    emission = translate(graph)
    seen = graph.trace(x)["conv2"] * emission.signs["conv2"]
    thresholds = emission.model.get_initializer("requantize3_thresholds")
    # A threshold that some position meets exactly, so that moving it up by one flips that position.
    hit = seen[..., None] == thresholds
    channel, level = np.argwhere(hit.any((0, 1)))[0]
    frame, position = np.argwhere(hit[:, :, channel, level])[0]

    def raise_by_one(values: np.ndarray) -> None:
        values[channel, level] += 1

    result = witness(graph, x, model=corrupted(graph, tmp_path / "m.onnx", "requantize3_thresholds", raise_by_one))
    first = result.first_difference
    assert first is not None
    assert (first.operator, first.frame, first.index) == ("requantize3", frame, (position, channel))
    assert first.expected == graph.trace(x)["requantize3"][frame, position, channel] == first.found + 1
    with pytest.raises(
        VerificationFailed,
        match=rf"first at Requantize requantize3 \(FINN's Thresholding_1\), frame {frame}, index \[{position}, ",
    ):
        result.require()


def test_a_changed_weight_is_named_at_its_convolution(tmp_path: Path) -> None:
    graph, x = plain_2d()

    def add_one(values: np.ndarray) -> None:
        values[0, 2] += 1

    result = witness(graph, x, model=corrupted(graph, tmp_path / "m.onnx", "conv4_weights", add_one))
    assert result.first_difference is not None and result.mismatches > 0
    assert result.first_difference.operator == "conv4"
    assert result.first_difference.index[-1] == 2


def test_the_earliest_operator_is_named_even_where_it_differs_in_a_later_frame_only(tmp_path: Path) -> None:
    graph, x = residual_1d()
    emission = translate(graph)
    seen = graph.trace(x)["conv2"] * emission.signs["conv2"]
    hit = (seen[..., None] == emission.model.get_initializer("requantize3_thresholds")).any(1)  # [N, C, L]
    channel, level = np.argwhere(hit[1:].any(0) & ~hit[0])[0]

    def raise_by_one(values: np.ndarray) -> None:
        values[channel, level] += 1

    path = corrupted(graph, tmp_path / "m.onnx", "requantize3_thresholds", raise_by_one)
    model = ModelWrapper(str(path))
    model.set_initializer("matmul9_weights", model.get_initializer("matmul9_weights") + 1)
    model.save(str(path))
    first = witness(graph, x, model=path).first_difference
    assert first is not None
    assert (first.operator, first.frame) == ("requantize3", 1 + np.argmax(hit[1:, channel, level]))


def test_finns_own_width_passes_leave_the_integers(tmp_path: Path) -> None:
    environment.bootstrap()
    from finn.transformation.fpgadataflow.minimize_accumulator_width import MinimizeAccumulatorWidth
    from finn.transformation.fpgadataflow.minimize_weight_bit_width import MinimizeWeightBitWidth
    from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds

    graph, x = plain_2d()
    model = emit(graph)
    for transformation in (MinimizeWeightBitWidth(), MinimizeAccumulatorWidth(), RoundAndClipThresholds()):
        model = model.transform(transformation)
    model.save(str(tmp_path / "m.onnx"))
    assert witness(graph, x, model=tmp_path / "m.onnx").mismatches == 0


def test_a_hang_ends_in_a_sentence_and_the_next_call_works() -> None:
    graph, x = residual_1d()
    with pytest.raises(ToolFailed, match=r"FINN's execution of residual_1d did not end within 0\.01 s"):
        witness(graph, np.repeat(x, 50, 0), limit_s=0.01)
    assert witness(graph, x).mismatches == 0


def test_finns_own_failure_is_told_with_its_log(tmp_path: Path) -> None:
    graph, x = residual_1d()
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ToolFailed, match="FINN's execution of residual_1d failed") as failure:
        witness(graph, x, model=tmp_path / "broken.onnx")
    log = Path(str(failure.value).split("see ")[1].rstrip("."))
    assert "Traceback" in log.read_text()
    log.unlink()


def test_sums_beyond_float32_are_no_case_for_this_witness() -> None:
    b = Builder((6, 8), -(2**20), 2**20)
    graph = b.graph(b.conv("x", 2, (3,)), "wide")
    with pytest.raises(UserError, match=r"no operator of wide: Conv conv0: it can reach .* exact up to 16777216 only"):
        witness(graph, b.frames(1))


def with_many_levels(seed: int) -> tuple[IntegerGraph, np.ndarray]:
    """An activation of more levels than FINN compares with, read twice, between operators that FINN has."""
    b = Builder((7, 3), -8, 7, seed)
    wide = b.requantize(b.conv("x", 4, (3,), ((1, 1),)), -1500, 1500)
    return b.graph(b.requantize(b.add(b.conv(wide, 4, (1,)), wide)), "many_levels"), b.frames(3)


def test_what_finn_has_no_operator_for_is_given_and_named() -> None:
    graph, x = with_many_levels(1)
    result = witness(graph, x)
    assert result.mismatches == 0
    assert list(result.missing) == ["requantize1"] and "levels, and FINN compares with" in result.missing["requantize1"]
    assert result.witnessed == ("conv0", "conv2", "add3", "requantize4")


def test_what_finn_cannot_even_hold_is_left_out() -> None:
    b = Builder((4, 6), -8, 7)
    spread = b.reshape(b.requantize("x"), (1, 1, 1, 4, 6))
    graph = b.graph(b.requantize(b.conv(b.reshape(spread, (4, 6)), 3, (2,))))
    result = witness(graph, b.frames(2))
    assert result.mismatches == 0 and result.witnessed == ("requantize0", "conv3", "requantize4")
    assert "has 4 spatial axes" in result.missing["reshape1"]
    assert "reads reshape1, which FINN cannot hold" in result.missing["reshape2"]


def test_a_difference_behind_what_was_given_is_found(tmp_path: Path) -> None:
    graph, x = with_many_levels(2)
    emission = executable(graph)
    weights = emission.model.get_initializer("conv2_weights") + 1
    emission.model.set_initializer("conv2_weights", weights)
    emission.model.save(str(tmp_path / "m.onnx"))
    with pytest.raises(VerificationFailed, match=r"first at Conv conv2 \(FINN's MVAU_1\), frame 0, index \[0, 0\]"):
        witness(graph, x, model=tmp_path / "m.onnx").require()


def test_a_spent_budget_ends_behind_a_frame() -> None:
    graph, x = residual_1d()
    assert witness(graph, x, budget_s=1e-6).frames == 1
    assert witness(graph, x, budget_s=60).frames == len(x)


def test_frames_of_another_shape_are_named() -> None:
    graph, x = residual_1d()
    with pytest.raises(UserError, match=r"must have the shape \(N, 20, 6\), not \(4, 19, 6\)"):
        witness(graph, x[:, 1:])


def test_without_finn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, x = residual_1d()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"needs the extra `finn`: pip install -e '\.\[finn\]'"):
        witness(graph, x)
