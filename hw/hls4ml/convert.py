"""hls4ml's own model from its layer list, audited."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hw.hls4ml import environment
from hw.hls4ml.audit import audit
from hw.hls4ml.emit import Emission
from hw.hls4ml.extension import register_all
from hw.hls4ml.registry import EMITTERS
from hw.hls4ml.target import WORD_BITS, Target

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

PROJECT = "accelerator"
"""Name of the project and of its top function."""
WORD = f"ap_int<{WORD_BITS}>"


def convert(emission: Emission, target: Target, folder: Path, *, trace: bool = False) -> ModelGraph:
    """Return hls4ml's model, which writes into ``folder``.

    Args:
        trace: whether its C simulation keeps what every layer makes.

    Raises:
        MissingTool: hls4ml is not installed.
        VerificationFailed: hls4ml changed a type, a constant, a shape, a strategy or a reuse factor.
    """
    environment.bootstrap()
    EMITTERS.discover()
    register_all()
    from hls4ml.converters import create_config
    from hls4ml.model.graph import ModelGraph

    options: dict[str, Any] = {"part": target.part}
    if target.board:
        options = {"board": target.board, "interface": "axi_stream", "input_type": WORD, "output_type": WORD}
    config = create_config(
        output_dir=str(folder),
        project_name=PROJECT,
        backend=target.backend,
        io_type=emission.settings.io_type,
        clock_period=round(1e3 / target.clock_mhz, 4),
        **options,
    )
    config["HLSConfig"] = _settings(emission, trace)
    config["TraceOutput"] = trace
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():  # hls4ml tells of its passes by print
        warnings.simplefilter("ignore")
        model = ModelGraph.from_layer_list(config, emission.layers, [emission.layers[0]["name"]], [emission.output])
    audit(emission, model)
    return model


def _settings(emission: Emission, trace: bool) -> dict[str, Any]:
    """hls4ml's ``HLSConfig``: every type of every layer by name, so that it has nothing to guess."""
    settings = emission.settings
    common = {"ReuseFactor": settings.reuse_factor, "Strategy": settings.strategy.capitalize()}
    layers = {
        name: {"Precision": {what: str(kind) for what, kind in types.items()}, "Trace": trace, **common}
        for name, types in emission.types.items()
    }
    for layer in emission.layers:
        if "strategy" in layer:  # its own: it has no other
            layers[layer["name"]]["Strategy"] = layer["strategy"].capitalize()
    return {"Model": {"Precision": "fixed<16,6>", **common}, "LayerName": layers}
