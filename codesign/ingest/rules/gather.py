"""Gather with stored indices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged, spatial_axis
from codesign.ingest.operands import constant
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Gather")
def gather(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Elements along one axis in a stored order; a single index drops the axis."""
    stored = isinstance(inputs[0], Constant)
    if not isinstance(inputs[1], Constant):
        raise Reject("its indices are computed from the input", "use stored indices")
    indices = constant(inputs[1], "its indices").astype(np.int64)

    def gathered(x: np.ndarray) -> np.ndarray:
        axis = int(node.attribute("axis", 0))
        axis = axis if stored else spatial_axis(axis, x.ndim)
        return np.asarray(x.take(indices, axis))

    return rearranged(inputs[0], gathered)
