"""What hls4ml gets wrong without a word is refused with the layer, the reason and the remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import boards
from codesign.errors import Refused
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from hw.hls4ml.emit import Emission, emit
from hw.hls4ml.flow import prepare
from hw.hls4ml.lint import judge
from hw.hls4ml.precision import Fixed
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import Target, target_of


def target(name: str) -> Target:
    return target_of(boards.get(name), 100.0)


def wide(low: int, high: int) -> IntegerGraph:
    """Raw accumulators of a convolution: 12 times as wide as the input."""
    b = Builder((3, 2), low, high)
    return b.graph(b.conv("x", 2, (2,)))


def small() -> Emission:
    b = Builder((3, 2), -8, 7)
    return emit(b.graph(b.requantize(b.conv("x", 2, (2,)))), Settings())


def reasons(emission: Emission, board: str = "pynq_z2") -> list[str]:
    with pytest.raises(Refused) as caught:
        judge(emission, target(board))
    assert all(reason.remedy for reason in caught.value.reasons)
    return [str(reason) for reason in caught.value.reasons]


def test_integers_beyond_the_wrappers_words_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    """Else 59 of 60 integers come out wrong, without a word."""
    graph = wide(-(2**33), 2**33)
    with pytest.raises(
        Refused, match=r"x \(layer frame_in\): it is int<35>, .* cuts it to 32 bits(.|\n)*conv0 \(layer"
    ):
        prepare(graph, Settings(), target("pynq_z2"), tmp_path / "project")
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize(("high", "fits"), [(2**31 - 1, True), (2**31, False)])
def test_the_wrappers_words_hold_31_bits_without_a_sign(high: int, fits: bool) -> None:
    b = Builder((3, 2), 0, high)
    emission = emit(b.graph(b.requantize("x")), Settings())
    if fits:
        judge(emission, target("pynq_z2"))
    else:
        assert len(reasons(emission)) == 1


def test_an_ip_core_has_no_such_words() -> None:
    judge(emit(wide(-(2**33), 2**33), Settings()), target("zcu104"))


def test_types_beyond_ap_int_are_refused() -> None:
    emission = small()
    types = {name: {what: Fixed(1025, 1025) for what in kinds} for name, kinds in emission.types.items()}
    found = reasons(replace(emission, types=types), "zcu104")
    assert any("conv0 (layer conv0_op): its accum is int<1025>" in reason for reason in found)


def test_readers_of_a_stream_beyond_hls4mls_copies_are_refused() -> None:
    emission = small()
    reader = {"class_name": "Merge", "inputs": ["conv0_op"]}
    more = [{**reader, "name": f"reader{i}"} for i in range(7)]
    crowded = replace(emission, layers=[*emission.layers, *more])
    assert reasons(crowded) == [
        "conv0 (layer conv0_op): 8 read its stream, and hls4ml copies one 7 times at most. Remedy: fork twice."
    ]
    judge(replace(crowded, layers=crowded.layers[:-1]), target("pynq_z2"))
    judge(replace(crowded, settings=Settings(io_type="io_parallel")), target("pynq_z2"))
