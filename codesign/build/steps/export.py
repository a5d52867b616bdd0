"""A preset is exported to QONNX; a file is read, with what it names beside it."""

from __future__ import annotations

from pathlib import Path

import onnx

import quant.models
from codesign.build.config import BuildConfig
from codesign.build.step import Step
from codesign.errors import UserError
from codesign.files import replacing
from codesign.ingest.file.model import parse

MODEL = "intermediate_models/step_export.onnx"


def run(config: BuildConfig) -> None:
    """Write the model's QONNX file."""
    target = config.output_dir / MODEL
    if config.model in quant.models.names():
        target.parent.mkdir(parents=True, exist_ok=True)
        quant.models.get(config.model).export(target)
        return
    source = Path(config.model)
    if not source.is_file():
        raise UserError(
            f"The model {config.model!r} is neither a file nor a preset: give a QONNX file, or one of "
            f"{', '.join(quant.models.names())}."
        )
    model = parse(source)  # with its external data, which would not be found from the new place
    with replacing(target) as temporary:
        onnx.save(model, str(temporary))


STEP = Step("export", "model to QONNX", run, needs=(), makes=(MODEL,), settings=("model", "model_contents"))
