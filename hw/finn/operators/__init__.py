"""One file per operator of the IntegerGraph: how FINN says it. A new operator is one file and one entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codesign.graph import Add, Conv, GlobalSum, MatMul, Operator, Requantize, Reshape, Threshold
from hw.finn.canvas import Canvas
from hw.finn.operators.activation import emit_activation
from hw.finn.operators.add import emit_add
from hw.finn.operators.conv import emit_conv
from hw.finn.operators.global_sum import emit_global_sum
from hw.finn.operators.matmul import emit_matmul
from hw.finn.operators.reshape import emit_reshape

EMITTERS: dict[type[Operator], Callable[[Any, Canvas], str]] = {
    Add: emit_add,
    Conv: emit_conv,
    GlobalSum: emit_global_sum,
    MatMul: emit_matmul,
    Requantize: emit_activation,
    Reshape: emit_reshape,
    Threshold: emit_activation,
}
"""Adds the operator's nodes to the canvas and returns the name of FINN's tensor that holds its output."""
