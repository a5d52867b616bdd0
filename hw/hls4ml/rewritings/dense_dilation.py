"""A dilated convolution as a plain one, whose kernel has zeros between its taps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from codesign.graph import Conv
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's convolutions ignore a dilation", Conv)
def dense_dilation(op: Conv, scope: Scope) -> bool:
    """Conv with a dilation: Conv with a longer kernel."""
    if set(op.dilation) == {1}:
        return False
    span = [d * (k - 1) + 1 for d, k in zip(op.dilation, op.kernel, strict=True)]
    weights = np.zeros((len(op.weights), *span, op.weights.shape[-1]), np.int64)
    weights[(slice(None), *(slice(None, None, d) for d in op.dilation))] = op.weights
    scope.append(replace(op, weights=weights, dilation=(1,) * len(span)))
    return True
