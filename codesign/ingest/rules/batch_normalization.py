"""BatchNormalization in a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.operands import constant, extend, parameter, segment_of
from codesign.ingest.rules import rule
from codesign.ingest.state import FloatInput, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("BatchNormalization")
def batch_normalization(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """(x - mean) * gamma / sqrt(variance + epsilon) + beta; rises or falls with the sign of gamma."""
    x = inputs[0]
    shape = x.shape if isinstance(x, FloatInput) else segment_of(x).shape
    channels = shape[0]
    names = ("gamma", "beta", "mean", "variance")
    stored = [constant(p, f"its {n}").astype(np.float64) for n, p in zip(names, inputs[1:], strict=True)]
    if any(s.shape != (channels,) for s in stored):
        raise Reject(f"its parameters have {stored[0].size} numbers for {channels} channels", "export it consistently")
    spatial = (1,) * (len(shape) - 1)
    gamma, beta, mean, variance = (parameter(x, s.reshape(1, -1, *spatial), "its parameters") for s in stored)
    channels = len(gamma)
    # The attribute is a float32 in the file; the default is one too.
    epsilon = np.full(channels, float(node.attribute("epsilon", float(np.float32(1e-5)))))
    if node.attribute("training_mode", 0) or (variance + epsilon <= 0).any():
        raise Reject("it is in training mode or has a variance that is not positive", "export in evaluation mode")

    def formula(x: Any, lift: Any) -> Any:
        return (x - lift(mean)) * (lift(gamma) / (lift(variance) + lift(epsilon)).sqrt()) + lift(beta)

    return extend(inputs[0], node, formula, gamma)
