"""FINN's side of the witness: ``python -m hw.finn.worker`` reads a job a line and answers with a line."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from codesign.graph import IntegerGraph
from hw.finn import environment
from hw.finn.emit import translate

CHUNK = 32
"""Frames traced at a time: a whole data set's intermediate tensors need not fit in memory."""


def main() -> None:
    """Answer jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever FINN prints goes to the log
    environment.bootstrap()
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = compare(IntegerGraph.load(Path(job["graph"])), np.load(job["x"]), Path(job["model"]))
        except Exception as error:  # the other side names it to the user; the log has the rest
            traceback.print_exc()
            first = str(error).strip().splitlines()
            answer = {"error": f"{type(error).__name__}: {first[0] if first else ''}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def compare(graph: IntegerGraph, x: np.ndarray, path: Path) -> dict[str, Any]:
    """Execute the model at ``path`` on every frame of ``x`` (int64 [N, *shape]); return WitnessResult's fields."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    emission, model = translate(graph), ModelWrapper(str(path))
    source = model.graph.input[0].name
    shape = model.get_tensor_shape(source)
    order = {op.output: i for i, op in enumerate(graph.operators)}
    first: tuple[int, int, dict[str, Any]] | None = None
    mismatches, seconds = 0, 0.0
    for start in range(0, len(x), CHUNK):
        expected = graph.trace(x[start : start + CHUNK])
        for k in range(len(expected[graph.input])):
            begin = time.perf_counter()
            frame = x[start + k].reshape(shape).astype(np.float32)
            context = execute_onnx(model, {source: frame}, return_full_exec_context=True)
            seconds += time.perf_counter() - begin
            for name, position in order.items():
                wanted = expected[name][k]
                found = context[emission.names[name]].astype(np.float64).reshape(wanted.shape)
                found = found * emission.signs.get(name, 1)
                different = found != wanted
                count = int(different.sum())
                mismatches += count
                if count and (first is None or (position, start + k) < first[:2]):
                    index = tuple(int(i) for i in np.argwhere(different)[0])
                    record = {
                        "operator": name,
                        "frame": start + k,
                        "index": index,
                        "expected": int(wanted[index]),
                        "found": float(found[index]),
                    }
                    first = position, start + k, record
    return {
        "frames": len(x),
        "mismatches": mismatches,
        "first_difference": first and first[2],
        "seconds": seconds,
        "operators": dict(Counter(node.op_type for node in model.graph.node)),
    }


if __name__ == "__main__":
    main()
