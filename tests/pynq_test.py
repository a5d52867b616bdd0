"""Stock pynq of three versions, each in its own environment, on the simulated board: by hand, and with the driver."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from codesign_board.package import Package, Port

import quant.models
from codesign.graph import IntegerGraph
from hw.design.design import Design
from hw.design.testdata.loaded import WORDS, chain, sums
from hw.shell import registers
from sw.simboard.faults import FAULTS
from tests import loaded_board
from tests.environments import PYNQ, ROOT, Environment, get
from tests.simulated_board import on_another_board

SCRIPTS = Path(__file__).with_name("on_board")
SECONDS = 180
"""In which a script ends, or it hangs."""
HANGING_S = 30
"""What a fault may take to be told, however busy this machine: far beyond every limit that the driver is given here."""
MHZ = 33.333 * 45
"""The I/O PLL of a booted Zynq UltraScale+, from which the fabric's clock is divided."""
versions = pytest.mark.parametrize("environment", PYNQ, ids=lambda environment: environment.name)


def python(environment: Environment, *arguments: object, board: str = "") -> subprocess.CompletedProcess[str]:
    """Run the environment's Python; without ``board``, the variable BOARD is not set."""
    if not environment.ready:
        pytest.fail(f"the environment {environment.name} is not there: make setup")
    path = os.pathsep.join(map(str, (ROOT, ROOT / "sw" / "board")))
    system = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONPATH": path, "BOARD": board}
    command = [str(environment.python), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=system)


def launch(environment: Environment, folder: Path, *command: object) -> None:
    """Run a script on a simulated board; it must end well."""
    ran = python(environment, "-m", "sw.simboard", folder, *command)
    assert ran.returncode == 0, ran.stderr


def packed(values: np.ndarray, port: Port) -> np.ndarray:
    """Return integers as they lie in memory, by the definition: lane 0 lowest, a word's lowest byte first."""
    words = bytearray()
    for lanes in values.reshape(-1, port.lanes).tolist():
        word = sum(lane % 2**port.bits << place * port.bits for place, lane in enumerate(lanes))
        words += word.to_bytes(port.bytes_per_word, "little")
    return np.frombuffer(bytes(words), np.uint8)


@pytest.fixture(scope="module")
def graph(simulated_build: Path) -> IntegerGraph:
    return IntegerGraph.load(simulated_build / "graph")


