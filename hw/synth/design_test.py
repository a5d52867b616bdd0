"""A design synthesized kernel by kernel: equal kernels once, from the cache, and linked to what the Design computes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import boards
from codesign.errors import ToolFailed, UserError
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import ERROR_FLAG, TOP
from hw.design.stream import Stream
from hw.design.testdata.loaded import WORDS as LOADED_WORDS
from hw.design.testdata.loaded import chain, sums
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.kernel import Resources
from hw.kernels.lookup.kernel import Lookup
from hw.kernels.stream_add.kernel import StreamAdd
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.kernels.stream_fork.kernel import StreamFork
from hw.shell.axi.shell import AxiShell
from hw.shell.uart.shell import UartShell
from hw.sim import Stalls, compile_simulator
from hw.synth import kernels, yosys
from hw.synth.design import shell, synthesize
from hw.synth.netlist import simulation_model

WORDS, STREAM = 40, Stream(2, 4, signed=True)
FIRST, SECOND = np.arange(-8, 8) % 11 - 5, np.arange(16) * 7 % 16 - 8
"""Two functions of -8..7."""


def lookup(values: np.ndarray) -> Lookup:
    return Lookup(values[None], np.full(2, -8), WORDS, 4, True, pe=2, family="ecp5")


def design(depth: int = 8) -> Design:
    """A stream forked, each branch with a table of its own, and joined again: ``3 * a[x] - 5 * b[x]``."""
    made = Design("joined")
    made.kernels = {
        "guard": FrameGuard(STREAM, WORDS),
        "fork": StreamFork(STREAM, WORDS, 2),
        "short": StreamFifo(STREAM, WORDS, depth),
        "other": StreamFifo(STREAM, WORDS, depth),
        "first_table": lookup(FIRST),
        "second_table": lookup(SECOND),
        "add": StreamAdd(2, WORDS, 4, True, 4, True, (3, -5), 8, True, pe=2),
    }
    made.edges = {
        End("guard"): End(BOUNDARY),
        End("fork"): End("guard"),
        End("short"): End("fork", 0),
        End("other"): End("fork", 1),
        End("first_table"): End("short"),
        End("second_table"): End("other"),
        End("add", 0): End("first_table"),
        End("add", 1): End("second_table"),
        End(BOUNDARY): End("add"),
    }
    made.check()
    return made


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty cache; the logs of yosys' runs on kernels, by their names, as they are made."""
    monkeypatch.setattr(kernels, "cache_folder", lambda: tmp_path / "cache")
    made, real = list[str](), yosys.map_units

    def noted(work, sources, units, family, log, **more):  # type: ignore[no-untyped-def]
        made.append(" ".join(unit.module for unit in units))
        return real(work, sources, units, family, log, **more)

    monkeypatch.setattr(kernels.yosys, "map_units", noted)
    return made


@pytest.mark.parametrize("family", ["ecp5", "xc7"])
def test_the_linked_netlist_does_what_the_design_does(tmp_path: Path, family: str) -> None:
    joined, said = design(), list[str]()
    made = synthesize(joined, family, tmp_path, said.append)
    assert made.instances.keys() == joined.kernels.keys() and made.instances["short"] == made.instances["other"]
    assert all(used.lut and used.ff for used in made.instances.values())
    summed = sum(made.instances.values(), Resources())
    assert 0.95 * summed.ff <= made.total.ff <= summed.ff  # the second of equal streams has a last that nobody reads
    assert 0.9 * summed.lut <= made.total.lut <= summed.lut + 4  # the OR of the flags; what nobody reads is gone
    assert said[-1] == "yosys: linking the kernels"

    model = simulation_model(made.json, TOP, tmp_path / "model.v")
    simulator = compile_simulator(TOP, [model], [joined.input], [joined.output], flags=[ERROR_FLAG], optimise=False)
    x = STREAM.random(np.random.default_rng(3), 30, WORDS)
    result = simulator.run([x], stalls=Stalls(0.3, 4, 5))
    expected = 3 * FIRST[x + 8] - 5 * SECOND[x + 8]
    assert np.array_equal(result.outputs[0], expected) and result.flags[ERROR_FLAG] == 0


