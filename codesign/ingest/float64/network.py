"""The walk through a model's nodes in float64."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from codesign.errors import UserError
from codesign.ingest.file.model import parse
from codesign.ingest.float64.registry import EVALUATIONS, QUANTIZERS, Attributes, discover, wide


class Network:
    """A QONNX model that runs in float64, many frames at once."""

    def __init__(self, path: Path) -> None:
        discover()
        proto = parse(path)
        self.nodes = list(proto.graph.node)
        self.stored = {t.name: wide(numpy_helper.to_array(t)) for t in proto.graph.initializer}
        self.input = next(i.name for i in proto.graph.input if i.name not in self.stored)
        self.output = proto.graph.output[0].name
        self.opset = max((o.version for o in proto.opset_import if o.domain in ("", "ai.onnx")), default=1)

    def run(self, x: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Run frames ``x`` [N, ...].

        Returns:
            the integers of every quantizer that depends on the input (int64, the model's layout, zero point
            subtracted) by the name of its output, and the model's output (float64).

        Raises:
            UserError: an operator that this executor does not know.
        """
        values: dict[str, Any] = {**self.stored, self.input: np.asarray(x, np.float64)}
        moving, integers = {self.input}, {}
        for node in self.nodes:
            operands = [values[i] if i else None for i in node.input]
            attributes = self._attributes(node)
            if node.op_type in QUANTIZERS:
                y, result = QUANTIZERS[node.op_type](operands, attributes)
                if node.input[0] in moving:
                    integers[node.output[0]] = y.astype(np.int64)
            elif node.op_type in EVALUATIONS:
                result = EVALUATIONS[node.op_type](operands, attributes)
            else:
                raise UserError(f"{node.op_type} '{node.name}': the float64 executor does not know this operator.")
            made = result if isinstance(result, tuple) else (result,)
            values.update(zip(node.output, made, strict=False))
            if moving & set(node.input):
                moving.update(node.output)
        return integers, values[self.output]

    def _attributes(self, node: onnx.NodeProto) -> Attributes:
        stored = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        plain = {k: v.decode() if isinstance(v, bytes) else v for k, v in stored.items()}
        return {**plain, "outputs": len(node.output), "opset": self.opset}
