"""The simulated build of the smallest frames, on which stalls must not be for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.build.rtl_run import LONG_FRAMES, run_rtl
from codesign.graph import IntegerGraph
from codesign.graph.examples import Builder
from codesign.mapping.fifos import size_fifos
from hw.design.design import Design
from hw.design.emit import emit
from hw.lowering import lower


def emitted(words: int, folder: Path) -> tuple[IntegerGraph, Design, np.ndarray]:
    """A product of frames of so many words, and 40 frames."""
    b = Builder((words,), -8, 7)
    graph, x = b.graph(b.matmul("x", 3)), b.frames(40)
    design, _ = size_fifos(lower(graph, "xcup"))
    assert design.input.words == words
    emit(design, folder)
    return graph, design, x


def test_the_rate_does_not_need_a_second_frame(tmp_path: Path) -> None:
    graph, design, x = emitted(4, tmp_path)
    found, more = (run_rtl(graph, design, tmp_path, frames, 0.3, 0) for frames in (x[:1], x))
    assert (found.frames, found.integers, found.mismatches) == (2, 6, 0)  # under short and under long stalls
    assert found.interval == more.interval == design.interval
    assert (found.latency, found.first_frame) == (more.latency, more.first_frame)
    np.testing.assert_array_equal(found.outputs, graph.run(x[:1]))


@pytest.mark.parametrize("words", [1, 4])
def test_a_frame_of_a_few_words_runs_under_long_stalls(tmp_path: Path, words: int) -> None:
    graph, design, x = emitted(words, tmp_path)
    found = run_rtl(graph, design, tmp_path, x, 0.3, 0)
    assert found.mismatches == found.frame_errors == 0 and found.long_frames == LONG_FRAMES
    np.testing.assert_array_equal(found.outputs, graph.run(x))
