"""Expand and Tile: repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged
from codesign.ingest.operands import constant
from codesign.ingest.rules import rule
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Expand")
def expand(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Axes of length 1 repeated; shapes broadcast both ways."""
    shape = tuple(int(n) for n in constant(inputs[1], "its shape").reshape(-1))
    return rearranged(inputs[0], lambda x: np.broadcast_to(x, np.broadcast_shapes(x.shape, shape)))


@rule("Tile")
def tile(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The whole frame repeated along its axes."""
    repeats = [int(n) for n in constant(inputs[1], "its repeats").reshape(-1)]
    return rearranged(inputs[0], lambda x: np.tile(x, repeats))
