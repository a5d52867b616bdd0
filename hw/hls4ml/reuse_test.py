"""Reuse factors against hls4ml's own rule, and the ones that only look as if it took them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from hw.hls4ml import environment
from hw.hls4ml.emit import Emission, emit
from hw.hls4ml.reuse import check_reuse, reuse_factors
from hw.hls4ml.settings import Settings


def graph() -> IntegerGraph:
    """A convolution of 12 inputs by 6 outputs, a fully connected layer of 6 by 5."""
    b = Builder((4, 4, 3), -8, 7)
    return b.graph(b.matmul(b.global_sum(b.requantize(b.conv("x", 6, (2, 2)))), 5))


def layer(kind: str, inputs: int, outputs: int) -> dict[str, Any]:
    if kind == "Dense":
        return {"class_name": kind, "n_in": inputs, "n_out": outputs}
    return {"class_name": kind, "n_chan": inputs, "filt_height": 1, "filt_width": 1, "n_filt": outputs}


def test_factors_are_those_that_hls4ml_leaves_as_they_are() -> None:
    environment.bootstrap()
    from hls4ml.backends import get_backend

    backend = get_backend("Vitis")
    for inputs, outputs in product(range(1, 25), range(1, 13)):
        ours = reuse_factors(layer("Conv2D", inputs, outputs), Settings())
        assert sorted(ours) == backend.get_valid_reuse_factors(inputs, outputs), (inputs, outputs)


def test_a_convolution_over_arrays_takes_no_factor_beyond_its_inputs() -> None:
    """hls4ml takes 24 for 12 inputs there, and computes something else (1,514 of 1,620 integers of this graph)."""
    arrays = Settings(io_type="io_parallel")
    assert reuse_factors(layer("Conv2D", 12, 6), arrays) == {1, 2, 3, 4, 6, 12}
    assert reuse_factors(layer("Dense", 12, 2), arrays) == {1, 2, 3, 4, 6, 12, 24}


def refused(**settings: Any) -> str:
    with pytest.raises(UserError) as caught:
        check_reuse(emitted(**settings))
    return str(caught.value)


def emitted(**settings: Any) -> Emission:
    return emit(graph(), Settings(**settings))


def test_a_factor_that_a_layer_does_not_take_is_refused_with_the_nearest_that_all_take() -> None:
    assert "4 is none for matmul3_op: use 3 or 6." in refused(reuse_factor=4)
    assert "5 is none for conv0_op and 1 more: use 3 or 6." in refused(reuse_factor=5)
    assert "100 is none for conv0_op and 1 more: use 3 or 6." in refused(reuse_factor=100)
    assert "12 is none for matmul3_op: use 3 or 6." in refused(reuse_factor=12)
    assert "7 is none for conv0_op and 1 more: use 3 or 6." in refused(reuse_factor=7, io_type="io_parallel")


def test_where_only_1_does_for_all_layers_the_first_layers_own_are_named() -> None:
    b = Builder((5,), -8, 7)
    emission = emit(b.graph(b.matmul(b.requantize(b.matmul("x", 7)), 3)), Settings(reuse_factor=4))
    with pytest.raises(UserError, match=r"4 is none for matmul0_op and 1 more: use 1 \(matmul0_op alone takes 1 or 5"):
        check_reuse(emission)


@pytest.mark.parametrize("factor", [1, 2, 3, 6])
def test_what_all_layers_take_passes(factor: int) -> None:
    check_reuse(emitted(reuse_factor=factor))


def test_the_latency_strategy_takes_any() -> None:
    check_reuse(emitted(reuse_factor=7, strategy="latency"))
