"""Export to QONNX: the file in which a model enters the toolchain. The same weights give the same bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
from torch import nn

from codesign.errors import UserError
from quant.cleanup import cleaned
from quant.quiet import quiet

OPSET = 13


def export_qonnx(net: nn.Module, input_shape: tuple[int, ...], path: Path, name: str) -> None:
    """Write `net` (batch 1, float32 [1, *input_shape] in) to `path`, whole or not at all.

    Brevitas' export, then qonnx' clean-up (constants folded, shapes inferred, names made unique and readable), then
    everything removed that says who exported when.
    """
    with quiet():
        import torch
        from brevitas.export import export_qonnx as brevitas_export

    if not path.parent.is_dir():
        raise UserError(f"The folder {path.parent} does not exist: create it, or give another output file.")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        with quiet():
            brevitas_export(
                net.eval(), args=torch.zeros(1, *input_shape), export_path=str(raw), dynamo=False, opset_version=OPSET
            )
            model = cleaned(raw)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(_stripped(model, name).SerializeToString(deterministic=True))
        part.replace(path)
    except OSError as error:
        raise UserError(f"{path} could not be written ({error.strerror}): choose another output file.") from error
    finally:
        part.unlink(missing_ok=True)


def _stripped(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    model.producer_name, model.producer_version = "codesign", ""
    model.doc_string = ""
    del model.metadata_props[:]
    model.graph.name, model.graph.doc_string = name, ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    return model
