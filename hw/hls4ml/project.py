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


def write(model: ModelGraph, folder: Path) -> None:
    """Write the project of ``model``, which was converted for ``folder``."""
    with contextlib.redirect_stdout(io.StringIO()):
        model.write()
    wrapper = folder / f"firmware/{PROJECT}_axi.h"
    if wrapper.exists():  # hls4ml writes its own name of an integer type there, which C++ does not know
        text = wrapper.read_text()
        write_text(wrapper, text.replace("typedef int<", "typedef ap_int<"))
    # The same project every time, wherever it is moved to.
    config = folder / "hls4ml_config.yml"
    config.write_text(re.sub(r"^OutputDir: .*", "OutputDir: .", config.read_text(), flags=re.MULTILINE))
    stamp = str(model.config.get_config_value("Stamp"))
    for path in (config, folder / "build_lib.sh"):
        path.write_text(path.read_text().replace(stamp, PROJECT))  # in place: one may be run
    write_main(model, folder)
