"""The form of each kernel: a slower and smaller one where the design leaves it the time."""

from __future__ import annotations

from dataclasses import fields, replace

from hw.design.design import Design
from hw.kernels.kernel import Kernel, Resources


def choose_forms(design: Design, family: str) -> Design:
    """Return the Design with its activations in the serial form where that is no slower than the slowest kernel.

    An activation behind a folded unit has many cycles a word: one comparator or multiplier then serves all steps.
    """
    interval = design.interval
    kernels = {name: _smallest(kernel, interval, family) for name, kernel in design.kernels.items()}
    return Design(design.name, kernels, dict(design.edges), dict(design.tensors))


def _smallest(kernel: Kernel, interval: int, family: str) -> Kernel:
    if not any(field.name == "serial" for field in fields(kernel)):
        return kernel
    serial = replace(kernel, serial=True)  # type: ignore[call-arg]
    slower = serial.cycles().interval > interval
    return kernel if slower or _size(serial.resources(family)) >= _size(kernel.resources(family)) else serial


def _size(used: Resources) -> int:
    """LUTs that a kernel is worth: a flip-flop comes with a LUT, a multiplier and a block RAM stand for about fifty."""
    return max(used.lut, used.ff) + 50 * (used.dsp + used.bram)
