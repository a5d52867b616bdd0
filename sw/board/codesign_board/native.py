"""The optional C library: compiled at first use where there is a compiler, kept in the user's cache folder.

Whatever goes wrong on the way (no compiler, no folder, a library that does not load), numpy does the work instead.
``CODESIGN_BOARD_NATIVE=0`` in the environment keeps it off.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np

SWITCH = "CODESIGN_BOARD_NATIVE"
SOURCE = Path(__file__).with_name("packing.c")
FLAGS = ("-O3", "-std=c99", "-shared", "-fPIC")
VECTORS = {"armv7l": ("neon", "-mfpu=neon"), "x86_64": ("avx2", "-mavx2")}
"""Vector units that compilers do not use by themselves, by machine: the name in /proc/cpuinfo, the flag."""
PATIENCE = 60.0
"""Seconds that the compiler has."""


def available() -> bool:
    """Whether the C library does the work."""
    return _wanted() and _library() is not None


def pack(values: np.ndarray, lanes: int, bits: int, out: np.ndarray, word_bytes: int) -> bool:
    """Do what ``fields.pack`` does, and return True; or do nothing, and return False."""
    library = _library() if _wanted() else None
    if library is None or not values.dtype.isnative:
        return False
    library.codesign_pack(
        values.ctypes.data, values.itemsize, values.size // lanes, lanes, bits, out.ctypes.data, word_bytes
    )
    return True


def unpack(data: np.ndarray, word_bytes: int, out: np.ndarray, lanes: int, bits: int, signed: bool) -> bool:
    """Do what ``fields.unpack`` does, and return True; or do nothing, and return False."""
    library = _library() if _wanted() else None
    if library is None:
        return False
    library.codesign_unpack(data.ctypes.data, word_bytes, out.ctypes.data, out.size // lanes, lanes, bits, signed)
    return True


def _wanted() -> bool:
    return os.environ.get(SWITCH, "1") != "0"


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    if sys.byteorder != "little":
        return None
    try:
        library = ctypes.CDLL(str(_compiled()))
        size, pointer, number = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int
        library.codesign_pack.argtypes = [pointer, number, size, size, number, pointer, size]
        library.codesign_unpack.argtypes = [pointer, size, pointer, size, size, number, number]
        library.codesign_pack.restype = library.codesign_unpack.restype = None
    except (OSError, AttributeError, RuntimeError):  # no home is a RuntimeError
        return None
    return library


def _compiled() -> Path:
    """Return the library of this source for this machine, compiled unless it is there.

    Raises:
        OSError, RuntimeError: it could not be.
    """
    import shutil  # here: most processes find the library made, and need not wait for these to be imported
    import subprocess
    import tempfile

    machine = platform.machine()
    flags = (*FLAGS, *_vectors(machine))
    built_for = "\n".join((sys.platform, machine, str(sys.maxsize), *flags))
    key = hashlib.sha256(SOURCE.read_bytes() + built_for.encode()).hexdigest()[:16]
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codesign-board"
    path = folder / f"packing-{key}.so"
    if path.is_file():
        return path
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise FileNotFoundError("no C compiler")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / path.name
        command = [compiler, *flags, str(SOURCE), "-o", str(made)]
        try:
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE)
        except subprocess.SubprocessError as error:
            raise OSError(f"{compiler} did not compile {SOURCE}") from error
        made.replace(path)  # at once: another process finds all of it or nothing
    return path


def _vectors(machine: str) -> tuple[str, ...]:
    unit, flag = VECTORS.get(machine, ("", ""))
    try:
        units = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return ()
    return (flag,) if unit in units else ()
