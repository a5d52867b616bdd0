"""What sweeps need beyond a core install."""

from __future__ import annotations

import importlib

from codesign.errors import MissingTool

NEEDED = {
    "yaml": ("PyYAML", "studies are read by it", "sweep"),
    "optuna": ("Optuna", "studies are kept and searched by it", "sweep"),
    "plotly": ("Plotly", "a study's page is drawn by it", "sweep"),
    "matplotlib": ("Matplotlib", "pictures of fronts are drawn by it", "train"),
}
"""Of a module: its library's name, what for, and the extra that has it."""


def require(*modules: str) -> None:
    """Import them.

    Raises:
        MissingTool: one of them is not installed.
    """
    for module in modules:
        library, reason, extra = NEEDED[module]
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise MissingTool(f"{library} is not installed, and {reason}: pip install 'codesign[{extra}]'.") from error
