"""Which function computes an operator of the IntegerGraph on da4ml's symbolic integers: ``hw/da4ml/operators``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hw.da4ml import operators
from hw.registry import Registry

Rule = Callable[..., np.ndarray]
"""(operator, *frames of symbolic integers, objects [*shape]) to the output's frame."""
RULES: Registry[Rule] = Registry(operators.__name__, operators.__path__)
traces = RULES.takes
