"""Why a model is not taken: every reason, with its node and its remedy."""

from __future__ import annotations

from dataclasses import dataclass


class Reject(Exception):
    """Raised by a rule that cannot take its node exactly.

    Args:
        reason: what stands there and why it cannot be taken.
        remedy: what to change in the model.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


@dataclass(frozen=True)
class Reason:
    """One reason of a refusal: the node (its type and name), what is wrong, and what to do."""

    node: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.node}: {self.reason}. Remedy: {self.remedy}."


def message(model: str, reasons: list[Reason]) -> str:
    """All reasons as one text."""
    count = "1 reason" if len(reasons) == 1 else f"{len(reasons)} reasons"
    return "\n".join([f"{model} cannot be taken exactly, for {count}:", *(f"  - {r}" for r in reasons)])
