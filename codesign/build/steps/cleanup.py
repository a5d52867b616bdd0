"""QONNX clean-up: shapes inferred, constants folded, names made unique and readable."""

from __future__ import annotations

import onnx

from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.build.steps.export import MODEL as EXPORTED
from codesign.files import replacing
from codesign.ingest.file.cleanup import clean
from codesign.ingest.file.model import parse

MODEL = "intermediate_models/step_cleanup.onnx"


def run(config: BuildConfig) -> None:
    """Write the cleaned model."""
    cleaned = clean(parse(config.output_dir / EXPORTED))
    with replacing(config.output_dir / MODEL) as temporary:
        onnx.save(cleaned, str(temporary))


STEP = Step("cleanup", "QONNX clean-up", run, needs=(EXPORTED,), makes=(MODEL,))
