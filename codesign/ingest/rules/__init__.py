"""One small file per operator; every file in this folder is found by itself.

A rule is a function ``(node, inputs, compiler) -> State`` under ``@rule("OpType", ...)``; it returns a tuple for a
node with several outputs. It raises Reject where the node cannot be taken exactly.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from codesign.ingest.file.model import Node
from codesign.ingest.state import State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler

Apply = Callable[[Node, "list[State | None]", "Compiler"], State | tuple[State, ...]]


@dataclass(frozen=True)
class Rule:
    """What the compiler does with a node of one type.

    Attributes:
        takes_broken: the rule can go on behind a refused node, so that reasons behind it are found too.
        takes_pads: the rule reads ``IntegerTensor.pads``; others get tensors that the graph has padded.
    """

    apply: Apply
    takes_broken: bool
    takes_pads: bool


_RULES: dict[str, Rule] = {}


def rule(*operators: str, takes_broken: bool = False, takes_pads: bool = False) -> Callable[[Apply], Apply]:
    """Register a function as the rule of these ONNX operators."""

    def register(apply: Apply) -> Apply:
        for operator in operators:
            _RULES[operator] = Rule(apply, takes_broken, takes_pads)
        return apply

    return register


@cache
def _discover() -> None:
    for module in pkgutil.iter_modules(__path__):
        if not module.name.endswith("_test"):
            importlib.import_module(f"{__name__}.{module.name}")


def find(operator: str) -> Rule | None:
    """The rule of an ONNX operator, or None."""
    _discover()
    return _RULES.get(operator)


def operators() -> list[str]:
    """The ONNX operators that have a rule."""
    _discover()
    return sorted(_RULES)
