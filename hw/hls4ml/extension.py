"""Layers of our own in hls4ml, by its extension interface: a declaration and a C++ header beside it.

The header defines ``nnet::FUNCTION<data_T, res_T, CONFIG_T>(input, output, weights…)`` twice: for arrays
(``io_parallel``) and for ``hls::stream`` (``io_stream``). ``CONFIG_T`` has the integers as ``static const long``, the
types, and ``NAME_t`` of every weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BACKENDS = ("Vivado", "Vitis", "VivadoAccelerator")
"""hls4ml's back ends that take our layers; VivadoAccelerator's flow begins with Vivado's."""
_EXTENSIONS: list[Extension] = []


@dataclass(frozen=True)
class Extension:
    """A layer that hls4ml lacks.

    Attributes:
        name: its class in hls4ml.
        function: of C++, in the namespace ``nnet``.
        header: the file that defines it.
        integers: attributes that C++ sees as constants.
        types: attributes that C++ sees as types, such as ``sum_t``.
        weights: constants that hls4ml keeps, each with a precision of its own.
    """

    name: str
    function: str
    header: Path
    integers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _EXTENSIONS.append(self)


@cache
def register_all() -> None:
    """Make hls4ml know every Extension there is; hls4ml must be importable."""
    for extension in _EXTENSIONS:
        _register(extension)


def _register(extension: Extension) -> None:
    from hls4ml.backends import get_backend
    from hls4ml.model.layers import register_layer

    layer = _layer_class(extension)
    register_layer(extension.name, layer)
    for name in BACKENDS:
        backend = get_backend(name)
        for template in _templates(extension, layer):
            backend.register_template(template)
        backend.register_source(extension.header)


def _layer_class(extension: Extension) -> type:
    """hls4ml's class of the layer."""
    from hls4ml.model.layers import Attribute, Layer, TypeAttribute, WeightAttribute

    def initialize(self: Any) -> None:
        self.add_output_variable(list(self.get_attr("output_shape")))
        for position, weight in enumerate(extension.weights):
            self.add_weights_variable(name=weight, var_name=f"c{position}_{{index}}")

    attributes = [
        Attribute("output_shape", value_type=list),
        *(Attribute(name) for name in extension.integers),
        *(Attribute(name, value_type=str) for name in extension.types),
        *(WeightAttribute(name) for name in extension.weights),
        *(TypeAttribute(name) for name in extension.weights),
    ]
    return type(extension.name, (Layer,), {"_expected_attributes": attributes, "initialize": initialize})


def _templates(extension: Extension, layer: type) -> tuple[type, type]:
    """The classes that write its configuration and its call."""
    from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate

    class Configuration(LayerConfigTemplate):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(layer)

        def format(self, node: Any) -> str:
            parameters = self._default_config_params(node)
            lines = [f"static const long {name} = {int(node.get_attr(name))}L;" for name in extension.integers]
            lines += [f"typedef {node.get_attr(name)} {name};" for name in extension.types]
            lines += [f"typedef {parameters[f'{name}_t'].name} {name}_t;" for name in extension.weights]
            body = "".join(f"    {line}\n" for line in lines)
            return f"struct config{node.index} {{\n{body}}};\n"

    class Call(FunctionCallTemplate):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(layer, include_header=[f"nnet_utils/{extension.header.name}"])

        def format(self, node: Any) -> str:
            p = self._default_function_params(node)
            arguments = [p["input"], p["output"], *(node.get_weights(name).name for name in extension.weights)]
            template = f"nnet::{extension.function}<{p['input_t']}, {p['output_t']}, {p['config']}>"
            return f"{template}({', '.join(arguments)});"

    return Configuration, Call