def test_the_linked_netlist_of_a_design_that_loads_its_weights(tmp_path: Path) -> None:
    """The kernel in the middle must know that a start packet comes by: a parameter that its place in the chain sets."""
    chained = chain(("once", "each", "once"))
    made = synthesize(chained, "ecp5", tmp_path)
    model = simulation_model(made.json, TOP, tmp_path / "model.v")
    ends, load = ([chained.input], [chained.output]), chained.load_packets()
    simulator = compile_simulator(TOP, [model], *ends, flags=[ERROR_FLAG], optimise=False, load=load)
    x = chained.input.stream.random(np.random.default_rng(7), 20, LOADED_WORDS)
    result = simulator.run([x], stalls=Stalls(0.3, 4, 5), timeout=1_000)
    assert np.array_equal(result.outputs[0], sums(chained, x)) and result.flags[ERROR_FLAG] == 0


def accelerator(around: AxiShell | UartShell, family: str, directory: Path) -> yosys.Synthesis:
    """The ports of an accelerator that the shell fits, for what it takes itself does not count."""
    widths = {"s_data": around.s_data_bits + 1, "m_data": around.m_data_bits + 1, "w_data": 65}
    inputs, outputs = ["clk", "rst_n", "s_data", "s_valid", "m_ready"], ["s_ready", "m_data", "m_valid", ERROR_FLAG]
    if isinstance(around, AxiShell) and around.loads:
        inputs, outputs = [*inputs, "w_data", "w_valid"], [*outputs, "w_ready"]
    ports = {
        name: {"direction": direction, "bits": list(range(widths.get(name, 1)))}
        for direction, names in (("input", inputs), ("output", outputs))
        for name in names
    }
    path = directory / "accelerator.json"
    path.write_text(json.dumps({"modules": {TOP: {"ports": ports}}}))
    return yosys.Synthesis(TOP, family, path, Resources(), {}, 0.0)


@pytest.mark.parametrize(
    ("around", "family"),
    [
        (UartShell(16, 10, boards.get("ulx3s"), build=0x89ABCDEF), "ecp5"),
        (AxiShell(64, 40, 3_000, build=0x89ABCDEF, clock_hz=100_000_000), "xc7"),
        (AxiShell(24, 10, 784, start_words=5_000, packet_words=900), "xcup"),
    ],
)
def test_the_shells_model_is_near_yosys(around: AxiShell | UartShell, family: str, tmp_path: Path) -> None:
    sources = around.emit(tmp_path)
    taken = shell(sources, around.top, around.parameters(), accelerator(around, family, tmp_path), tmp_path)
    model = around.resources()
    assert model.lut == pytest.approx(taken.lut, rel=0.15)
    assert model.ff == pytest.approx(taken.ff, rel=0.15)
    assert (model.bram, model.dsp) == (taken.bram, taken.dsp)


def test_equal_kernels_are_made_once_and_found_again(logs: list[str], tmp_path: Path) -> None:
    first = synthesize(design(), "ecp5", tmp_path / "first")
    assert [sorted(run.split()) for run in logs] == [
        ["frame_guard", "lookup", "lookup", "stream_add", "stream_fifo", "stream_fork"]
    ]
    again = synthesize(design(), "ecp5", tmp_path / "again")
    assert len(logs) == 1 and again.instances == first.instances and again.json.read_text() == first.json.read_text()
    other = synthesize(design(depth=20), "ecp5", tmp_path / "other")
    assert len(logs) == 2 and other.instances["short"].lut > first.instances["short"].lut


def test_what_was_stopped_goes_on_where_it_was(
    logs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "RUN_LUTS", 1)  # a run each
    monkeypatch.setattr(kernels, "AT_ONCE", 1)
    right = StreamFork.sources()
    wrong = tmp_path / "stream_fork.sv"
    wrong.write_text("module stream_fork(input wire clk); nothing u(.clk); endmodule\n")
    monkeypatch.setattr(StreamFork, "sources", classmethod(lambda cls: (wrong,)))
    with pytest.raises(ToolFailed, match=r"yosys failed: stream_fork.*log: "):
        synthesize(design(), "ecp5", tmp_path)
    assert not (tmp_path / f"{TOP}.json").exists() and "stream_fork" in logs
    done = [run for run in logs if run != "stream_fork"]
    monkeypatch.setattr(StreamFork, "sources", classmethod(lambda cls: right))
    del logs[:]
    said = list[str]()
    synthesize(design(), "ecp5", tmp_path, said.append)
    assert (
        sorted(done + logs) == ["frame_guard", "lookup", "lookup", "stream_add", "stream_fifo", "stream_fork"] and done
    )
    assert said[-2] == "yosys: 6 of 6 different kernels"


def test_a_family_without_yosys_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="family must be one of ecp5, xc7, xcup, not 'ice40'"):
        synthesize(design(), "ice40", tmp_path)
