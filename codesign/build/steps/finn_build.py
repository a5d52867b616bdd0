"""Where FINN's back end ends here: what is left needs Vivado and Vitis HLS, and one command."""

from __future__ import annotations

import json
import logging
import shutil

from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.finn_model import FOLDER, REPORT
from codesign.errors import MissingTool
from hw.finn.flow import CONFIG, MODEL

TOOLS = {"vivado": "Vivado", "vitis_hls": "Vitis HLS"}


def run(config: BuildConfig) -> None:
    """Say how a user of FINN goes on; nothing of AMD's is started from here."""
    report = json.loads((config.output_dir / REPORT).read_text())
    command = f"cd {config.output_dir / FOLDER} && finn build {CONFIG} {MODEL}"
    absent = [name for program, name in TOOLS.items() if shutil.which(program) is None]
    if absent:
        raise MissingTool(sentence(report, absent, command))
    logging.getLogger("codesign").warning("FINN goes on with: %s", command)


def sentence(report: dict[str, dict[str, int]], absent: list[str], command: str) -> str:
    """Where the build stops and why."""
    hls = report["vitis_hls_only"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(hls.items()))
    nodes = f"{sum(hls.values())} of its {len(report['nodes'])} nodes ({kinds})" if hls else "the DMA around it"
    return (
        f"FINN's model is converted, folded and estimated, and goes no further without {' and '.join(absent)}, "
        f"not on PATH here: FINN has {nodes} for Vitis HLS only, and Vivado puts all of it together; where both are: "
        f"{command}"
    )


STEP = Step(
    "finn_build",
    "FINN's own flow, which needs AMD's tools",
    run,
    needs=(FOLDER, REPORT),
    makes=(),
    deferrable=True,
)
