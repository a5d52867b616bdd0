"""What every family of layers is made with.

A layer is a plain dictionary; everything random in it is drawn from its own ``seed``, so that it stays the same while
the network around it shrinks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import onnx
from onnx import TensorProto

from codesign.ingest.testing import GENERAL, Net


class Misfit(Exception):
    """The layer does not fit what it reads."""


class Draft(Net):
    """A network under construction, whose input's type and whose version of QONNX's operators layers may set."""

    input_type = TensorProto.FLOAT
    general = 2

    def model(self, output: str) -> onnx.ModelProto:
        model = super().model(output)
        model.graph.input[0].type.tensor_type.elem_type = self.input_type
        next(o for o in model.opset_import if o.domain == GENERAL).version = self.general
        return model

    def shared(self, kind: str, *inputs: str, outputs: int, key: Any, **attributes: Any) -> list[str]:
        """All outputs of a node that stands once for each ``key`` (it tells nodes of the same inputs apart)."""
        name = f"{kind}_{inputs[0]}_{key}".replace(" ", "")
        names = [f"{name}_{i}" for i in range(outputs)]
        if all(node.name != name for node in self.nodes):
            self.nodes.append(onnx.helper.make_node(kind, list(inputs), names, name=name, **attributes))
        return names


@dataclass(frozen=True)
class Live:
    """A tensor of the network under construction.

    Attributes:
        shape: (C, *spatial), or what stands there after axes changed places.
        spread: roughly the standard deviation of its values.
        scale: of its quantizer; 0 where it is no quantizer's output, or one a channel.
        low: the smallest value that it can take, in steps of ``scale``.
    """

    name: str
    shape: tuple[int, ...]
    spread: float
    scale: float = 0.0
    low: int = 0

    @property
    def rank(self) -> int:
        return len(self.shape) - 1


Build = Callable[[Draft, list[Live], dict[str, Any]], Live]
LAYERS: dict[str, Build] = {}


def layer(*names: str) -> Callable[[Build], Build]:
    """Register a function as the builder of these layers."""

    def register(build: Build) -> Build:
        LAYERS.update(dict.fromkeys(names, build))
        return build

    return register


def build(net: Draft, inputs: list[Live], spec: dict[str, Any]) -> Live:
    """Add one layer.

    Raises:
        Misfit: it does not fit its inputs.
    """
    made = LAYERS[spec["op"]](net, inputs, spec)
    if min(made.shape, default=0) < 1:
        raise Misfit(f"{spec['op']} leaves nothing")
    return made


def need(condition: bool, reason: str) -> None:
    if not condition:
        raise Misfit(reason)
