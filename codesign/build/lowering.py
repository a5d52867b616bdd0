"""From an IntegerGraph to a Design: where the weights are, and whether the kernels' references give its integers."""

from __future__ import annotations

import numpy as np

from codesign.build.budget import part_of
from codesign.build.config import BuildConfig
from codesign.errors import VerificationFailed
from codesign.graph import IntegerGraph
from codesign.mapping.weights import Placement, place
from hw.design.design import Design
from hw.shell import shells

FRAMES = 4
"""Frames that references are compared on."""


def placement(config: BuildConfig, graph: IntegerGraph) -> Placement:
    """Return which weights are streamed; none are, unless asked for, to a board that has no way in for them."""
    wish = config.stream_weights
    if wish == "auto" and not shells()[config.target.io].LOADS:
        wish = "never"
    return place(graph, part_of(config).budget, wish)


def check_references(graph: IntegerGraph, design: Design, x: np.ndarray) -> None:
    """Raise VerificationFailed where the kernels' references, chained, differ from the graph on the frames ``x``."""
    expected = graph.run(x)
    got = design.run(x.reshape(len(x), design.input.words, design.input.stream.lanes)).reshape(expected.shape)
    if not np.array_equal(expected, got):
        where = tuple(int(i) for i in np.argwhere(expected != got)[0])
        raise VerificationFailed(
            f"The design of {design.name} differs from the integer graph first at frame {where[0]}, index {where[1:]}: "
            f"expected {expected[where]}, found {got[where]}."
        )
