"""The HLS project on disk: hls4ml's own writer, what it gets wrong mended, and the C simulation's main."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.files import write_text
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.csim import write_main

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

SAME = (
    ("hls4ml_config.yml", "OutputDir: ", "."),
    ("hls4ml_config.yml", "Stamp: ", PROJECT),
    ("build_lib.sh", "LIB_STAMP=", PROJECT),
)
"""File and beginning of the lines that hls4ml fills with the folder or at random, and what stands there instead."""


def write(model: ModelGraph, folder: Path) -> None:
    """Write the project of ``model``, which was converted for ``folder``."""
    with contextlib.redirect_stdout(io.StringIO()):
        model.write()
    wrapper = folder / f"firmware/{PROJECT}_axi.h"
    if wrapper.exists():  # hls4ml writes its own name of an integer type there, which C++ does not know
        text = wrapper.read_text()
        write_text(wrapper, text.replace("typedef int<", "typedef ap_int<"))
    # The same project every time, wherever it is moved to; in place, for a script may be run.
    for name, key, value in SAME:
        path = folder / name
        path.write_text(re.sub(f"^{key}.*", key + value, path.read_text(), flags=re.MULTILINE))
    write_main(model, folder)
