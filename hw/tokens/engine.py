"""The engine's library: compiled once, found in the cache, called by way of ctypes."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

from hw.sim.build import made_once
from hw.sim.tools import compiler, run_tool

SOURCE = Path(__file__).parent / "engine.cpp"
FLAGS = ("-std=c++20", "-O2", "-shared", "-fPIC")


class Arc(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int32) for name in ("link", "least", "amount"))


class Phase(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int32) for name in ("times", "cycles", "inputs", "outputs", "arcs"))


class Link(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("producer", "consumer", "places", "forward", "back", "initial")),
        ("moved", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("size", "taken", "most")),
    )


class Process(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("first", "count")),
        ("period", ctypes.c_int64),
        ("earliest", ctypes.c_void_p),
        ("starts", ctypes.c_int64),
        ("open", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("cycles", "done")),
        *((name, ctypes.c_int32) for name in ("waits", "for_room")),
    )


class Request(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("arcs", "phases", "links", "processes")),
        *((name, ctypes.c_int32) for name in ("link_count", "process_count", "watched")),
        *((name, ctypes.c_int64) for name in ("frame", "frames")),
        ("ends", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("ended", "period", "span", "limit", "pace", "settled", "cycles")),
        *((name, ctypes.c_int32) for name in ("stuck", "slow")),
    )


@cache
def library() -> ctypes.CDLL:
    """Return the engine.

    Raises:
        MissingTool: without a C++ compiler.
        ToolFailed: where it refuses.
    """
    text = SOURCE.read_text()

    def make(folder: Path, log: Path) -> None:
        command = [compiler()[0], *FLAGS, str(SOURCE), "-o", str(folder / "tokens.so")]
        run_tool("The C++ compiler", command, folder, log)

    return ctypes.CDLL(str(made_once("tokens", (text, FLAGS, compiler()[1]), make) / "tokens.so"))
