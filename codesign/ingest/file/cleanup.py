"""QONNX's clean-up: shapes inferred, constants folded, names made unique and readable."""

from __future__ import annotations

import logging
from collections import Counter

import onnx
from onnx import helper

from codesign.ingest.file.structure import faults, foreign

KEPT = ("Quant", "IntQuant", "BipolarQuant", "FloatQuant", "Trunc", "QuantizeLinear", "DequantizeLinear")
"""Operators whose constants stay what they are: their integers would be lost."""
DOMAIN = "qonnx.custom_op.general"
log = logging.getLogger("codesign")


def clean(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Return the cleaned model; as it stands where it does not hold together, for the ingest to say why.

    QONNX imports a module by the name of an operator's domain, so that a model with domains of its own is not handed
    to it: a file never decides what code runs.
    """
    if faults(proto) or foreign(proto):
        return proto
    try:
        return _cleaned(proto)
    except Exception as error:  # qonnx, onnx and onnxruntime raise bare ones on contradictory models
        log.warning("the model could not be cleaned up (%s)", str(error).splitlines()[:1])
        return proto


def _cleaned(proto: onnx.ModelProto) -> onnx.ModelProto:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.fold_constants import FoldConstants
    from qonnx.transformation.general import (
        GiveReadableTensorNames,
        GiveUniqueNodeNames,
        GiveUniqueParameterTensors,
        RemoveStaticGraphInputs,
        RemoveUnusedTensors,
    )
    from qonnx.transformation.infer_shapes import InferShapes
    from qonnx.transformation.quant_constant_folding import FoldTransposeIntoQuantInit

    own = onnx.ModelProto()
    own.CopyFrom(proto)
    for node in own.graph.node:
        node.doc_string = node.name  # what the user knows it by; QONNX numbers the nodes
        if node.op_type in KEPT[:5]:
            node.domain = DOMAIN
    # QONNX takes the first operator set for ONNX's own, and needs one of its own domain.
    opsets = {o.domain: o.version for o in own.opset_import}
    opsets.setdefault(DOMAIN, 2)
    own.ClearField("opset_import")
    for domain in sorted(opsets, key=lambda name: name not in ("", "ai.onnx")):
        own.opset_import.append(helper.make_opsetid(domain, opsets[domain]))
    model = ModelWrapper(own)
    for transformation in (
        InferShapes(),
        GiveUniqueParameterTensors(),
        FoldConstants(exclude_op_types=list(KEPT)),
        FoldTransposeIntoQuantInit(),
        RemoveUnusedTensors(),
        RemoveStaticGraphInputs(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
    ):
        model = model.transform(transformation)
    return _named(model.model)


def _named(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its own names for nodes, where they have one and no other has it."""
    times = Counter(node.doc_string for node in proto.graph.node)
    for node in proto.graph.node:
        if node.doc_string and times[node.doc_string] == 1:
            node.name = node.doc_string
        node.doc_string = ""
    return proto
