"""``codesign`` as a user runs it: in a process of its own, on a machine without AMD's tools."""

from __future__ import annotations

import os
import subprocess
import sys

CODESIGN = [sys.executable, "-c", "from codesign.cli import main; main()"]
SYSTEM = "/usr/bin:/bin"
"""A PATH that has no tools of AMD's."""


def codesign(*arguments: object, path: str = SYSTEM) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; what it prints is cut nowhere."""
    line = [*CODESIGN, *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "250", "PATH": path}
    return subprocess.run(line, capture_output=True, text=True, timeout=1500, check=False, env=environment)
