"""Executing FINN's model beside the IntegerGraph; runs in FINN's process."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from codesign.graph import IntegerGraph
from hw.finn.emit import Emission
from hw.finn.witness import executable

CHUNK = 32
"""Frames traced at a time: a whole data set's intermediate tensors need not fit in memory."""


def execution(job: dict[str, Any]) -> dict[str, Any]:
    """Execute the job's model on every frame of its ``x`` (int64 [N, *shape]) and compare with its graph."""
    graph = IntegerGraph.load(Path(job["graph"]))
    return compare(graph, np.load(job["x"]), Path(job["model"]), job["budget_s"] or float("inf"))


def compare(graph: IntegerGraph, x: np.ndarray, path: Path, budget_s: float) -> dict[str, Any]:
    """Return the number of mismatches and the first one, over the outputs of the operators that the model holds.

    Once ``budget_s`` seconds of execution are spent no further frame is begun.
    """
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    emission, model = executable(graph), ModelWrapper(str(path))
    first: tuple[int, int, dict[str, Any]] | None = None
    mismatches, frames, seconds = 0, 0, 0.0
    for number, frame in enumerate(_frames(graph, x)):
        if number and seconds >= budget_s:
            break
        begin = time.perf_counter()
        context = execute_onnx(model, _inputs(emission, frame), return_full_exec_context=True)
        seconds += time.perf_counter() - begin
        frames += 1
        for position, op in enumerate(graph.operators):
            if op.output in emission.missing:
                continue
            count, record = _differences(emission, op.output, frame[op.output], context)
            mismatches += count
            if count and (first is None or (position, number) < first[:2]):
                first = position, number, {**record, "frame": number}
    return {
        "frames": frames,
        "mismatches": mismatches,
        "first_difference": first and first[2],
        "seconds": seconds,
        "operators": dict(Counter(node.op_type for node in model.graph.node)),
    }


def _frames(graph: IntegerGraph, x: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    """Every tensor's integers, frame by frame."""
    for start in range(0, len(x), CHUNK):
        trace = graph.trace(x[start : start + CHUNK])
        for k in range(len(trace[graph.input])):
            yield {tensor: values[k] for tensor, values in trace.items()}


def _inputs(emission: Emission, frame: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What FINN's model takes: the frame itself, and what the graph computes where FINN has no operator."""
    return {
        emission.names[name]: emission.signed(name, frame[name])
        .reshape(emission.model.get_tensor_shape(emission.names[name]))
        .astype(np.float32)
        for name in emission.given
    }


def _differences(
    emission: Emission, name: str, wanted: np.ndarray, context: dict[str, np.ndarray]
) -> tuple[int, dict[str, Any]]:
    """How many integers of an operator's output differ, and the first of them."""
    found = emission.signed(name, context[emission.names[name]].astype(np.float64).reshape(wanted.shape))
    different = found != wanted
    count = int(different.sum())
    if not count:
        return 0, {}
    index = tuple(int(i) for i in np.argwhere(different)[0])
    return count, {"operator": name, "index": index, "expected": int(wanted[index]), "found": float(found[index])}
