"""What an emitter adds to: hls4ml's layers under construction, with the type of everything that they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from codesign.errors import Reject
from codesign.graph import IntegerGraph, Operator
from hw.hls4ml.extension import Extension
from hw.hls4ml.precision import Bounds, Fixed, narrowest, of_weights
from hw.hls4ml.settings import DERIVED, Settings

WIDEST = 1024
"""Bits of ap_int in the headers that come with hls4ml."""


@dataclass
class Canvas:
    """hls4ml's layer list of one graph.

    Attributes:
        graph: what is emitted.
        settings: of the project.
        names: the layer that makes each of the graph's tensors.
        layers: in hls4ml's form, in order.
        types: of each layer, by what it is the type of: ``result``, ``accum``, ``weight``, ``bias`` or an extension's
            constant.
        owners: the graph's operator that a layer serves.
        derived: the same as ``types`` without ``--precision``.
    """

    graph: IntegerGraph
    settings: Settings
    names: dict[str, str] = field(default_factory=dict)
    layers: list[dict[str, Any]] = field(default_factory=list)
    types: dict[str, dict[str, Fixed]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    derived: dict[str, dict[str, Fixed]] = field(default_factory=dict)

    def bounds(self, tensor: str) -> Bounds:
        """Proven range of all channels of the graph's ``tensor``."""
        t = self.graph.tensors[tensor]
        return int(t.low.min()), int(t.high.max())

    def shape(self, tensor: str) -> tuple[int, ...]:
        """One frame's shape, channels last."""
        return self.graph.tensors[tensor].shape

    def add(
        self,
        kind: str,
        owner: str,
        inputs: list[str],
        result: Bounds,
        *,
        accum: Bounds | None = None,
        constants: Mapping[str, np.ndarray] | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer of hls4ml's class ``kind`` that serves the operator ``owner``; return its name.

        Args:
            inputs: layers that it reads.
            result: bounds of what it makes.
            accum: bounds of every partial sum, where it has an accumulator.
            constants: integers by name (``weight``, ``bias``, an extension's), each in the shape that hls4ml wants.
        """
        name = self._name(owner)
        types = {"result": narrowest(*result)}
        if accum is not None:
            types["accum"] = narrowest(*accum)
        data = {}
        for constant, values in (constants or {}).items():
            types[constant] = of_weights(values)
            data[f"{constant}_data"] = np.asarray(values, np.float64)
        self.derived[name] = types
        self.types[name] = self._asked(name, types, {"result": result, "accum": accum})
        self.layers.append(
            {"class_name": kind, "name": name, "inputs": inputs, "outputs": [name], **attributes, **data}
        )
        self.owners[name] = owner
        return name

    def extend(
        self,
        layer: Extension,
        op: Operator,
        *,
        result: Bounds | None = None,
        constants: Mapping[str, np.ndarray] | None = None,
        **attributes: Any,
    ) -> str:
        """Add a layer of our own that reads the inputs of ``op`` and makes its output; return its name.

        Args:
            result: bounds of what it makes on the way too; those of the output where it is None.
            constants, attributes: the layer's weights, integers and types, by name.
        """
        bounds = self.bounds(op.output) if result is None else result
        shape = list(self.shape(op.output))
        inputs = [self.read(tensor) for tensor in op.inputs]
        return self.add(layer.name, op.output, inputs, bounds, constants=constants, output_shape=shape, **attributes)

    def _asked(self, name: str, types: dict[str, Fixed], bounds: Mapping[str, Bounds | None]) -> dict[str, Fixed]:
        """The types with the user's in the place of what holds sums, if that holds them."""
        if self.settings.precision == DERIVED:
            return types
        asked = Fixed.parse(self.settings.precision)
        for what, held in bounds.items():
            if held is not None and not asked.holds(*held):
                low = min(held[0], -1) if asked.signed else held[0]
                signed = "signed " if low < 0 and not asked.signed else ""
                raise Reject(
                    f"{asked} cannot hold its {what}, which is in [{held[0]}, {held[1]}] and needs {types[what]}",
                    f"take a {signed}--precision with at least {narrowest(low, held[1]).bits} bits before the point, "
                    "or derived",
                )
        return types | {what: asked for what in types if what in bounds}

    def _name(self, owner: str) -> str:
        """An identifier of C++ that no other layer has, whatever its case: hls4ml's types are lower case."""
        stem = re.sub(r"\W", "_", owner, flags=re.ASCII).lower().strip("_") or "layer"
        stem = re.sub(r"^(?=\d)", "n", stem)
        name, count = f"{stem}_op", 1  # the ending keeps it from C++'s keywords and hls4ml's own names
        while name in self.types:
            count += 1
            name = f"{stem}_op{count}"
        return name

    def read(self, tensor: str) -> str:
        """The layer that makes the graph's ``tensor``."""
        return self.names[tensor]

    def give(self) -> None:
        """Add the graph's input."""
        tensor = self.graph.input
        name = "frame_in"
        self.types[name] = self.derived[name] = {"result": narrowest(*self.bounds(tensor))}
        shape = list(self.shape(tensor))
        self.layers.append(
            {"class_name": "InputLayer", "name": name, "input_shape": shape, "data_format": "channels_last"}
        )
        self.owners[name] = tensor
        self.names[tensor] = name
