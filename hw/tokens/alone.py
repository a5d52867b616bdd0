"""A kernel's token model alone, under what its RTL met in a simulation."""

from __future__ import annotations

import numpy as np

from hw.kernels.kernel import Kernel
from hw.sim import SimulationResult
from hw.tokens.network import Network, Program


def first_difference(kernel: Kernel, result: SimulationResult) -> str | None:
    """Return what the RTL did and the model does not, or the other way round, first; None where all cycles agree.

    The model is offered each word, and its outputs are ready, in the cycles in which it was so in the simulation.
    """
    network = Network()
    taken = [network.source(f"s{i}", port.words, earliest=result.offered[i]) for i, port in enumerate(kernel.inputs)]
    network.add("kernel", Program(kernel.tokens(), len(taken)), taken)
    moved = [f"kernel.m{i}" for i in range(len(kernel.outputs))]
    for index, (link, ready) in enumerate(zip(moved, result.ready, strict=True)):
        network.sink(f"sink{index}", link, open_in=ready)
    most = max(len(cycles) for cycles in (*result.taken, *result.moved))
    run = network.run(record=(*taken, *moved), words=most + 1, limit=len(result.ready[0]))
    for what, links, cycles in (("takes", taken, result.taken), ("gives", moved, result.moved)):
        for index, (link, found) in enumerate(zip(links, cycles, strict=True)):
            model = run.moved[link]
            count = min(len(model), len(found))
            wrong = np.flatnonzero(model[:count] != found[:count])
            if len(wrong):
                word = int(wrong[0])
                return (
                    f"{what} word {word} of port {index} in cycle {found[word]}, and its token model in {model[word]}"
                )
            if len(model) != len(found):
                return f"{what} {len(found)} words of port {index}, and its token model {len(model)}"
    return None
