"""One file per operator: its fields, its integer semantics and its range."""

import importlib
import pkgutil

from codesign.graph.operators.add import Add
from codesign.graph.operators.conv import Conv
from codesign.graph.operators.global_sum import GlobalSum
from codesign.graph.operators.matmul import MatMul
from codesign.graph.operators.requantize import Requantize
from codesign.graph.operators.reshape import Reshape
from codesign.graph.operators.threshold import Threshold

__all__ = ["Add", "Conv", "GlobalSum", "MatMul", "Requantize", "Reshape", "Threshold"]
for _module in pkgutil.iter_modules(__path__):  # every file registers its operator, also one that is not named above
    if not _module.name.endswith("_test"):
        importlib.import_module(f"{__name__}.{_module.name}")
