"""The steps of a build, one file each, in their order."""

from codesign.build.step import Step
from codesign.build.steps import (
    bitstream,
    board,
    cleanup,
    emit,
    export,
    fold,
    ingest,
    lower,
    netlist,
    package,
    simulate,
    size_fifos,
    synthesize,
    witness,
)

STEPS: tuple[Step, ...] = tuple(
    module.STEP
    for module in (
        export,
        cleanup,
        ingest,
        witness,
        lower,
        fold,
        size_fifos,
        emit,
        simulate,
        board,
        synthesize,
        netlist,
        bitstream,
        package,
    )
)
