"""The serial form is taken where it is in time and smaller, and computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph.examples import Builder, residual_1d
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.forms import choose_forms
from hw.design.emit import TOP, emit
from hw.lowering import fold, lower
from hw.sim import compile_simulator


@pytest.mark.parametrize(("interval", "all_serial"), [(5_000, True), (300, False)])
def test_activations_are_serial_where_there_is_time(interval: int, all_serial: bool) -> None:
    graph, x = residual_1d(3)
    lowered = lower(graph, "ecp5")
    folded = fold(lowered, fold_for_interval(lowered, interval))
    chosen = choose_forms(folded, "ecp5")
    chosen.check()
    activations = [k for k in chosen.kernels.values() if hasattr(k, "serial")]
    assert len(activations) == 4
    assert all(k.serial for k in activations) == all_serial
    assert all(k.cycles().interval <= folded.interval for k in activations)
    assert chosen.interval == folded.interval
    assert chosen.resources("ecp5").lut <= folded.resources("ecp5").lut
    words = x.reshape(len(x), chosen.input.words, -1)
    np.testing.assert_array_equal(chosen.run(words), folded.run(words))


def test_a_burst_is_not_made_to_wait(tmp_path: Path) -> None:
    """Sums come all at once at a frame's end: a serial activation would stop them, and the input with them."""
    b = Builder((6, 8), 0, 15, 4)
    graph = b.graph(b.matmul(b.requantize(b.global_sum("x")), 2))
    lowered = lower(graph, "ecp5")
    design = choose_forms(fold(lowered, fold_for_interval(lowered, 48)), "ecp5")
    assert design.kernels["requantizer_0"].cycles().interval < 48
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path)
    words = b.frames(20).reshape(20, design.input.words, -1)
    assert simulator.run([words]).interval == design.interval == 48
