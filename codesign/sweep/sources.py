"""How far a figure can be trusted, by where it is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

KINDS = ("model", "estimate", "measured")
"""The least trusted first."""
SIGNS = {"model": "○", "estimate": "◆", "measured": "●"}


def kind(source: str) -> str:
    """Return which of KINDS ``source`` is: what is not known to be better is a model."""
    if source.startswith("measured"):
        return "measured"
    return "estimate" if source.endswith("estimate") else "model"


def weakest(sources: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the least trusted kind among those of the figures ``names``."""
    return min((kind(sources.get(name, "")) for name in names), key=KINDS.index, default="measured")
