"""A lowered graph computes what the graph does: by the kernels' references, and as Verilog under stalls."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import Refused, UserError
from codesign.graph import IntegerGraph, Operator
from codesign.graph.examples import Builder, residual_1d
from codesign.graph.operators.concat import Concat
from codesign.graph.operators.slice import Slice
from codesign.mapping.fifos import size_fifos
from codesign.mapping.folding import fold_for_interval, read_folding, write_folding
from codesign.mapping.forms import choose_forms
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import ERROR_FLAG, TOP, emit, top_module
from hw.lowering import fold, lower
from hw.sim import Stalls, compile_simulator


def small_2d() -> tuple[IntegerGraph, np.ndarray]:
    """A 2-D net with uneven pads and a stride, ending in a wide word."""
    b = Builder((9, 7, 4), 0, 15, 1)
    one = b.requantize(b.conv("x", 6, (3, 3), ((1, 1), (0, 2)), stride=2))
    return b.graph(b.threshold(b.conv(one, 4, (2, 2), ((1, 0), (0, 1)))), "small_2d"), b.frames(6)


def projected() -> tuple[IntegerGraph, np.ndarray]:
    """A forked input; a stride-2 block of two convolutions beside a 1-tap projection."""
    b = Builder((24, 4), -8, 7, 2)
    main = b.requantize(b.conv("x", 6, (5,), ((1, 2),), stride=2), 0, 15, rising=True)
    main = b.requantize(b.conv(main, 6, (4,), ((1, 2),)), -4, 3)
    side = b.requantize(b.conv("x", 6, (1,), stride=2), -4, 3)
    return b.graph(b.requantize(b.add(main, side), 0, 7), "projected"), b.frames(6)


NETS = {"residual_1d": lambda: residual_1d(3), "small_2d": small_2d, "projected": projected}


def words(design: Design, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), design.input.words, design.input.stream.lanes)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("interval", [10**6, 900, 300])
def test_references_of_any_folding_give_the_graphs_integers(name: str, interval: int) -> None:
    graph, x = NETS[name]()
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, interval)))
    assert design.interval <= interval
    expected = graph.run(x)
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(expected.shape), expected)


@pytest.mark.parametrize("name", NETS)
def test_verilog_gives_the_graphs_integers_at_the_predicted_rate(name: str, tmp_path: Path) -> None:
    graph, x = NETS[name]()
    x = np.tile(x, (5,) + (1,) * (x.ndim - 1))
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(choose_forms(fold(lowered, fold_for_interval(lowered, 900)), "ecp5"))
    sources = emit(design, tmp_path)
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path, flags=[ERROR_FLAG])
    expected = graph.run(x)
    free = simulator.run([words(design, x)])
    np.testing.assert_array_equal(free.outputs[0].reshape(expected.shape), expected)
    assert design.interval <= free.interval <= 1.01 * design.interval
    for seed, (probability, burst) in enumerate([(0.3, 4), (0.01, 400)]):
        stalled = simulator.run([words(design, x)], stalls=Stalls(probability, burst, seed))
        np.testing.assert_array_equal(stalled.outputs[0].reshape(expected.shape), expected)
        assert stalled.flags == {ERROR_FLAG: 0}


def test_a_wrong_weight_is_seen(tmp_path: Path) -> None:
    graph, x = residual_1d(3)
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(lowered)
    sources = emit(design, tmp_path)
    (memory,) = tmp_path.glob("matrix_vector_unit_0_*.hex")
    lines = memory.read_text().split()
    lines[5] = f"{int(lines[5], 16) ^ 1:0{len(lines[5])}x}"
    memory.write_text("\n".join(lines))
    simulator = compile_simulator(TOP, sources, [design.input], [design.output], data=tmp_path)
    found = simulator.run([words(design, x)]).outputs[0]
    assert not np.array_equal(found.reshape(len(x), -1), graph.run(x))


def test_kernels_are_told_the_proven_ranges() -> None:
    """A padded tap is zero, also where no input is; a requantizer's input is what its accumulator reaches."""
    b = Builder((8, 3), 3, 7, 5)
    graph = b.graph(b.requantize(b.conv("x", 4, (3,), ((1, 1),))))
    design = lower(graph, "ecp5")
    unit, requantizer = design.kernels["matrix_vector_unit_0"], design.kernels["requantizer_0"]
    assert (unit.low, unit.high) == (0, 7)  # type: ignore[attr-defined]
    accumulator = graph.tensors[graph.operators[0].output]
    assert requantizer.in_low == accumulator.low.min()  # type: ignore[attr-defined]
    assert requantizer.in_high == accumulator.high.max()  # type: ignore[attr-defined]


