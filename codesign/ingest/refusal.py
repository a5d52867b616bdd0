"""Why a model is not taken: every reason, with its node and its remedy."""

from __future__ import annotations

from codesign.errors import Reason, Reject, refusal

__all__ = ["Reason", "Reject", "message"]


def message(model: str, reasons: list[Reason]) -> str:
    """All reasons as one text."""
    return refusal(f"{model} cannot be taken exactly", reasons)
