"""From an index to the operators that move the integers in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.ingest.refusal import Reject
from codesign.ingest.state import IntegerTensor
from codesign.ingest.view import channels_last

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


def apply(compiler: Compiler, x: IntegerTensor) -> IntegerTensor:
    """Emit what moves ``x`` as its view tells; the result has no view, and a tensor of the view's shape.

    Raises:
        Reject: no operators of the graph do this.
    """
    assert x.view is not None
    order = channels_last(x.view).reshape(-1)
    if np.array_equal(order, np.arange(order.size)) and order.size == np.prod(x.tensor.shape):
        return IntegerTensor(x.tensor, x.shape, x.scale, x.pads, x.shift)
    raise Reject("it moves values in a way that the graph has no operator for", "keep channels first")