def test_the_first_port_of_a_name_is_in_the_lowest_bits() -> None:
    graph, _ = projected()
    design = lower(graph, "ecp5")
    text = top_module(design)
    targets = design.targets()
    (fork,) = (name for name in design.kernels if name.startswith("stream_fork"))
    wires = re.search(rf"{fork} \((.*?)\);", text, re.DOTALL)
    assert wires
    high, low = re.findall(r"m_valid\(\{(\w+)_valid, (\w+)_valid\}\)", wires[1])[0]
    for port, wire in ((0, low), (1, high)):
        reader = re.search(rf"{targets[End(fork, port)].instance} \((.*?)\);", text, re.DOTALL)
        assert reader
        assert f".s_valid({wire}_valid)" in reader[1]


def test_a_graph_without_operators_is_a_design() -> None:
    b = Builder((5, 2), -8, 7)
    graph, x = b.graph("x"), b.frames(3)
    design = fold(lower(graph, "ecp5"), {})
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(x.shape), x)


def test_the_input_may_be_a_joins_second_operand() -> None:
    """Its frames are as long as that operand's, not as the first one's."""
    b = Builder((4, 3), -8, 7)
    less = b.append(Slice(inputs=("x",), output="less", starts=(0, 0), stops=(4, 1), steps=(1, 1)))
    graph, x = b.graph(b.append(Concat(inputs=(less, "x"), output="joined", axis=-1))), b.frames(3)
    lowered = lower(graph, "ecp5")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, 100)))
    np.testing.assert_array_equal(design.run(words(design, x)).reshape(3, 4, 4), graph.run(x))


def test_a_saved_design_is_the_same(tmp_path: Path) -> None:
    graph, x = projected()
    lowered = lower(graph, "xc7")
    design, _ = size_fifos(fold(lowered, fold_for_interval(lowered, 500)))
    design.save(tmp_path)
    again = Design.load(tmp_path)
    again.check()
    np.testing.assert_array_equal(again.run(words(design, x)), design.run(words(design, x)))
    emit(design, tmp_path / "a")
    emit(again, tmp_path / "b")
    files = [sorted(p.name for p in (tmp_path / side).iterdir()) for side in "ab"]
    assert files[0] == files[1]
    assert all((tmp_path / "a" / n).read_text() == (tmp_path / "b" / n).read_text() for n in files[0])


def test_a_damaged_design_is_found() -> None:
    graph, _ = projected()
    design = lower(graph, "ecp5")
    source = design.edges.pop(End("stream_add_0", 1))
    with pytest.raises(ValueError, match="open"):
        design.check()
    design.edges[End("stream_add_0", 1)] = design.edges[End("stream_add_0", 0)]
    with pytest.raises(ValueError, match="two targets"):
        design.check()
    design.edges[End("stream_add_0", 1)] = source
    design.check()
    design.edges[End(BOUNDARY)] = End("matrix_vector_unit_0")
    with pytest.raises(ValueError, match=r"two targets|open"):
        design.check()


def test_an_operator_without_a_rule_is_refused() -> None:
    class Unknown(Operator):
        def run(self, *x: np.ndarray) -> np.ndarray:
            return x[0]

        def shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
            return shapes[0]

        def range(self, *ranges):  # type: ignore[no-untyped-def]
            return ranges[0]

    graph, _ = projected()
    graph.operators.append(Unknown(inputs=(graph.output,), output="y"))
    del Operator.kinds["Unknown"]
    with pytest.raises(Refused, match=r"Unknown 'y': no kernel serves it\. Remedy: "):
        lower(graph, "ecp5")


@pytest.mark.parametrize(
    ("folding", "message"),
    [
        ({"matrix_vector_unit_9": {"PE": 1}}, "names 'matrix_vector_unit_9', which projected does not have"),
        ({"matrix_vector_unit_1": {"PE": 4}}, r"PE = 4, which must divide 6, because .*: use one of 1, 2, 3, 6"),
        ({"stream_fork_0": {"PE": 2}}, "gives stream_fork_0 PE, but its folds are: none"),
    ],
)
def test_a_wrong_folding_is_one_sentence(folding: dict[str, dict[str, int]], message: str, tmp_path: Path) -> None:
    graph, _ = projected()
    write_folding(tmp_path / "f.json", folding)
    with pytest.raises(UserError, match=message):
        fold(lower(graph, "ecp5"), read_folding(tmp_path / "f.json"))


def test_a_folding_file_is_json_of_its_form(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be read"):
        read_folding(tmp_path / "none.json")
    for text in ("[", "[1]", '{"a": 3}', '{"a": {"PE": "x"}}'):
        (tmp_path / "f.json").write_text(text)
        with pytest.raises(UserError, match="is no folding"):
            read_folding(tmp_path / "f.json")


def test_a_rate_out_of_reach_says_the_best() -> None:
    graph, _ = projected()
    with pytest.raises(UserError, match=r"takes \d+ cycles a frame when fully unfolded, more than the 5"):
        fold_for_interval(lower(graph, "ecp5"), 5)
