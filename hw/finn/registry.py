"""Which function says an operator of the IntegerGraph in FINN's words: one file each in ``hw/finn/operators``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from codesign.graph import Operator
from hw.finn import operators
from hw.finn.canvas import Canvas

Emitter = Callable[[Any, Canvas], str]
"""Adds an operator's nodes to the canvas and returns the name of FINN's tensor that holds its output."""
_EMITTERS: dict[type[Operator], Emitter] = {}


def emits(*kinds: type[Operator]) -> Callable[[Emitter], Emitter]:
    """Say that the decorated function emits operators of these kinds."""

    def register(emitter: Emitter) -> Emitter:
        for kind in kinds:
            if kind in _EMITTERS:
                raise ValueError(f"{kind.__name__} has two emitters: {_EMITTERS[kind]} and {emitter}")
            _EMITTERS[kind] = emitter
        return emitter

    return register


def emitter_of(kind: type[Operator]) -> Emitter | None:
    """Return the emitter of an operator's class, or None where FINN's vocabulary has none."""
    _discover()
    return _EMITTERS.get(kind)


@cache
def _discover() -> None:
    for module in pkgutil.iter_modules(operators.__path__):
        if not module.name.endswith("_test"):
            importlib.import_module(f"{operators.__name__}.{module.name}")
