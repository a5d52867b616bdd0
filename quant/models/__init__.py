"""The registry of models. A file in this folder that defines `MODELS` adds them; nothing else is touched.

Importing it, and listing names, needs no torch.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from codesign.errors import UserError
from quant.model import Model


@cache
def _all() -> dict[str, Model]:
    found: dict[str, Model] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg or module.name.startswith("_") or module.name.endswith("_test"):
            continue
        for model in getattr(importlib.import_module(f"{__name__}.{module.name}"), "MODELS", ()):
            if model.name in found:
                raise UserError(f"Two files in quant/models define {model.name}: rename the one in {module.name}.py.")
            found[model.name] = model
    return dict(sorted(found.items()))


def names() -> list[str]:
    """The names of all models, sorted."""
    return list(_all())


def get(name: str) -> Model:
    """The model called `name`; refuses an unknown name with the known ones."""
    if name not in _all():
        raise UserError(f"There is no model {name!r}; the models are {', '.join(names())}.")
    return _all()[name]
