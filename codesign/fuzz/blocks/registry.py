"""All blocks, and how often each is drawn."""

from __future__ import annotations

from collections.abc import Callable

from codesign.fuzz.sketch import Sketch

Block = Callable[[Sketch, int], int]
BLOCKS: list[Block] = []


def block(weight: int = 1) -> Callable[[Block], Block]:
    """Register a block, ``weight`` times."""

    def register(made: Block) -> Block:
        BLOCKS.extend([made] * weight)
        return made

    return register
