"""Every FIFO holds a frame, as a simulation that counts its words sees too; one that does not is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.errors import VerificationFailed
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from hw.hls4ml.convert import PROJECT, convert
from hw.hls4ml.csim import LOG
from hw.hls4ml.emit import emit
from hw.hls4ml.fifos import fifos
from hw.hls4ml.flow import prepare, simulate
from hw.hls4ml.normalise import normalise
from hw.hls4ml.settings import Settings
from hw.hls4ml.target import Target, target_of

COUNT = """
    size_t _most = 0;
  public:
    void write(const __STREAM_T__& tail) {
        _data.push_back(tail);
        _most = _data.size() > _most ? _data.size() : _most;
    }
    virtual ~stream() {
        std::cout << "FIFO " << _name << " " << _most << std::endl;
    }
"""
"""hls::stream's way to write, and its end, with a count of the words that it held."""


def forked() -> IntegerGraph:
    """A residual that waits for a padded convolution, then a sum over a frame and a fully connected layer."""
    b = Builder((6, 8, 3), -8, 7, seed=2)
    x = b.requantize(b.conv("x", 4, (3, 3)))
    y = b.requantize(b.conv(x, 4, (3, 3), pads=((1, 1), (1, 1))))
    z = b.requantize(b.add(x, y))
    return b.graph(b.matmul(b.global_sum(z), 5))


def target(board: str) -> Target:
    return target_of(boards.get(board), 100.0)


@pytest.mark.parametrize("board", ["pynq_z2", "zcu104"])
def test_a_simulation_sees_a_frame_in_every_fifo(board: str, tmp_path: Path) -> None:
    graph = forked()
    prepared = prepare(graph, Settings(), target(board), tmp_path / "project")
    header = tmp_path / "project/firmware/ap_types/hls_stream.h"
    text = re.sub(r"    virtual ~stream\(\) \{.*?\n    \}\n", "", header.read_text(), flags=re.S)
    text = re.sub(r"    void write\(const .*?\n    \}\n", COUNT, text, count=1, flags=re.S)
    header.write_text(text)
    t = graph.tensors[graph.input]
    x = np.random.default_rng(0).integers(t.low, t.high + 1, (3, *t.shape))
    assert np.array_equal(simulate(graph, tmp_path / "project", tmp_path / "run", x), graph.run(x))
    seen = set(re.findall(r"FIFO (\w+) (\d+)", (tmp_path / "run" / LOG).read_text()))
    names = {"in_local": "input_1", "out_local": "output_1"}
    told = {(names.get(fifo.name, fifo.name), str(fifo.words)) for fifo in prepared.fifos}
    assert told == seen - {("source", "48"), ("sink", "1")}  # those two are the simulation's own
    assert len(prepared.fifos) >= 9
    assert {f.depth for f in prepared.fifos if "cpy" in f.name} == {4 * 6}


def test_arrays_have_no_fifos(tmp_path: Path) -> None:
    assert prepare(forked(), Settings("io_parallel"), target("zcu104"), tmp_path).fifos == ()


def _shallower(text: str) -> str:
    return text.replace("variable=layer2_out depth=24", "variable=layer2_out depth=23")


def _without(text: str) -> str:
    return re.sub(r"#pragma HLS STREAM variable=layer2_out .*", "", text)


def _another(text: str) -> str:
    return text.replace('layer2_out("layer2_out")', 'layer99_out("layer99_out")')


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_shallower, "gave the stream layer2_out in .* 23 words, and a frame writes 24: layers could wait"),
        (_without, "gave the stream layer2_out in .* 2 words, and a frame writes 24"),
        (_another, "has a stream layer99_out, which no layer writes"),
    ],
)
def test_a_shallow_fifo_is_named(harm: Callable[[str], str], words: str, tmp_path: Path) -> None:
    model = convert(emit(normalise(forked()).graph, Settings()), target("zcu104"), tmp_path)
    model.write()
    source = tmp_path / f"firmware/{PROJECT}.cpp"
    text = source.read_text()
    assert fifos(model, tmp_path)
    source.write_text(harm(text))
    assert source.read_text() != text
    with pytest.raises(VerificationFailed, match=words):
        fifos(model, tmp_path)