@pytest.fixture(scope="module")
def zynq7(simulated_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same accelerator on a Pynq-Z2, whose registers, clocks and addresses are others."""
    return on_another_board(simulated_build, "pynq_z2", tmp_path_factory.mktemp("pynq_z2") / "simboard")


def integers(graph: IntegerGraph, count: int, seed: int) -> np.ndarray:
    """Random ones over the whole range of the input."""
    tensor = graph.tensors[graph.input]
    return np.random.default_rng(seed).integers(tensor.low, tensor.high, (count, *tensor.shape), endpoint=True)


def by_hand(environment: Environment, board: Path, graph: IntegerGraph, folder: Path) -> dict[str, Any]:
    """Let a script without the driver send packed frames; compare what comes back, and return what it saw."""
    package = Package.load(board / "deploy")
    x = integers(graph, 3, seed=1)
    expected = packed(graph.run(x), package.output)
    np.save(folder / "sent.npy", packed(x, package.input))
    arguments = (package.file("bitfile"), folder / "sent.npy", len(expected), folder / "results.npz")
    launch(environment, board, SCRIPTS / "overlay.py", *arguments)
    with np.load(folder / "results.npz") as found:
        np.testing.assert_array_equal(found["uncached"], expected)
        np.testing.assert_array_equal(found["cached"], expected)
        assert (found["early"] != expected).any()  # a cached buffer shows nothing before it is invalidated
        np.testing.assert_array_equal(found["late"], expected)
        seen: dict[str, Any] = json.loads(str(found["seen"]))
    assert "were written but not flushed" in seen["forgotten"]
    assert seen["version"] == environment.name.removeprefix("pynq-")
    assert seen["loaded"]
    assert seen["drivers"] == {"dma": "pynq.lib.dma", "accelerator": "pynq.overlay"}
    assert (seen["magic"], seen["build"]) == (registers.MAGIC, package.build)
    assert seen["frames"] == 9  # through three pairs of buffers
    assert "Idle=1" in seen["status"]
    assert seen["bytes"] == [len(expected)] * 2
    assert seen["device"] == package.board
    return seen


@versions
def test_overlay_buffers_dma_registers_and_clocks(
    environment: Environment, simulated_board: Path, graph: IntegerGraph, tmp_path: Path
) -> None:
    seen = by_hand(environment, simulated_board, graph, tmp_path)
    assert seen["cells"] == {"dma": 0xA000_0000, "accelerator": 0xA001_0000}
    assert seen["clocks"] == pytest.approx([MHZ / 8, MHZ / 10, MHZ / 8])


@pytest.mark.parametrize("environment", PYNQ[1:], ids=lambda environment: environment.name)
def test_a_zynq_7000_is_another_processor(
    environment: Environment, zynq7: Path, graph: IntegerGraph, tmp_path: Path
) -> None:
    seen = by_hand(environment, zynq7, graph, tmp_path)
    assert seen["cells"] == {"dma": 0x4040_0000, "accelerator": 0x43C0_0000}
    assert seen["clocks"] == pytest.approx([200, 1000 / 7, 200])
    assert seen["cpu"] == pytest.approx(650)


ROUGHLY: dict[str, Sequence[str]] = {
    "pynq-4.0.0": (),
    "pynq-3.1.2": ("--memory", "131072"),  # room for some frames: the batch is split
    "pynq-3.0.1": ("--stalls=0.3",),
}
"""What else is not as it should be, while the sequences go through."""


@versions
def test_two_hundred_sequences_without_a_mismatch(
    environment: Environment, simulated_board: Path, graph: IntegerGraph, tmp_path: Path
) -> None:
    floats, ours = quant.models.get("skeleton-tiny").sample_inputs(100, seed=3), integers(graph, 100, seed=2)
    expected = graph.run(graph.head.run(floats)), graph.run(ours)
    assert len(np.unique(expected[0], axis=0)) > 90 and len(np.unique(expected[1], axis=0)) == 100
    np.savez(tmp_path / "frames.npz", floats=floats, integers=ours)
    arguments = (simulated_board / "deploy", tmp_path / "frames.npz", tmp_path / "results.npz")
    launch(environment, simulated_board, *ROUGHLY[environment.name], SCRIPTS / "inference.py", *arguments)
    with np.load(tmp_path / "results.npz") as found:
        back = np.rint((found["floats"] - graph.tail.offset) / graph.tail.scale)
        assert int((back != expected[0]).sum()) + int((found["integers"] != expected[1]).sum()) == 0
        np.testing.assert_array_equal(found["floats"], graph.tail.run(expected[0]))
        np.testing.assert_array_equal(found["streamed"], found["floats"][:5])
        seen = json.loads(str(found["seen"]))
    assert (seen["version"], seen["place"], seen["where"]) == (environment.name.removeprefix("pynq-"), "pynq", "ZCU104")
    assert seen["clock"] == pytest.approx(MHZ / 8) and seen["clock"] < seen["registers"]["CLOCK_HZ"] / 1e6
    assert seen["registers"]["FRAMES_OUT"] == 205 and seen["registers"]["ERRORS"] == 0
    assert "96 frames, 960 integers" in seen["selftest"] and "all equal" in seen["selftest"]


DMA = "The DMA's channel"
EXPECTED = {
    "dma_internal_error": ("TransferError", f"{DMA} S2MM reports an internal error", ("S2MM_DMASR", 1 << 4)),
    "dma_slave_error": ("TransferError", f"{DMA} MM2S reports a slave error", ("MM2S_DMASR", 1 << 5)),
    "dma_decode_error": ("TransferError", f"{DMA} S2MM reports a decode error", ("S2MM_DMASR", 1 << 6)),
    "hang": ("TransferTimeout", "nothing has moved for too long", ("S2MM_DMACR", 1)),
    "input_hang": ("TransferTimeout", "The accelerator does not take its input", ("MM2S_DMACR", 1)),
    "short_transfer": ("TransferError", "bytes came back from the accelerator", ("S2MM_DMASR", 1 << 1)),
    "wrong_bitstream": ("PlaceError", "an accelerator of another build: register BUILD is", ("S2MM_DMASR", 1)),
    "exhausted": ("MemoryShortage", "bytes of contiguous memory", ("S2MM_DMASR", 1)),
    "unflushed": ("Incoherent", "were written but not flushed", ("MM2S_DMACR", 1)),
    "stale": ("Incoherent", "and they were not invalidated", ("S2MM_DMASR", 1 << 1)),
    "dma_reset_stuck": ("TransferTimeout", "The DMA does not come out of its reset", ("MM2S_DMACR", 1 << 2)),
}
"""Of each fault: what is raised, words of its text, and a bit that a register has in its state."""
WEIGHTS_TOLD = {
    "weights_slave_error": "The weights DMA's channel MM2S reports a slave error",
    "weights_hang": "It waits for weights: it has taken",
    "weights_cut": "reports ERRORS.WEIGHTS: a packet of weights was cut short",
}
"""Of each fault of the weights' way in: words of what is raised."""
AT_LOADING = {"dma_reset_stuck": ("PlaceError", "No DMA answers on ZCU104: The DMA does not come out of its reset")}
"""What is raised in place of that while the accelerator is loaded."""
CURED = {("dma_reset_stuck", "later")}
"""What ``reset`` cures by itself: it configures the fabric anew."""
WITHOUT = {
    "wrong_bitstream": {"later", "streaming"},
    "exhausted": {"later"},
    "dma_reset_stuck": {"streaming"},
}
"""When a fault has no occasion: bitfiles and buffers are taken at the beginning only, for example."""


@versions
def test_every_fault_is_a_clear_error_and_a_reset_cures_it(
    environment: Environment, simulated_board: Path, graph: IntegerGraph, tmp_path: Path
) -> None:
    floats, ours = quant.models.get("skeleton-tiny").sample_inputs(6, seed=4), integers(graph, 3, seed=5)
    np.savez(tmp_path / "frames.npz", floats=floats, integers=ours, expected=graph.run(ours))
    occasions = ("first", "later", "streaming") if environment is PYNQ[0] else ("later",)
    arguments = (simulated_board / "deploy", tmp_path / "frames.npz", tmp_path / "results.json", *occasions)
    launch(environment, simulated_board, SCRIPTS / "faults.py", *arguments)
    found = json.loads((tmp_path / "results.json").read_text())
    assert set(found) == {name for name, fault in FAULTS.items() if not fault.weights} == set(EXPECTED)
    for name, (*otherwise, _) in EXPECTED.items():
        struck = {occasion for occasion, came in found[name].items() if came}
        assert struck == (set(occasions) - WITHOUT.get(name, set()) or {"first"}), name
        for occasion in struck:
            came, at_loading = found[name][occasion], occasion == "first" and name in AT_LOADING
            assert (came["cure"], came["wrong"]) == ("reset", 0), (name, occasion)
            assert came["seconds"] < HANGING_S, (name, occasion)
            if (name, occasion) in CURED:
                assert came["kinds"][0] == "NoneType"
                continue
            kind, text = AT_LOADING[name] if at_loading else otherwise
            assert came["kinds"][0] == kind and "BoardError" in came["kinds"], (name, occasion, came)
            assert text in came["text"], (name, occasion)
            register, bit = EXPECTED[name][2]
            if not at_loading:
                assert came["state"][register] & bit, (name, occasion, came["state"])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Design, Path]:
    """A design that loads its weights, and a simulated board of it."""
    design = chain()
    return design, loaded_board.board(tmp_path_factory.mktemp("loaded"), design).parent


