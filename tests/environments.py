"""What runs on a board, tried as boards have it: environments of their own with stock pynq, old and new numpy.

``python -m tests.environments`` makes them all; ``make setup`` does that. Nothing is fetched afterwards.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".venv" / "environments"
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
"""Where pyenv keeps interpreters; those that it has not selected are not on the PATH."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Attributes:
        name: its folder's name.
        pythons: interpreters, the first that there is is taken.
        packages: what pip installs.
    """

    name: str
    pythons: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return FOLDER / self.name / "bin" / "python"

    @property
    def ready(self) -> bool:
        """Whether it was made, with these packages."""
        stamp = FOLDER / self.name / "made"
        return stamp.is_file() and stamp.read_text() == self._stamp

    @property
    def _stamp(self) -> str:
        return "\n".join(self.packages)

    def interpreter(self) -> str | None:
        """Return the first of its interpreters that runs here."""
        found = [path for name in self.pythons for path in (shutil.which(name), *_kept_by_pyenv(name)) if path]
        return next((path for path in found if _runs(path)), None)

    def make(self) -> bool:
        """Make it, if it is not there; return False where there is no interpreter for it."""
        if self.ready:
            return True
        interpreter = self.interpreter()
        if interpreter is None:
            return False
        shutil.rmtree(FOLDER / self.name, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", str(FOLDER / self.name)], check=True)
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--use-pep517"]
        subprocess.run([*pip, *self.packages], check=True)
        (FOLDER / self.name / "made").write_text(self._stamp)
        return True


def _kept_by_pyenv(name: str) -> list[str]:
    return [str(path) for path in sorted(PYENV.glob(f"versions/*/bin/{name}"))]


def _runs(interpreter: str) -> bool:
    return subprocess.run([interpreter, "-c", "import venv"], capture_output=True, check=False).returncode == 0


NOTEBOOK = ("ipykernel", "matplotlib")
PYTEST = "pytest==8.*"
HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"
PYNQ = (
    Environment("pynq-4.0.0", ("python3.12", HERE), ("pynq==4.0.0", "numpy<2", *NOTEBOOK)),
    Environment("pynq-3.1.2", ("python3.10", HERE), ("pynq==3.1.2", "pycparser<3", "numpy<2")),
    Environment("pynq-3.0.1", ("python3.10", HERE), ("pynq==3.0.1", "pycparser<3", "numpy<2")),
)
"""Stock pynq, on the Python that boards have with it where that is installed."""
NUMPY = (
    Environment("numpy-1.21", ("python3.10",), ("numpy==1.21.6", PYTEST)),
    Environment("numpy-1.26", ("python3.11",), ("numpy==1.26.4", PYTEST)),
    Environment("numpy-2", ("python3.12",), ("numpy>=2,<3", PYTEST)),
)
"""The driver's oldest and newest Python and numpy."""


def get(name: str) -> Environment:
    """Return the environment of that name."""
    every = {environment.name: environment for environment in (*PYNQ, *NUMPY)}
    if name not in every:
        raise SystemExit(f"There is no environment {name!r}: it must be one of {', '.join(every)}.")
    return every[name]


def main(names: Sequence[str]) -> None:
    """Make the environments of these names, or all."""
    for environment in [get(name) for name in names] or (*PYNQ, *NUMPY):
        made = environment.make()
        print(f"{environment.name}: {'ready' if made else 'passed over, none of ' + ', '.join(environment.pythons)}")


if __name__ == "__main__":
    main(sys.argv[1:])
