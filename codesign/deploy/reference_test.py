"""The model as a place, and two places held against each other: ties are told from faults."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator, Package
from codesign_board.compare import RANDOM, Comparison, compare
from codesign_board.errors import BoardError, Mismatch, PackageError
from codesign_board.samples import Samples
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from rich.console import Console

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.build.packaging import contents_of
from codesign.deploy.conftest import PASSED_OVER
from codesign.deploy.package import write_package
from codesign.deploy.reference import GraphPlace, Reference
from codesign.graph import IntegerGraph
from codesign.ingest.testing import Net

MODULE = [sys.executable, "-m", "codesign_board"]


class Faulty(GraphPlace):
    """An accelerator that gets one integer wrong in every transfer that is long enough."""

    frame, at = 33, 2

    def finish(self, slot: int) -> np.ndarray:
        made = super().finish(slot).copy()
        port = self.package.output
        position = self.frame * port.frame_bytes + self.at // port.lanes * port.bytes_per_word
        if position < made.size:
            made[position] ^= 1
        return made


def accelerator(package: Package, graph: IntegerGraph, kind: type[GraphPlace] = GraphPlace) -> Accelerator:
    return Accelerator(package, kind(package, graph))


@pytest.fixture
def loaded(package: Path) -> Package:
    return Package.load(package)


@pytest.fixture
def frames(loaded: Package) -> int:
    """As many as are compared."""
    return len(Samples.of(loaded).inputs) + RANDOM


@pytest.fixture
def graph(config: BuildConfig) -> IntegerGraph:
    return IntegerGraph.load(config.output_dir / "graph")


def test_floats_are_what_qonnx_computes(loaded: Package) -> None:
    x = Samples.of(loaded).inputs[:4]
    model = ModelWrapper(str(loaded.file("model")))
    name = model.graph.input[0].name
    expected = [next(iter(execute_onnx(model, {name: frame[None]}).values()))[0] for frame in x]
    with Accelerator.load(loaded, "reference") as reference:
        np.testing.assert_allclose(reference.infer(x), np.stack(expected), rtol=1e-5, atol=1e-5)
        streamed = list(reference.stream([x[0], x[1:]]))
    np.testing.assert_allclose(streamed[0], expected[0], rtol=1e-5, atol=1e-5)
    assert streamed[1].shape == (3, *loaded.tail.model_shape)


def test_integers_are_the_graphs(loaded: Package, graph: IntegerGraph) -> None:
    port = loaded.input
    q = np.random.default_rng(2).integers(port.low, port.high, (700, *port.shape), endpoint=True)
    with Accelerator.load(loaded, "reference") as reference:
        np.testing.assert_array_equal(reference.infer_integers(q), graph.run(q))
        assert reference.selftest().mismatches == 0
        held = reference.registers()
        assert (held["BUILD"] % 2**32, held["FRAMES_OUT"]) == (
            loaded.build % 2**32,
            700 + len(Samples.of(loaded).inputs),
        )
        with pytest.raises(BoardError, match="The reference is no hardware"):
            reference.benchmark()


def test_a_model_that_is_not_the_accelerators_is_refused(package: Path, tmp_path: Path) -> None:
    net = Net((1, 6, 16))
    net.save(net.quant(net.quant("x", 0.05, 8), 0.1, 4), tmp_path / "other.onnx")
    loaded = Package.load(package)
    other = replace(loaded, manifest={**loaded.manifest, "files": {"model": str(tmp_path / "other.onnx")}})
    with pytest.raises(PackageError, match=r"other\.onnx is not the accelerator's: build the package again"):
        Reference(other)
    (tmp_path / "other.onnx").write_text("no model")
    with pytest.raises(PackageError, match=r"other\.onnx cannot be run here: "):
        Reference(other)


def test_the_same_is_equal(loaded: Package, graph: IntegerGraph, frames: int) -> None:
    result = compare(Reference(loaded), accelerator(loaded, graph))
    assert (result.mismatches, result.frames, result.integers) == (0, frames, 10 * frames)
    result.raise_for_mismatch()
    assert str(result).startswith(f"residual, reference against reference: {frames} frames, {10 * frames} integers")


@pytest.mark.parametrize("swapped", [False, True])
def test_one_wrong_integer_is_found_and_named(loaded: Package, graph: IntegerGraph, swapped: bool) -> None:
    good, bad = Reference(loaded), accelerator(loaded, graph, Faulty)
    result = compare(bad, good) if swapped else compare(good, bad)
    found = result.first
    assert found is not None
    assert (found.what, found.frame, found.index) == ("integers", 33, (2,))
    assert abs(found.values[0] - found.values[1]) == 1
    assert result.mismatches == 2  # as an integer and as a float
    with pytest.raises(Mismatch, match=r"in the integers of frame 33 at \[2\]: reference -?\d+, reference -?\d+"):
        result.raise_for_mismatch()


def test_a_wrong_float_behind_right_integers_is_found(loaded: Package, graph: IntegerGraph, frames: int) -> None:
    offset = loaded.tail.offset.copy()
    offset[1] += loaded.tail.scale[1] if loaded.tail.scale.size > 1 else loaded.tail.scale[0]
    wrong = replace(loaded, tail=replace(loaded.tail, offset=offset))
    result = compare(Reference(loaded), accelerator(wrong, graph))
    assert result.first is not None
    assert (result.first.what, result.first.index, result.mismatches) == ("floats", (1,), frames)


def test_only_one_package_is_compared(loaded: Package, graph: IntegerGraph) -> None:
    with pytest.raises(BoardError, match="these run different ones"):
        compare(Reference(loaded), accelerator(replace(loaded, build=7), graph))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a net whose wide outputs make float32 fall the other way often."""
    folder = tmp_path_factory.mktemp("wide")
    net, rng = Net((1, 4, 16)), np.random.default_rng(0)
    w = net.weights(rng.standard_normal((8, 4, 5)), bits=8)
    y = net.op("Conv", net.quant("x", 0.02, 10), w, kernel_shape=[5], pads=[2, 2], strides=[1], dilations=[1])
    y = net.bn(y, rng.uniform(-1, 1, 8), rng.standard_normal(8), rng.standard_normal(8), rng.uniform(1, 9, 8))
    model = net.save_raw(net.quant(y, 0.0001, 16), folder / "wide.onnx")
    config = BuildConfig(str(model), "zcu104", folder / "out", target_fps=1000)
    steps = [step for step in STEPS if step.name not in PASSED_OVER]
    run_steps(steps, config, stop_step="emit", console=Console(quiet=True))
    write_package(folder / "deploy", contents_of(config))
    return folder


