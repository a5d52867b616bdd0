"""Which function says an operator of the IntegerGraph in FINN's words: one file each in ``hw/finn/operators``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hw.finn import operators
from hw.finn.canvas import Canvas
from hw.registry import Registry

Emitter = Callable[[Any, Canvas], str]
"""Adds an operator's nodes to the canvas and returns the name of FINN's tensor that holds its output."""
EMITTERS: Registry[Emitter] = Registry(operators.__name__, operators.__path__)
emits = EMITTERS.takes
