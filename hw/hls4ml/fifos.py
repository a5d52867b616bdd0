"""FIFOs between the layers, as the project declares them: each holds all that a frame writes to it.

Then the layers may run one after another, a whole frame each, and none finds a FIFO full, as the C simulation runs
them; and what ends in one order of running ends in every order (T. M. Parks, "Bounded Scheduling of Process Networks",
UCB/ERL-95-105, 1995, chapter 4). So no two layers can wait for each other for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.errors import VerificationFailed
from hw.hls4ml.convert import PROJECT

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

SOURCES = (f"{PROJECT}.cpp", f"{PROJECT}_axi.cpp")
"""In ``firmware/``; the second is there for boards that get an AXI wrapper."""
DECLARATION = re.compile(r"hls::stream<\w+> (\w+)\(\"")
DEPTH = re.compile(r"#pragma HLS STREAM variable=(\w+) depth=(\d+)")
DEFAULT_DEPTH = 2
"""Of a stream without that pragma (UG1399)."""


@dataclass(frozen=True)
class Fifo:
    """A stream of the project.

    Attributes:
        name: in C++.
        words: that a frame writes to it.
        depth: words that it holds.
        width: bits of a word.
    """

    name: str
    words: int
    depth: int
    width: int


def fifos(model: ModelGraph, folder: Path) -> tuple[Fifo, ...]:
    """Return the FIFOs of the project that ``model`` was written to; there are none in ``io_parallel``.

    Raises:
        VerificationFailed: one does not hold a frame, or is none of the model's.
    """
    variables = {var.name: var for layer in model.get_layers() for var in layer.get_variables()}
    variables["in_local"], variables["out_local"] = model.get_input_variables()[0], model.get_output_variables()[0]
    found = []
    for path in (folder / "firmware" / name for name in SOURCES):
        text = path.read_text() if path.is_file() else ""
        depths = {name: int(depth) for name, depth in DEPTH.findall(text)}
        for name in DECLARATION.findall(text):
            if name not in variables:
                raise VerificationFailed(f"{path} has a stream {name}, which no layer writes.")
            kind = variables[name].type
            words, depth = variables[name].size() // kind.n_elem, depths.get(name, DEFAULT_DEPTH)
            if depth < words:
                raise VerificationFailed(
                    f"hls4ml gave the stream {name} in {path} {depth} words, and a frame writes {words}: layers could "
                    "wait for each other for ever."
                )
            found.append(Fifo(name, words, depth, kind.n_elem * kind.precision.width))
    return tuple(found)
