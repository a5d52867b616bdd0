"""The steps of a build, one file each, in their order; a back end has its own behind those that all share."""

from types import ModuleType

from codesign.build.step import Step
from codesign.build.steps import (
    bitstream,
    board,
    cleanup,
    emit,
    export,
    finn_build,
    finn_model,
    fold,
    hls4ml_build,
    hls4ml_csim,
    hls4ml_model,
    hls4ml_package,
    hls4ml_project,
    ingest,
    lower,
    netlist,
    package,
    simulate,
    size_fifos,
    synthesize,
    witness,
)

SHARED = (export, cleanup, ingest, witness)
OWN = (lower, fold, size_fifos, emit, simulate, board, synthesize, netlist, bitstream, package)
FINN = (finn_model, finn_build)
HLS4ML = (hls4ml_model, hls4ml_csim, hls4ml_project, hls4ml_build, hls4ml_package)


def _steps(*modules: ModuleType) -> tuple[Step, ...]:
    return tuple(module.STEP for module in modules)


BACKENDS: dict[str, tuple[Step, ...]] = {
    "own": _steps(*SHARED, *OWN),
    "finn": _steps(*SHARED, *FINN),
    "hls4ml": _steps(*SHARED, *HLS4ML),
}
"""The steps of each back end, by the name that ``--backend`` takes."""
STEPS = BACKENDS["own"]
