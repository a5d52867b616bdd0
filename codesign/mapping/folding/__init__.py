"""Folding: PE, SIMD and form of every kernel, for a rate or for a part."""

from __future__ import annotations

from typing import Any

from codesign.errors import UserError
from codesign.mapping.folding.file import read_folding, write_folding
from codesign.mapping.folding.greedy import fold_greedily
from codesign.mapping.folding.search import Part, Search
from hw.design.design import Design
from hw.lowering.adapt import fold


def fold_for_interval(design: Design, interval: int, part: Part | None = None) -> dict[str, dict[str, Any]]:
    """Return a folding that meets ``interval`` cycles a frame.

    Args:
        design: as it was lowered.
        interval: cycles a frame, at most.
        part: what the design is to fit, with as little of it as there can be; where None, the folding has the fewest
            lanes, each kernel for itself, and is found at once.

    Raises:
        UserError: where no folding meets the interval, or none that fits the part; it says what the best is.
    """
    if part is None:
        return fold_greedily(design, interval)
    search = Search(design, part)
    found = search.smallest(interval)
    if found is None:
        raise UserError(search.sentence(interval))
    return found.folding


__all__ = ["Part", "fold", "fold_for_interval", "read_folding", "write_folding"]
