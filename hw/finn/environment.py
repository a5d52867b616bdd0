"""FINN without Vivado and without its command line: what must stand before anything of it is imported."""

from __future__ import annotations

import importlib.util
import logging
import os
import tempfile
import warnings
from pathlib import Path

from codesign.errors import MissingTool


def require() -> None:
    """Raise MissingTool where FINN is not installed; import nothing."""
    if importlib.util.find_spec("finn") is None or importlib.util.find_spec("psutil") is None:
        raise MissingTool("the FINN witness needs the extra `finn`: pip install -e '.[finn]'")


def bootstrap() -> None:
    """Make ``import finn…`` work, quietly; takes some seconds. Call it before the first such import.

    Raises:
        MissingTool: where FINN is not installed.
    """
    require()
    warnings.filterwarnings("ignore")
    # FINN makes its settings from this folder's name alone, and asks for a wizard where it is unset.
    folder = os.environ.setdefault("FINN_BUILD_DIR", str(Path(tempfile.gettempdir()) / f"finn_build_{os.getuid()}"))
    Path(folder).mkdir(parents=True, exist_ok=True)
    # FINN rounds every tensor to its datatype as it executes: slow, and it hides what a comparison must see.
    os.environ.setdefault("SANITIZE_QUANT_TENSORS", "0")

    import finn.xsi

    # Bound names keep the module's __getattr__ from looking for Vivado.
    for name in finn.xsi._LAZY_NAMES:
        finn.xsi.__dict__.setdefault(name, None)
    import finn.custom_op.fpgadataflow
    import finn.custom_op.fpgadataflow.reshape  # registers itself, and the package forgets it

    logging.getLogger("finn_logger").setLevel(logging.ERROR)
