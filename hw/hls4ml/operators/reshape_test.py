"""A frame that is flattened for fully connected layers: as streams it stays as wide as it was, and is exact."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.graph import IntegerGraph, Reshape
from codesign.graph.examples import Builder
from codesign.graph.operators.sum_pool import SumPool
from hw.hls4ml.emit import emit
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import target_of


class Heads(Builder):
    """Fully connected layers on one flattened tensor or another, added up."""

    def __init__(self, shape: tuple[int, ...], low: int = -8, high: int = 7) -> None:
        super().__init__(shape, low, high, len(shape))
        self.sum = ""

    def flatten(self, x: str) -> str:
        return self.reshape(x, (int(np.prod(self.tensors[x].shape)),))

    def join(self, x: str) -> None:
        self.sum = self.add(self.sum, x) if self.sum else x

    def heads(self, flat: str, count: int) -> None:
        for _ in range(count):
            self.join(self.requantize(self.matmul(flat, 3)))


def forked() -> IntegerGraph:
    """The input flattened for three layers and joined as it is by a fourth reader."""
    b = Heads((3, 2, 2))
    b.heads(b.flatten("x"), 3)
    b.join(b.global_sum(b.requantize(b.conv("x", 3, (1, 1)))))
    return b.graph(b.sum)


def crowded() -> IntegerGraph:
    """More layers than hls4ml clones a stream, of a tensor whose layer has a wider type than its integers need."""
    b = Heads((4, 6), 2, 9)
    b.heads(
        b.flatten(
            b.append(SumPool(inputs=("x",), output="pool", kernel=(2,), stride=(2,), pads=((0, 0),), dilation=(1,)))
        ),
        9,
    )
    return b.graph(b.sum)


def vector() -> IntegerGraph:
    """Nothing to flatten, and one reader."""
    b = Heads((6,))
    b.heads(b.flatten(b.requantize("x")), 1)
    return b.graph(b.sum)


@pytest.mark.parametrize(
    ("graph", "settings", "board", "widest"),
    [
        (forked(), Settings(strategy="latency"), "pynq_z2", 3),
        (crowded(), Settings(reuse_factor=6), "zcu104", 6),
        (vector(), Settings(reuse_factor=3), "zcu104", 6),
    ],
    ids=("forked", "crowded", "vector"),
)
def test_it_keeps_its_stream_and_is_exact(
    graph: IntegerGraph, settings: Settings, board: str, widest: int, tmp_path: Path
) -> None:
    t = graph.tensors["x"]
    x = np.random.default_rng(5).integers(t.low, t.high + 1, (40, *t.shape))
    prepared = prepare(graph, settings, target_of(boards.get(board), 100.0), tmp_path / "project")
    assert "ExactReshape" not in {layer["class_name"] for layer in prepared.emission.layers}
    found, expected = simulate(graph, tmp_path / "project", tmp_path / "run", x), graph.run(x)
    np.testing.assert_array_equal(found, expected)
    assert len(np.unique(expected)) > 10
    words = re.findall(r"nnet::array<.*, (\d+)\*1>", (tmp_path / "project/firmware/defines.h").read_text())
    assert max(map(int, words)) == widest


def kinds(graph: IntegerGraph, **settings: str) -> list[str]:
    """The class of every reshape's layer."""
    layers = emit(graph, Settings(**settings)).layers  # type: ignore[arg-type]
    return [layer["class_name"] for layer in layers if layer["class_name"].endswith("Reshape")]


def test_who_needs_the_vector_as_one_word_gets_it() -> None:
    """Other readers, the graph's output, and arrays, which have no words."""
    assert kinds(forked()) == ["Reshape"]
    assert kinds(forked(), io_type="io_parallel") == ["ExactReshape"]
    b = Heads((2, 3))
    flat = b.flatten("x")
    b.heads(flat, 1)
    assert kinds(b.graph(flat)) == ["ExactReshape"]
    b.join(b.requantize(b.append(Reshape(inputs=(flat,), output="other", to=(2, 3)))))
    assert kinds(b.graph(b.sum)) == ["ExactReshape", "ExactReshape"]
