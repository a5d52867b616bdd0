"""A Jupyter kernel on a simulated board: notebooks that run in it find a board with PYNQ."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def kernel_spec(python: str | Path, folder: str | Path) -> dict[str, Any]:
    """Return the kernel's specification.

    Args:
        python: of an environment with stock pynq and ipykernel.
        folder: the folder ``simboard/`` of a build.
    """
    launcher = [str(python), "-m", "sw.simboard", str(Path(folder).resolve())]
    return {
        "argv": [*launcher, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join(str(path) for path in (ROOT, ROOT / "sw" / "board"))},
    }


def write_kernel(data: Path, python: str | Path, folder: str | Path, name: str = "python3") -> Path:
    """Write the kernel into a Jupyter data folder, one of ``JUPYTER_PATH``; return its ``kernel.json``.

    Args:
        data: the Jupyter data folder.
        python, folder: see ``kernel_spec``.
        name: what notebooks call the kernel; ``python3`` is what those made on a board call it.
    """
    path = data / "kernels" / name / "kernel.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kernel_spec(python, folder), indent=2) + "\n")
    return path
