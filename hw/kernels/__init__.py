"""One folder per kernel: RTL, Python twin and test. A new folder is found by itself."""

from __future__ import annotations

import importlib.util
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hw.kernels.kernel import Kernel


def kinds() -> dict[str, type[Kernel]]:
    """Every kernel class by its name."""
    from hw.kernels.kernel import Kernel

    found: dict[str, type[Kernel]] = {}
    for folder in pkgutil.iter_modules(__path__):
        if folder.ispkg and importlib.util.find_spec(f"{__name__}.{folder.name}.kernel"):
            module = importlib.import_module(f"{__name__}.{folder.name}.kernel")
            found |= {k: v for k, v in vars(module).items() if isinstance(v, type) and issubclass(v, Kernel)}
    found.pop("Kernel", None)
    return found