@versions
def test_weights_that_are_loaded(environment: Environment, loaded: tuple[Design, Path], tmp_path: Path) -> None:
    design, board = loaded
    q = np.random.default_rng(7).integers(loaded_board.LOW, loaded_board.HIGH, (60, WORDS, 1), endpoint=True)
    np.savez(tmp_path / "frames.npz", integers=q, expected=sums(design, q))
    arguments = (board / "deploy", tmp_path / "frames.npz", tmp_path / "results.json")
    launch(environment, board, "--stalls=0.2", SCRIPTS / "weights.py", *arguments)
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["version"] == environment.name.removeprefix("pynq-") and found["wrong"] == 0
    assert found["registers"]["ERRORS"] == 0 and found["registers"]["LOADED"] >= 1 + 2 * 60 * 3
    for name, words in WEIGHTS_TOLD.items():
        told, wrong = found[name]
        assert words in told and wrong == 0, (name, told)
    assert {name for name, fault in FAULTS.items() if fault.weights} == set(WEIGHTS_TOLD)


@versions
def test_an_overlay_that_was_replaced_is_left_alone(environment: Environment, simulated_board: Path) -> None:
    package = simulated_board / "deploy"
    ran = python(environment, "-m", "sw.simboard", simulated_board, SCRIPTS / "twice.py", package)
    assert ran.returncode == 0, ran.stderr
    refused = "Another overlay was loaded on ZCU104 since skeleton-tiny: load it again."
    assert ran.stdout.splitlines() == [refused, refused, "closed"]