def test_float32_may_differ_on_listed_near_ties_only(wide: Path) -> None:
    loaded, graph = Package.load(wide / "deploy"), IntegerGraph.load(wide / "out/graph")
    reference = Reference(loaded)

    def run() -> Comparison:
        return compare(accelerator(loaded, graph), reference, frames=300)

    result = run()
    assert result.near_ties > 0
    assert result.mismatches == 0, result
    assert f"in {result.near_ties} frames float32 falls otherwise on a listed near tie" in str(result)
    unlisted = tuple(replace(segment, near_ties=()) for segment in reference._report.segments)
    reference._report = replace(reference._report, segments=unlisted)
    found = run()
    assert (found.near_ties, found.mismatches >= result.near_ties) == (0, True)
    assert found.first is not None
    assert found.first.what == "floats"


def test_the_command_line_says_it_by_its_status(package: Path, frames: int) -> None:
    def run(folder: Path, places: str) -> subprocess.CompletedProcess[str]:
        command = [*MODULE, "compare", str(folder), "--places", places]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    equal = run(package, "reference,reference")
    assert (equal.returncode, equal.stderr) == (0, "")
    assert f"{10 * frames} integers and as many floats, all equal" in equal.stdout
    alone = run(package, "reference")
    assert (alone.returncode, "must name two places" in alone.stderr) == (2, True)
    unknown = run(package, "reference,moon")
    assert (unknown.returncode, "There is no place 'moon'" in unknown.stderr) == (2, True)
