"""What a user sees when something is wrong: one sentence and an exit status.

A message names the thing, what it was, what it must be and what to do. Everything of ours may import this file; it
imports nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CodesignError(Exception):
    """A failure that ends in one sentence, not in a traceback.

    Attributes:
        exit_status: the process's exit status.
    """

    exit_status = 1


class UserError(CodesignError):
    """The input was wrong: a file, a name, a number (exit status 2)."""

    exit_status = 2


class Refused(UserError):
    """A model that cannot be taken exactly; the message holds all reasons, each with node, reason and remedy.

    Args:
        text: the message.
        reasons: the same one by one, where they are at hand.
    """

    def __init__(self, text: str, reasons: Sequence[Reason] = ()) -> None:
        super().__init__(text)
        self.reasons = tuple(reasons)


class Reject(Exception):
    """Raised by a rule that cannot take what it is given; whoever called it names the node and goes on.

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


def refusal(subject: str, reasons: Sequence[Reason]) -> str:
    """All reasons as one text; ``subject`` is a clause such as "m.onnx cannot be taken exactly"."""
    count = "1 reason" if len(reasons) == 1 else f"{len(reasons)} reasons"
    return "\n".join([f"{subject}, for {count}:", *(f"  - {r}" for r in reasons)])


class MissingTool(CodesignError):
    """A tool that this step needs is not installed (exit status 3)."""

    exit_status = 3


class VerificationFailed(CodesignError):
    """Two things that must be equal differ (exit status 4); the message names the first difference."""

    exit_status = 4


class ToolFailed(CodesignError):
    """A tool was found but failed; the message holds its first error line and the log file's name."""