def test_a_command_on_the_board(simulated_board: Path) -> None:
    test = ("-m", "codesign_board", "selftest", simulated_board / "deploy")
    refused = python(PYNQ[1], "-m", "sw.simboard", simulated_board, "--fault", "wrong_bitstream", *test)
    assert refused.returncode == 2
    assert "an accelerator of another build: register BUILD is" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_package_for_another_board_is_refused(zynq7: Path, simulated_board: Path) -> None:
    test = ("-m", "codesign_board", "selftest", simulated_board / "deploy")
    refused = python(PYNQ[-1], "-m", "sw.simboard", zynq7, *test)
    assert refused.returncode == 2
    assert "The package is for the board zcu104, and this is PYNQ-Z2: build for this board." in refused.stderr


def test_a_board_without_pynq_is_told_so(simulated_board: Path) -> None:
    test = ("-m", "codesign_board", "selftest", simulated_board / "deploy")
    refused = python(get("numpy-2"), *test, board="ZCU104")
    assert refused.returncode == 2
    assert "PYNQ is missing (No module named 'pynq')" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "{script}"), "nowhere is no simulated board"),
        (("{board}", "nothing.py"), "There is no script nothing.py."),
        (("{board}",), "There is nothing to run"),
        (("{board}", "--fault", "fire", "{script}"), f"'fire': it must be one of {', '.join(FAULTS)}."),
        (("{board}", "--fault", "hang:0", "{script}"), "'hang:0' must strike at a whole number from 1 on"),
        (("{board}", "--stalls", "nan", "{script}"), "stalls=nan of the simulated board must be a probability"),
        (("{board}", "--stalls", "abc", "{script}"), "--stalls: invalid float value: 'abc'"),
        (("{board}", "--memory", "0", "{script}"), "memory=0 of the simulated board must be a whole number of bytes"),
    ],
)
def test_the_launcher_says_what_is_wrong(arguments: Sequence[str], words: str, simulated_board: Path) -> None:
    given = [argument.format(board=simulated_board, script=SCRIPTS / "overlay.py") for argument in arguments]
    refused = python(PYNQ[0], "-m", "sw.simboard", *given)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_launcher_without_pynq(simulated_board: Path) -> None:
    refused = python(get("numpy-2"), "-m", "sw.simboard", simulated_board, SCRIPTS / "overlay.py")
    assert refused.returncode == 3
    assert "pynq is missing in" in refused.stderr
