"""FINN's Python executors as a witness of the IntegerGraph: the same integers on every edge, or the first that differs.

FINN runs in a process of its own, which lives on between calls (its import takes seconds) and is killed where it
exceeds its time.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import ToolFailed, UserError, VerificationFailed
from codesign.graph import Conv, IntegerGraph, MatMul
from hw.finn import environment
from hw.finn.emit import emit

EXACT = 2**24
"""FINN's executors compute in float32, which holds every integer below this."""


@dataclass(frozen=True)
class Difference:
    """The first integer that differs, by the graph's order of operators, then frame, then position.

    Attributes:
        operator: the output's name of the operator.
        frame: index of the frame.
        index: position in the frame, channels last.
        expected: the IntegerGraph's integer.
        found: FINN's number.
    """

    operator: str
    frame: int
    index: tuple[int, ...]
    expected: int
    found: float


@dataclass(frozen=True)
class WitnessResult:
    """What FINN said.

    Attributes:
        frames: frames compared.
        mismatches: integers that differ, over all operators' outputs and frames.
        first_difference: None where nothing differs.
        seconds: wall-clock time of FINN's executions, without its import.
        operators: FINN's operators that ran, by kind.
    """

    frames: int
    mismatches: int
    first_difference: Difference | None
    seconds: float
    operators: dict[str, int]

    def require(self) -> None:
        """Raise VerificationFailed where FINN differs."""
        if self.first_difference is not None:
            d = self.first_difference
            raise VerificationFailed(
                f"FINN's execution differs in {self.mismatches} integers, first at operator {d.operator}, "
                f"frame {d.frame}, index {list(d.index)}: expected {d.expected}, found {d.found:g}."
            )


def witness(graph: IntegerGraph, x: np.ndarray, *, limit_s: float = 600, model: Path | None = None) -> WitnessResult:
    """Run every frame through FINN's executors and compare all operators' outputs with ``graph.trace``.

    Args:
        graph: the specification.
        x: int64 [N, *shape], the graph's integer input.
        limit_s: time for all of it; where FINN takes longer its process is killed.
        model: FINN's model as ``save`` wrote it and others may have changed it; by default it is made here.

    Raises:
        MissingTool: FINN is not installed.
        Refused: the graph has no exact form in FINN's operators.
        UserError: the graph's integers are too large for FINN's float32 executors, or ``x`` has another shape.
        ToolFailed: FINN failed or did not end in time.
    """
    environment.require()
    shape = graph.tensors[graph.input].shape
    if x.shape[1:] != shape or len(x) == 0:
        raise UserError(
            f"the frames for {graph.name} must have the shape (N, {', '.join(map(str, shape))}), not {x.shape}"
        )
    _check_exact(graph)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        graph.save(folder / "graph")
        np.save(folder / "x.npy", x)
        if model is None:
            model = folder / "model.onnx"
            emit(graph).save(str(model))
        job = {"graph": str(folder / "graph"), "x": str(folder / "x.npy"), "model": str(Path(model).resolve())}
        answer = _Worker.shared().ask(job, limit_s, graph.name)
    first = answer.pop("first_difference")
    if first is not None:
        first = Difference(**{**first, "index": tuple(first["index"])})
    return WitnessResult(first_difference=first, **answer)


def _check_exact(graph: IntegerGraph) -> None:
    """Raise UserError where a sum can leave the integers that float32 holds, in whatever order it is added up."""
    for op in graph.operators:
        t = graph.tensors[op.output]
        bound = max(abs(int(t.low.min())), abs(int(t.high.max())))
        if isinstance(op, Conv | MatMul):
            source = graph.tensors[op.inputs[0]]
            largest = int(np.maximum(np.abs(source.low), np.abs(source.high)).max())
            bound = max(bound, int(np.abs(op.weights).reshape(len(op.weights), -1).sum(1).max()) * largest)
        if bound >= EXACT:
            raise UserError(
                f"{op.output} can reach {bound}, and FINN's executors compute in float32, exact below {EXACT} only: "
                "quantize to fewer bits, or leave out this witness"
            )


class _Worker:
    """FINN's process: one JSON line a job, one a result."""

    _shared: _Worker | None = None

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="finn_witness_", suffix=".log")
        self.log, self.keep_log = Path(name), False
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hw.finn.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=handle,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        os.close(handle)
        atexit.register(self.close)

    @classmethod
    def shared(cls) -> _Worker:
        """The process that lives, or a new one."""
        if cls._shared is None or cls._shared.process.poll() is not None:
            cls._shared = cls()
        return cls._shared

    def ask(self, job: dict[str, Any], limit_s: float, name: str) -> dict[str, Any]:
        """Return the answer to ``job``; after ``limit_s`` kill the process and raise ToolFailed."""
        assert self.process.stdin is not None and self.process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(limit_s, kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if late.is_set():
            self.close()
            raise ToolFailed(
                f"FINN's execution of {name} did not end within {limit_s:g} s and was stopped: "
                "give it more time or fewer frames."
            )
        answer: dict[str, Any] = json.loads(line) if line else {"error": f"its process ended: {self.process.wait()}"}
        if "error" in answer:
            self.keep_log = True
            raise ToolFailed(f"FINN's execution of {name} failed ({answer['error']}): see {self.log}.")
        return answer

    def close(self) -> None:
        """End the process; its log goes too unless a failure named it."""
        atexit.unregister(self.close)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self.keep_log:
            self.log.unlink(missing_ok=True)
