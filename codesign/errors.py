"""What a user sees when something is wrong: one sentence and an exit status.

A message names the thing, what it was, what it must be and what to do. Everything of ours may import this file; it
imports nothing.
"""

from __future__ import annotations


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
    """A model that cannot be taken exactly; the message holds all reasons, each with node, reason and remedy."""


class MissingTool(CodesignError):
    """A tool that this step needs is not installed (exit status 3)."""

    exit_status = 3


class VerificationFailed(CodesignError):
    """Two things that must be equal differ (exit status 4); the message names the first difference."""

    exit_status = 4


class ToolFailed(CodesignError):
    """A tool was found but failed; the message holds its first error line and the log file's name."""
