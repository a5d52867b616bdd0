"""What HLS may stop at is remarked with the layer, the figure and the remedy, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import boards
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from hw.hls4ml.emit import Emission, emit
from hw.hls4ml.flow import prepare
from hw.hls4ml.remarks import remarks
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import Target, target_of


def target(name: str) -> Target:
    return target_of(boards.get(name), 100.0)


def flattened(channels: int, more: bool = False) -> IntegerGraph:
    """Two positions of signed 4-bit channels, flattened for a fully connected layer; or for a requantizer as well."""
    b = Builder((2, channels), -8, 7)
    flat = b.reshape("x", (2 * channels,))
    summed = b.requantize(b.matmul(flat, 3))
    if not more:
        return b.graph(summed)
    return b.graph(b.add(summed, b.requantize(b.matmul(b.requantize(flat), 3))))


def of(graph: IntegerGraph, board: str = "zcu104", **settings: object) -> list[str]:
    return list(remarks(emit(graph, Settings(**settings)), target(board)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("channels", "words"), [(1024, []), (1025, ["x (layer frame_in): a word of its stream has 4,100"])]
)
def test_words_of_streams(channels: int, words: list[str]) -> None:
    found = of(flattened(channels))
    assert [remark[: len(word)] for remark, word in zip(found, words, strict=True)] == words


def test_a_frame_flattened_for_others_is_one_word() -> None:
    found = of(flattened(513, more=True))
    assert [remark.split(" (layer")[0] for remark in found] == ["reshape0", "requantize3"]
    assert "has 4,104 bits (1,026 channels of 4), and Vitis HLS stops above 4,096. Remedy: take fewer" in found[0]
    assert not of(flattened(513, more=True), io_type="io_parallel", strategy="latency")


@pytest.mark.parametrize(("levels", "told"), [(1024, 0), (1025, 1)])
@pytest.mark.parametrize("io_type", ["io_stream", "io_parallel"])
def test_thresholds_in_registers(levels: int, told: int, io_type: str) -> None:
    b = Builder((2, 4), -(2**14), 2**14)
    graph = b.graph(b.threshold("x", levels))
    found = of(graph, "pynq_z2", io_type=io_type)
    assert len(found) == told and all("its constants threshold are 4,100 elements" in remark for remark in found)
    assert not of(graph, "zcu104", io_type=io_type)


def test_arrays_in_registers() -> None:
    graph = flattened(2049)
    found = of(graph, "pynq_z2", io_type="io_parallel")
    assert [remark.split(" are ")[0] for remark in found] == [
        "x (layer frame_in): its result's integers",
        "reshape0 (layer reshape0_op): its result's integers",
    ]
    assert all("are 4,098 elements" in remark for remark in found)
    gathered = [remark for remark in of(graph, "pynq_z2") if "elements" in remark]
    assert [remark.split(" are ")[0] for remark in gathered] == [
        "matmul1 (layer matmul1_op): the vector that it gathers"
    ]
    small = flattened(683)
    assert not of(small, "pynq_z2")
    assert of(small, "pynq_z2", strategy="latency")[0].startswith(
        "matmul1 (layer matmul1_op): its products of a position are 4,098"
    )


def forked() -> Builder:
    b = Builder((3, 2), -8, 7)
    b.add(b.requantize("x"), b.requantize("x"))
    return b


def windowed() -> Builder:
    b = forked()
    b.conv("add2", 2, (2,))
    return b


@pytest.mark.parametrize("strategy", ["resource", "latency"])
@pytest.mark.parametrize("io_type", ["io_stream", "io_parallel"])
@pytest.mark.parametrize("made", [forked(), windowed()], ids=("forked", "windowed"))
def test_arrays_with_two_readers(made: Builder, io_type: str, strategy: str, tmp_path: Path) -> None:
    """Only where hls4ml writes a dataflow region of arrays."""
    graph = made.graph(list(made.tensors)[-1])
    prepared = prepare(graph, Settings(io_type=io_type, strategy=strategy), target("zcu104"), tmp_path / "project")
    dataflow = "#pragma HLS DATAFLOW" in (tmp_path / "project/firmware/accelerator.cpp").read_text()
    told = int(dataflow and io_type == "io_parallel")
    assert [remark[:50] for remark in prepared.remarks] == ["x (layer frame_in): 2 read its array (requantize0_"] * told


def test_an_output_that_is_read_and_a_layer_that_reads_twice() -> None:
    b = forked()
    emission: Emission = emit(b.graph("add2"), Settings(io_type="io_parallel"))
    [merge] = [layer for layer in emission.layers if layer["name"] == "add2_op"]
    twice = [layer | {"inputs": ["requantize0_op"] * 2} if layer is merge else layer for layer in emission.layers]
    assert len(remarks(replace(emission, layers=twice), target("zcu104"))) == 1
    again = {"class_name": "Merge", "name": "again", "inputs": ["add2_op"]}
    found = remarks(replace(emission, layers=[*emission.layers, again]), target("zcu104"))
    assert "add2 (layer add2_op): 2 read its array (again, the project's output)" in found[1]
    assert len(found) == 2
