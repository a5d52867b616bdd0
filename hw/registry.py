"""A function for each class of operator, found in the files of a package: how the back ends of others speak of ours."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from codesign.graph import Operator

Rule = TypeVar("Rule", bound=Callable[..., object])


class Registry(Generic[Rule]):
    """Rules by operator class; each of them may be in one file of the package, which is read when one is asked for.

    Args:
        package: its full name.
        path: its ``__path__``.
    """

    def __init__(self, package: str, path: Sequence[str]) -> None:
        self.package, self.path = package, path
        self.rules: dict[type[Operator], Rule] = {}
        self._read, self._readers = False, 0  # a file that asks while it is read is a reader too

    def takes(self, *kinds: type[Operator]) -> Callable[[Rule], Rule]:
        """Say that the decorated function is the rule of operators of these kinds."""

        def register(rule: Rule) -> Rule:
            for kind in kinds:
                if kind in self.rules and _where(self.rules[kind]) != _where(rule):
                    raise ValueError(f"{kind.__name__} has two rules: {self.rules[kind]} and {rule}")
                self.rules[kind] = rule
            return rule

        return register

    def of(self, kind: type[Operator]) -> Rule | None:
        """Return the rule of an operator's class, or None."""
        self.discover()
        return self.rules.get(kind)

    def discover(self) -> None:
        """Import every file of the package."""
        if self._read:
            return
        self._readers += 1
        try:
            for module in pkgutil.iter_modules(self.path):
                if not module.name.endswith("_test"):
                    importlib.import_module(f"{self.package}.{module.name}")
        finally:
            self._readers -= 1
        self._read = not self._readers  # until all are read, whoever asks meets the error of one that fails


def _where(rule: Callable[..., object]) -> tuple[str, str]:
    """What a function still has when its file, whose first import failed, is imported again."""
    return rule.__module__, rule.__qualname__
