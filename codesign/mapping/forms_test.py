"""The serial form is taken where it is in time and smaller, and computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.graph.examples import Builder, residual_1d
from codesign.mapping.folding import fold_for_interval
from codesign.mapping.forms import choose_forms, relieve
from hw.design.emit import TOP, emit
from hw.kernels.kernel import Resources
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


@pytest.mark.parametrize("bram", [0, 20, 30, 36, 200])
def test_weights_go_to_ultra_ram_until_block_ram_fits(bram: int) -> None:
    """Each move is needed: without the last one block RAM would not fit."""
    b = Builder((20, 32), 0, 15, 1)
    x = b.requantize(b.conv("x", 64, (8,), ((3, 4),)), 0, 15)
    x = b.requantize(b.conv(x, 128, (8,), ((3, 4),)), 0, 15)
    lowered = lower(b.graph(b.conv(x, 32, (8,))), "xcup")
    design = fold(lowered, fold_for_interval(lowered, 40_000))
    before = design.resources("xcup")
    relieved = relieve(design, "xcup", Resources(bram=bram, uram=8))
    after = relieved.resources("xcup")
    moved = [name for name in design.kernels if relieved.kernels[name] is not design.kernels[name]]
    assert after.uram == sum(relieved.kernels[name].resources("xcup").uram for name in moved) <= 8
    assert (after.bram <= bram) == (bram >= 20)
    freed = [design.kernels[n].resources("xcup").bram - relieved.kernels[n].resources("xcup").bram for n in moved]
    assert after.bram == before.bram - sum(freed)
    assert not moved or after.bram + max(freed) > bram
    assert relieve(design, "xcup", Resources(bram=bram)) is design
    x_words = np.random.default_rng(0).integers(0, 16, (2, design.input.words, design.input.stream.lanes))
    np.testing.assert_array_equal(relieved.run(x_words), design.run(x_words))
