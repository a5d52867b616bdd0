"""Proof that hls4ml's model kept what it was given: its passes change layers and only print that they did."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.errors import VerificationFailed
from hw.hls4ml.emit import Emission
from hw.hls4ml.precision import Fixed

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph
    from hls4ml.model.layers import Layer

TYPED = {"result": "result_t", "accum": "accum_t"}


def audit(emission: Emission, model: ModelGraph) -> None:
    """Raise VerificationFailed where a layer, a shape, a type, a constant, a strategy or a reuse factor is another."""
    made = {layer.name: layer for layer in model.get_layers()}
    for given in emission.layers:
        if given["name"] not in made:
            raise VerificationFailed(
                f"hls4ml dropped its layer {given['name']}, which serves {emission.owners[given['name']]}."
            )
        _audit_numbers(emission, given, made[given["name"]])
        if "accum" in emission.types[given["name"]]:
            _audit_product(emission, given, made[given["name"]])
    for tensor, name in emission.tensors.items():
        shape, found = emission.graph.tensors[tensor].shape, tuple(made[name].get_output_variable().shape)
        if found != shape:
            raise VerificationFailed(f"hls4ml changed {name}'s shape from {shape} to {found}.")


def _audit_numbers(emission: Emission, given: dict[str, Any], layer: Layer) -> None:
    """Types and constants."""
    name = given["name"]
    for what, kind in emission.types[name].items():
        found = layer.get_attr(TYPED.get(what, f"{what}_t"))
        if found is None:
            raise VerificationFailed(f"hls4ml's layer {name} has no {what} type, which must be {kind}.")
        if not _same(found.precision, kind):
            raise VerificationFailed(f"hls4ml changed {name}'s {what} type from {kind} to {found.precision}.")
        values = given.get(f"{what}_data")
        if values is not None and not _same_constant(layer.weights[what].data, values):
            raise VerificationFailed(f"hls4ml changed {name}'s {what}.")


def _audit_product(emission: Emission, given: dict[str, Any], layer: Layer) -> None:
    """How a matrix product is computed."""
    settings = emission.settings
    asked = {"reuse_factor": settings.reuse_factor, "strategy": given.get("strategy", settings.strategy)}
    for what, value in asked.items():
        found = layer.get_attr(what)
        if found != value:
            words = what.replace("_", " ")
            raise VerificationFailed(f"hls4ml changed {given['name']}'s {words} from {value} to {found}.")


def _same_constant(found: np.ndarray, given: np.ndarray) -> bool:
    """Whether hls4ml holds a constant as it was given, in any order of its axes: its strategies turn them."""
    flat = np.ravel(found)
    return flat.size == given.size and any(
        np.array_equal(np.ravel(np.transpose(given, axes)), flat) for axes in permutations(range(given.ndim))
    )


def _same(found: Any, asked: Fixed) -> bool:
    return (found.width, found.integer, bool(found.signed)) == (asked.bits, asked.integer_bits, asked.signed)
