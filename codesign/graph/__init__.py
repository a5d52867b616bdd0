"""The IntegerGraph: what is computed, in integers only. A leaf: it imports nothing else of ours but the errors."""

from codesign_board.boundary import Head, Tail

from codesign.graph.graph import IntegerGraph
from codesign.graph.operator import Operator
from codesign.graph.operators import (
    Add,
    Conv,
    GlobalSum,
    MatMul,
    Requantize,
    Reshape,
    Threshold,
)
from codesign.graph.tensor import Tensor, bits_for

__all__ = [
    "Add",
    "Conv",
    "GlobalSum",
    "Head",
    "IntegerGraph",
    "MatMul",
    "Operator",
    "Requantize",
    "Reshape",
    "Tail",
    "Tensor",
    "Threshold",
    "bits_for",
]
