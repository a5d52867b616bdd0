"""What a core install lacks: torch and brevitas, which presets are built with, and a finite-element library."""

from __future__ import annotations

from codesign.errors import MissingTool
from quant.quiet import quiet


def require_torch() -> None:
    """Import them.

    Raises:
        MissingTool: one of them is not installed.
    """
    try:
        with quiet():
            import brevitas  # noqa: F401
            import torch  # noqa: F401
    except ImportError as error:
        raise MissingTool(
            f"{error.name} is not installed, and presets are trained and exported with it: pip install "
            f"'codesign[train]', or give a QONNX file in place of the preset."
        ) from error


def require_finite_elements() -> None:
    """Import scikit-fem and what it needs.

    Raises:
        MissingTool: it is not installed.
    """
    try:
        import scipy  # noqa: F401
        import skfem  # noqa: F401
    except ImportError as error:
        raise MissingTool(
            f"{error.name} is not installed, and waves are simulated with it: pip install 'codesign[train]'."
        ) from error
