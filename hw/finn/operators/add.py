"""Add: ElementwiseAdd, behind an ElementwiseMul for each coefficient that is not 1."""

from __future__ import annotations

import numpy as np

from codesign.graph import Add
from hw.finn.canvas import Canvas
from hw.finn.registry import emits


@emits(Add)
def emit_add(op: Add, canvas: Canvas) -> str:
    """Emit ``a * x + b * y``."""
    sides = []
    for tensor, coefficient in zip(op.inputs, op.coefficients, strict=True):
        x = canvas.read(tensor)
        if coefficient != 1:
            low, high = canvas.bounds(tensor)
            ends = coefficient * np.array([low.min(), high.max()])
            x = canvas.scale(op.output, x, np.array([coefficient]), int(ends.min()), int(ends.max()))
        sides.append(x)
    return canvas.elementwise("Add", op.output, sides[0], sides[1], canvas.output(op.output))
