"""Which function says an operator of the IntegerGraph in hls4ml's layers: one file each in ``hw/hls4ml/operators``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hw.hls4ml import operators
from hw.hls4ml.canvas import Canvas
from hw.registry import Registry

Emitter = Callable[[Any, Canvas], str]
"""Adds an operator's layers to the canvas and returns the name of the layer that makes its output."""
EMITTERS: Registry[Emitter] = Registry(operators.__name__, operators.__path__)
emits = EMITTERS.takes
