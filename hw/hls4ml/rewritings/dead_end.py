"""Operators whose result nobody needs."""

from __future__ import annotations

from codesign.graph import Operator
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("a stream that nobody reads fills up and stalls hls4ml's design")
def dead_end(op: Operator, scope: Scope) -> bool:
    """Nothing stands for an operator from which no way leads to the graph's output."""
    return op.output not in scope.needed
