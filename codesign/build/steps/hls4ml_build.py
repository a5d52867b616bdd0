"""AMD's tools on hls4ml's project: an IP core, and a bitstream where hls4ml has a block design for the board."""

from __future__ import annotations

import logging
import shutil

from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.bitstream import BITFILE
from codesign.build.steps.hls4ml_csim import VERIFIED, require_agreement
from codesign.build.steps.hls4ml_model import FOLDER, target
from codesign.files import replacing_folder, write_json
from hw.hls4ml.build import build, made_elsewhere, require
from hw.hls4ml.convert import PROJECT
from hw.hls4ml.synthesis import estimate

WORK = "hls4ml_build"
"""The project's copy that AMD's tools work in, with their logs."""
REPORT = "report/hls4ml_synthesis.json"
IP = "ip"
"""The IP core's folder among what is delivered."""
DELIVERED = {"bitstream": f"{PROJECT}.bit", "handoff file": f"{PROJECT}.hwh"}


def run(config: BuildConfig) -> None:
    """Write the IP core and, where there is one, the bitstream to ``bitfile/``, and what HLS estimates as a report.

    A copy of the project in ``hls4ml_build`` in which the tools ran elsewhere is as good as one in which they run here.
    """
    require_agreement(config)
    (config.output_dir / REPORT).unlink(missing_ok=True)  # of another project
    shutil.rmtree(config.output_dir / BITFILE, ignore_errors=True)
    project, work = config.output_dir / FOLDER, config.output_dir / WORK
    made = made_elsewhere(project, work, target(config))
    if made is None:
        require(project, work, target(config))
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(project, work)
        made = build(work, target(config), logging.getLogger("codesign").info)
    write_json(config.output_dir / REPORT, estimate(work, target(config)))
    with replacing_folder(config.output_dir / BITFILE) as fresh:
        shutil.copytree(made["IP core"].parent, fresh / IP)
        for what, name in DELIVERED.items():
            if what in made:
                shutil.copyfile(made[what], fresh / name)


STEP = Step(
    "hls4ml_build",
    "AMD's tools: IP core and bitstream",
    run,
    needs=(FOLDER, VERIFIED),
    makes=(BITFILE, REPORT),
    settings=("board", "synth_clk_mhz"),
    deferrable=True,
)
