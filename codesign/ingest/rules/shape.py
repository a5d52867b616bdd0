"""Shape: known while the model is read, for frames have a fixed size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.ingest.file.model import Node
from codesign.ingest.operands import segment_of
from codesign.ingest.rules import rule
from codesign.ingest.state import Constant, FloatInput, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("Shape")
def shape(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The shape of one frame, a batch of 1 first."""
    x = inputs[0]
    if isinstance(x, Constant):
        known = x.value.shape
    else:
        known = (1, *(x.shape if isinstance(x, FloatInput) else segment_of(x).shape))
    end = node.attribute("end")
    return Constant(np.array(known[int(node.attribute("start", 0)) : None if end is None else int(end)], np.int64))
