"""hls4ml without its front ends and without AMD's tools: what must stand before anything of it is imported."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import warnings

from codesign.errors import MissingTool


def require() -> None:
    """Raise MissingTool where hls4ml is not installed; import nothing."""
    if importlib.util.find_spec("hls4ml") is None:
        raise MissingTool("the hls4ml back end needs the extra `hls4ml`: pip install -e '.[hls4ml]'")


def version() -> str:
    """Return the installed hls4ml's version, such as 1.3.0; import nothing."""
    require()
    return importlib.metadata.version("hls4ml")


def bootstrap() -> None:
    """Make ``import hls4ml`` work, quietly; takes a second. Call it before the first such import.

    Raises:
        MissingTool: where hls4ml is not installed.
    """
    require()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import hls4ml
    logging.getLogger(hls4ml.__name__).setLevel(logging.ERROR)
