"""DepthToSpace and SpaceToDepth (pixel shuffle and back), in two dimensions as ONNX has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import Reject
from codesign.ingest.file.model import Node
from codesign.ingest.movement.rearrange import rearranged
from codesign.ingest.rules import rule
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("DepthToSpace")
def depth_to_space(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Channels into blocks of positions; mode DCR: the block's digits come before the channel's, CRD: behind."""
    block = int(node.attribute("blocksize"))

    def moved(x: np.ndarray) -> np.ndarray:
        n, c, h, w = _shape(x)
        left = c // block**2
        if node.attribute("mode", "DCR") == "DCR":
            digits = x.reshape(n, block, block, left, h, w).transpose(0, 3, 4, 1, 5, 2)
        else:
            digits = x.reshape(n, left, block, block, h, w).transpose(0, 1, 4, 2, 5, 3)
        return digits.reshape(n, left, h * block, w * block)

    return rearranged(inputs[0], moved)


@rule("SpaceToDepth")
def space_to_depth(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """Blocks of positions into channels, the block's digits before the channel's."""
    block = int(node.attribute("blocksize"))

    def moved(x: np.ndarray) -> np.ndarray:
        n, c, h, w = _shape(x)
        digits = x.reshape(n, c, h // block, block, w // block, block).transpose(0, 3, 5, 1, 2, 4)
        return digits.reshape(n, c * block**2, h // block, w // block)

    return rearranged(inputs[0], moved)


def _shape(x: np.ndarray) -> tuple[int, int, int, int]:
    if x.ndim != 4:
        raise Reject(f"its input has the shape {x.shape}", "give it (1, channels, height, width)")
    n, c, h, w = x.shape
    return n, c, h, w
