"""Where weights go, by board."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.build.config import BuildConfig
from codesign.build.lowering import placement
from codesign.graph.examples import Builder


@pytest.mark.parametrize(("board", "wish", "streams"), [("ulx3s", "auto", False), ("pynq_z2", "auto", True)])
def test_a_serial_line_is_no_way_in_for_weights(board: str, wish: str, streams: bool) -> None:
    """2.9 Mbit of weights are over half of either board's block RAM, and less than all of it."""
    b = Builder((2, 600), -8, 7)
    inner = b.requantize(b.conv("x", 600, (7,), ((3, 3),), groups=5))
    graph = b.graph(b.conv(inner, 600, (3,), ((1, 1),), groups=5))
    placed = placement(BuildConfig("m", board, Path(), stream_weights=wish), graph)
    assert bool(placed.streamed) == streams
