"""Operators that change nothing, and stored constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node, array
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Identity", "Dropout")
def identity(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The operand itself; dropout does nothing outside training."""
    assert inputs[0] is not None
    return inputs[0]


@rule("Constant")
def constant(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """A constant as a node."""
    if "value" in node.attributes:
        return Constant(array(node.attributes["value"]))
    for name in ("value_float", "value_int", "value_floats", "value_ints"):
        if name in node.attributes:
            dtype = np.float64 if "float" in name else np.int64
            return Constant(np.asarray(node.attributes[name], dtype))
    raise Reject("it holds no number", "store a tensor")
