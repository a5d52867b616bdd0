"""hls4ml is caught where it does not keep what it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import boards
from codesign.errors import VerificationFailed
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from hw.hls4ml.audit import TYPED, audit
from hw.hls4ml.convert import convert
from hw.hls4ml.emit import emit
from hw.hls4ml.precision import Fixed
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of


def small() -> IntegerGraph:
    b = Builder((8, 3), -8, 7, seed=2)
    x = b.requantize(b.conv("x", 4, (3,)))
    return b.graph(b.matmul(b.global_sum(x), 5))


def _weight(layer: Any) -> None:
    layer.weights["weight"].data = layer.weights["weight"].data + 1


def _narrow(layer: Any) -> None:
    layer.get_attr("accum_t").precision.width -= 1


def _no_type(layer: Any) -> None:
    del layer.attributes.attributes["accum_t"]


def _shape(layer: Any) -> None:
    layer.get_output_variable().shape = layer.get_output_variable().shape[::-1]


def _reuse(layer: Any) -> None:
    layer.set_attr("reuse_factor", 3)


def _strategy(layer: Any) -> None:
    layer.set_attr("strategy", "latency")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_weight, "changed conv0_op's weight"),
        (_narrow, "changed conv0_op's accum type from"),
        (_no_type, r"layer conv0_op has no accum type, which must be int<\d+>"),
        (_shape, r"changed conv0_op's shape from \(6, 4\) to \(4, 6\)"),
        (_reuse, "changed conv0_op's reuse factor from 1 to 3"),
        (_strategy, "changed conv0_op's strategy from resource to latency"),
    ],
)
def test_a_change_by_hls4ml_is_named(harm: Callable[[Any], None], words: str, tmp_path: Path) -> None:
    emission = emit(small(), Settings())
    model = convert(emission, target_of(boards.get("pynq_z2"), 100.0), tmp_path)
    harm(next(layer for layer in model.get_layers() if layer.name == "conv0_op"))
    with pytest.raises(VerificationFailed, match=words):
        audit(emission, model)


def test_a_dropped_layer_is_named(tmp_path: Path) -> None:
    emission = emit(small(), Settings())
    model = convert(emission, target_of(boards.get("pynq_z2"), 100.0), tmp_path)
    more = [*emission.layers, {"class_name": "Merge", "name": "gone"}]
    with pytest.raises(VerificationFailed, match="dropped its layer gone, which serves add1"):
        audit(replace(emission, layers=more, owners={**emission.owners, "gone": "add1"}), model)


@pytest.mark.parametrize("strategy", ["resource", "latency"])
@pytest.mark.parametrize("io_type", ["io_stream", "io_parallel"])
def test_every_layer_has_every_type_that_it_was_given(io_type: str, strategy: str, tmp_path: Path) -> None:
    emission = emit(small(), Settings(io_type, strategy))
    model = convert(emission, target_of(boards.get("zcu104"), 100.0), tmp_path)
    for layer in model.get_layers():
        for what, kind in emission.types.get(layer.name, {}).items():
            found = layer.get_attr(TYPED.get(what, f"{what}_t")).precision
            assert Fixed(found.width, found.integer, bool(found.signed)) == kind
