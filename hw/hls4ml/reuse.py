"""Reuse factors that hls4ml takes as they are: any other it changes to one nearby, and only prints that it did."""

from __future__ import annotations

from math import prod
from typing import Any

from codesign.errors import UserError
from hw.hls4ml.emit import Emission
from hw.hls4ml.settings import Settings

SIZES = {"1D": ("filt_width",), "2D": ("filt_height", "filt_width")}
WINDOWS = {f"{kind}{rank}": axes for kind in ("Conv", "DepthwiseConv") for rank, axes in SIZES.items()}
"""hls4ml's convolutions, each with the attributes that give its window's sizes."""


def check_reuse(emission: Emission) -> None:
    """Raise UserError where a layer cannot take the reuse factor: with the layer, and the nearest that all can."""
    settings = emission.settings
    if settings.strategy != "resource":
        return  # others share no weights between cycles: hls4ml takes any factor there
    asked = settings.reuse_factor
    taken = {layer["name"]: reuse_factors(layer, settings) for layer in emission.layers if _shares(layer)}
    refusing = [name for name, factors in taken.items() if asked not in factors]
    if not refusing:
        return
    first, common = refusing[0], sorted(set.intersection(*taken.values()))
    more = f" and {len(refusing) - 1} more" if len(refusing) > 1 else ""
    alone = f" ({first} alone takes {_nearest(asked, sorted(taken[first]))})" if common == [1] else ""
    raise UserError(
        f"--reuse-factor must be one that hls4ml takes as it is in every layer, and {asked} is none for "
        f"{first}{more}: use {_nearest(asked, common)}{alone}."
    )


def reuse_factors(layer: dict[str, Any], settings: Settings) -> set[int]:
    """Every reuse factor that hls4ml's resource strategy takes for a layer as it is.

    A multiplier serves either some of one output's products, or all products of some outputs: the divisors of the
    inputs, and the inputs times the divisors of the outputs. io_parallel's convolutions are right for the former alone
    (hls4ml 1.3.0 takes the latter there too, and computes something else).
    """
    inputs, outputs = products(layer)
    some = divisors(inputs)
    if settings.io_type == "io_parallel" and layer["class_name"] in WINDOWS:
        return some
    return some | {inputs * d for d in divisors(outputs)}


def products(layer: dict[str, Any]) -> tuple[int, int]:
    """Rows and columns of the matrix that a layer multiplies with."""
    if layer["class_name"] == "Dense":
        return layer["n_in"], layer["n_out"]
    return layer["n_chan"] * prod(layer[name] for name in WINDOWS[layer["class_name"]]), layer["n_filt"]


def divisors(n: int) -> set[int]:
    """All divisors of a positive integer."""
    return {d for k in range(1, int(n**0.5) + 1) if n % k == 0 for d in (k, n // k)}


def _shares(layer: dict[str, Any]) -> bool:
    """Whether it multiplies by the project's strategy, not by one of its own."""
    return layer["class_name"] in ("Dense", *WINDOWS) and "strategy" not in layer


def _nearest(asked: int, factors: list[int]) -> str:
    """The next factor below and the next above, or two of one side where there are none of the other."""
    below = [f for f in factors if f < asked]
    above = [f for f in factors if f > asked]
    chosen = [*below[-1:], *above[:1]] if below and above else [*below[-2:], *above[:2]]
    return " or ".join(map(str, chosen))
