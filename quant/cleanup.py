"""qonnx' clean-up of an exported file, in seconds also for hundreds of layers.

Its constant folding goes over the whole file anew for each node, and Brevitas' exporter leaves seven nodes a padding
that depend on stored values alone. These are folded here, where qonnx would, so that none is left: the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

DOMAIN = "qonnx.custom_op.general"
QUANTIZERS = ("Quant", "BipolarQuant", "Trunc")


def cleaned(path: Path) -> onnx.ModelProto:
    """The file at `path` with constants folded, shapes inferred, names made unique and readable."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.general import GiveUniqueParameterTensors
    from qonnx.transformation.infer_shapes import InferShapes
    from qonnx.util.cleanup import cleanup_model

    exported = onnx.load(path)
    for node in exported.graph.node:
        if node.op_type in QUANTIZERS:
            node.domain = DOMAIN
    model = ModelWrapper(exported).transform(InferShapes()).transform(GiveUniqueParameterTensors())
    result: onnx.ModelProto = cleanup_model(ModelWrapper(fold(model.model))).model
    return result


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """`model`, changed in place: nodes of ONNX's own domain whose inputs are all stored become stored values."""
    graph = model.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    kept, folded = [], set()
    for node in graph.node:  # in topological order, as ONNX demands
        if node.domain not in ("", "ai.onnx") or not all(name in stored or not name for name in node.input):
            kept.append(node)
            continue
        given = {name: numpy_helper.to_array(stored[name]) for name in node.input if name}
        for name, value in zip(node.output, ReferenceEvaluator(node).run(None, given), strict=True):
            stored[name] = numpy_helper.from_array(value, name)
            graph.initializer.append(stored[name])
            folded.add(name)
    del graph.node[:]
    graph.node.extend(kept)
    others = [value for value in graph.value_info if value.name not in folded]  # qonnx adds those of stored values
    del graph.value_info[:]
    graph.value_info.extend(others)
    return model
