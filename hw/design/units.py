"""A Design's multiplying kernels."""

from __future__ import annotations

from hw.design.design import Design
from hw.kernels.depthwise_unit.kernel import DepthwiseUnit
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit


def units(design: Design) -> dict[str, MatrixVectorUnit | DepthwiseUnit]:
    """The design's multiplying kernels by name."""
    multiplying = (MatrixVectorUnit, DepthwiseUnit)
    return {name: kernel for name, kernel in design.kernels.items() if isinstance(kernel, multiplying)}


def macs(design: Design) -> int:
    """Multiply-accumulates of a frame."""
    return sum(unit.macs for unit in units(design).values())
