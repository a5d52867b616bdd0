"""Relu in a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.ingest.file.model import Node
from codesign.ingest.operands import channels_of, extend
from codesign.ingest.rules import rule
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Relu")
def relu(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """max(x, 0): never falls."""
    zero = np.zeros(channels_of(inputs[0]))
    return extend(inputs[0], node, lambda x, lift: x.maximum(lift(zero)), 1, affine=False, clamp=(zero, None))
