"""Whether da4ml is there; only this folder imports it, and only inside of functions."""

from __future__ import annotations

import importlib.util

from codesign.errors import MissingTool


def require() -> None:
    """Raise MissingTool where da4ml is not installed; import nothing."""
    if importlib.util.find_spec("da4ml") is None:
        raise MissingTool(
            "the da4ml back end needs the extra `da4ml`, which is under the LGPLv3: pip install -e '.[da4ml]'"
        )
