"""From a network that fails to the smallest one that still does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from codesign.fuzz.recipe import Layer, Recipe

PLAIN = {"stride": 1, "dilation": 1, "kernel": 1, "pads": 0, "factors": 1, "extra": 0, "repeats": 1}
"""The simplest value of each element of a list."""
SMALLER: dict[str, Any] = {
    "outputs": 1, "groups": 1, "bits": 2, "weight_bits": 2, "zero": 0, "narrow": 0, "bias": False, "inverse": False,
    "per_channel": False, "falling": False, "step": 1, "start": 0, "mode": "ROUND", "form": "Quant", "scales": 0,
    "weight_form": "Quant", "ceil": False, "level": 0, "k": 1, "part": 0, "drop": 1, "version": 2, "exponent": 2,
    "slope": 0.0, "block": 2, "size": 2, "cast": False, "first": 0, "keep": 1,
}  # fmt: skip
SHORTER = ("indices", "axes")
"""Lists that may lose an element."""
AXIS_LESS = ("ReduceMean", "ReduceMax", "ReduceSum", "squeeze", "reshape")
"""Layers that may make a tensor of fewer axes."""
ROUNDED = ("quant", "trunc")
"""Layers whose mode is one of rounding."""


def shrink(recipe: Recipe, fails: Callable[[Recipe], bool], tries: int = 300) -> Recipe:
    """Make the network smaller as long as ``fails`` says that it still fails; at most ``tries`` questions."""
    asked: set[str] = set()
    again = True
    while again and tries > 0:
        again = False
        for candidate in _simpler(recipe):
            if repr(candidate) in asked or not candidate.layers or not candidate.fits():
                continue
            asked.add(repr(candidate))
            tries -= 1
            if fails(candidate):
                recipe, again = candidate, True
                break
            if tries <= 0:
                break
    return recipe


def _simpler(recipe: Recipe) -> Iterator[Recipe]:
    """Networks that are simpler by one change, the largest steps first."""
    layers = recipe.layers
    for end in range(1, len(layers)):
        yield replace(recipe, layers=layers[:end]).needed()
    for index, layer in enumerate(layers):
        yield from (_without(recipe, index, i) for i in dict.fromkeys(layer["in"]))
    for index, layer in enumerate(layers):  # what took an axis away, and the axis
        if layer["op"] in AXIS_LESS and len(recipe.shape) > 1:
            yield replace(_without(recipe, index, layer["in"][0]), shape=recipe.shape[:-1])
    if recipe.speed > 1:
        yield replace(recipe, speed=1)
    if recipe.input_type:
        yield replace(recipe, input_type="")
    if recipe.opset != 17:
        yield replace(recipe, opset=17)
    for axis, size in enumerate(recipe.shape):
        for smaller in {1, size // 2, size - 1} - {0, size}:
            yield replace(recipe, shape=(*recipe.shape[:axis], smaller, *recipe.shape[axis + 1 :]))
    for index, layer in enumerate(layers):
        for changed in _plainer(layer):
            yield replace(recipe, layers=(*layers[:index], changed, *layers[index + 1 :]))


def _without(recipe: Recipe, index: int, instead: int) -> Recipe:
    """Whoever read the layer reads ``instead``, one of its inputs."""
    gone = index + 1

    def place(i: int) -> int:
        i = instead if i == gone else i
        return i - (i > gone)

    rest = [{**spec, "in": [place(i) for i in spec["in"]]} for j, spec in enumerate(recipe.layers) if j != index]
    return replace(recipe, layers=tuple(rest)).needed()


def _plainer(layer: Layer) -> Iterator[Layer]:
    for name, value in layer.items():
        if name in PLAIN:
            for i, element in enumerate(value):
                if element != PLAIN[name]:
                    yield {**layer, name: [*value[:i], PLAIN[name], *value[i + 1 :]]}
        elif name in SHORTER:
            for i in range(len(value)):
                yield {**layer, name: [*value[:i], *value[i + 1 :]]}
        elif name in SMALLER and value != SMALLER[name] and not (name == "mode" and layer["op"] not in ROUNDED):
            yield {**layer, name: SMALLER[name]}
            if type(value) is int and value > 2:
                yield {**layer, name: value // 2}
