"""A weighted sum as a plain one of multiples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from codesign.graph import Add, Requantize
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml adds without coefficients", Add)
def scaled_add(op: Add, scope: Scope) -> bool:
    """Add with coefficients: Requantize, which multiplies and does no more, then Add."""
    if tuple(op.coefficients) == (1, 1):
        return False
    terms = [_multiple(op, x, c, scope) for x, c in zip(op.inputs, op.coefficients, strict=True)]
    scope.append(replace(op, inputs=tuple(terms), coefficients=(1, 1)))
    return True


def _multiple(op: Add, x: str, coefficient: int, scope: Scope) -> str:
    if coefficient == 1:
        return x
    t = scope.tensor(x)
    ends = coefficient * t.low, coefficient * t.high
    return scope.append(
        Requantize(
            inputs=(x,),
            output=scope.fresh(f"{op.output}_term"),
            source=op.source,
            multiplier=np.full(t.channels, coefficient, np.int64),
            offset=np.zeros(t.channels, np.int64),
            shift=0,
            low=int(np.minimum(*ends).min()),
            high=int(np.maximum(*ends).max()),
        )
    )
