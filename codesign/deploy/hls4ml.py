"""The package of a build with hls4ml's back end: the HLS project, what stays in software, samples, and the driver.

Where hls4ml has a block design for the board, the driver runs it: an AXI DMA and the accelerator between its channels,
an integer a word of 32 bits. Elsewhere the package is for whoever puts the IP core into a design of their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from codesign_board.package import BOUND, FORMAT

from codesign.deploy.package import made_by, seal, write_driver, write_zip
from codesign.deploy.samples import Samples
from codesign.files import replacing_folder
from codesign.graph import IntegerGraph, Tensor
from hw.hls4ml.target import DMA_CELL, WORD_BITS, Target

MODEL = "model.onnx"
BOUNDARY = "boundary.json"


@dataclass(frozen=True, eq=False)
class Contents:
    """What a package is made of.

    Attributes:
        graph: what the accelerator computes.
        board: our name of the board.
        target: what hls4ml built for.
        settings: hls4ml's, for people.
        project: folder of the HLS project, with ``boundary.json`` in it.
        results: files of AMD's tools by role (``bitfile``, ``handoff``) and the IP core's folder (``ip``), where there
            are any.
        cycles: ``interval`` and ``first_frame`` in clock cycles, and ``source``.
        samples: frames with the integers that must come out.
        model: the QONNX file.
        classes: labels of the outputs, where they are known.
    """

    graph: IntegerGraph
    board: str
    target: Target
    settings: Mapping[str, Any]
    project: Path
    results: Mapping[str, Path]
    cycles: Mapping[str, Any]
    samples: Samples
    model: Path
    classes: tuple[str, ...] = ()


def write_package(folder: Path, contents: Contents) -> None:
    """Write the package to ``folder`` in place of the one that is there, whole or not at all.

    Raises:
        CodesignError: where the disk is full or the folder cannot be written.
    """
    with replacing_folder(folder) as fresh:
        shutil.copyfile(contents.model, fresh / MODEL)
        shutil.copyfile(contents.project / BOUNDARY, fresh / BOUNDARY)
        write_zip(contents.project, fresh / "project.zip")
        files = {"model": MODEL, "boundary": BOUNDARY, "project": "project.zip"}
        for role, path in contents.results.items():
            if path.is_dir():
                write_zip(path, fresh / f"{role}.zip")
            else:
                shutil.copyfile(path, fresh / path.name)
            files[role] = f"{role}.zip" if path.is_dir() else path.name
        files |= write_driver(fresh, contents.samples)
        seal(fresh, manifest(contents, files))


def manifest(contents: Contents, files: Mapping[str, str]) -> dict[str, Any]:
    """Return all that the driver must know; ``files``: names by role."""
    graph, target = contents.graph, contents.target
    return {
        "format": FORMAT,
        "model": graph.name,
        "board": contents.board,
        "io": "axi",
        "build": 0,  # no register tells
        "clock_mhz": target.clock_mhz,
        "files": dict(files),
        "cells": {"dma": DMA_CELL} if target.board else {},
        "cycles": dict(contents.cycles),
        "input": _port(graph.tensors[graph.input]),
        "output": _port(graph.tensors[graph.output]),
        "head": graph.head.record(),
        "tail": replace(graph.tail, labels=contents.classes or graph.tail.labels).record(),
        "register_map": {"magic": 0, "version": 0, "registers": {}},
        "backend": {"name": "hls4ml", "flow": target.backend, "part": target.part, **contents.settings},
        "made_by": made_by(),
    }


def bound(graph: IntegerGraph, target: Target, io_type: str) -> dict[str, Any]:
    """Return the fewest cycles that a frame can take, as ``Contents.cycles`` has them.

    In a cycle goes an integer through the wrapper of a block design, a position's channels through a stream of an IP
    core, and a whole frame through its parallel ports.
    """
    ends = [graph.tensors[name].shape for name in (graph.input, graph.output)]
    if target.board:
        least, what = max(prod(shape) for shape in ends), "word"
    elif io_type == "io_stream":
        least, what = max(prod(shape[:-1]) for shape in ends), "position"
    else:
        least, what = 1, "frame"
    return {"interval": least, "first_frame": least, "source": f"{BOUND}: at best a cycle a {what}"}


def _port(tensor: Tensor) -> dict[str, Any]:
    """How a frame's integers travel: an integer a word, sign-extended."""
    return {
        "lanes": 1,
        "bits": WORD_BITS,
        "signed": True,
        "words": prod(tensor.shape),
        "bytes_per_word": WORD_BITS // 8,
        "low": int(tensor.low.min()),
        "high": int(tensor.high.max()),
        "shape": list(tensor.shape),
    }
