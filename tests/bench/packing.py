"""Packing on the host: a million 4-bit integers into a buffer and back, against FINN+'s driver.

finn-plus-driver 1.6.1 packs with ``finnpy_to_packed_bytearray`` and unpacks with ``packed_bytearray_to_finnpy``, both
with ``reverse_inner`` and ``reverse_endian`` and nothing else to set; finn-plus 1.6.1 has the same functions in
``finn.util.data_packing``. Of their three paths only the general one takes 4-bit integers. It is given the shapes and
types that a user may have, and the fastest of them counts: packing includes its driver's ``np.copyto`` into the buffer,
unpacking its copy out of the buffer, as here. With the two reversals the words are ours: lane 0 in the lowest bits.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
from codesign_board import native
from codesign_board.package import Port
from codesign_board.packing import pack, unpack

from tests.bench.figures import Figure
from tests.environments import ROOT

COUNT = 1_000_000
SHAPES = ((1, COUNT), (1000, 1000), (1000, 10, 100), (15625, 64))
"""Frames, and folded dimensions of which the last is a word."""
TYPES = (np.int8, np.float32, np.int64)
BARS = {"numpy": 30, "c": 300}
"""How many times faster than FINN+'s, at least."""
ROUNDS, OURS = 10, 20
"""Every round times FINN+'s driver once and ours some times; the best counts. It is the processor's time that counts:
all of it runs in one thread, and other processes' load is no part of it."""
PROCESSES = 15
IMPORTS = {"the driver with numpy": "codesign_board", "numpy alone": "numpy"}
SECONDS = 0.3
"""For the driver's import, at most."""


def measure() -> Iterator[Figure]:
    """Time both drivers in turn and compare what they make; then what fresh processes take to import the driver."""
    runs = [Run(shape) for shape in SHAPES]
    for _ in range(ROUNDS):
        for run in runs:
            run.round()
    yield Figure(
        "bytes and integers that differ from FINN+'s", sum(run.differing() for run in runs), "", "measured", at_most=0
    )
    for what in ("packing", "unpacking"):
        finn = min(run.best["FINN+", what] for run in runs)
        yield Figure(f"FINN+'s driver, {what}", 1e3 * finn, "ms", "measured")
        for name, bar in BARS.items():
            ours = max(run.best[name, what] for run in runs)
            yield Figure(f"{name}, {what}", 1e3 * ours, "ms", "measured")
            yield Figure(f"{name}, {what}, times FINN+'s speed", finn / ours, "x", "measured", at_least=bar)
    for what, module in IMPORTS.items():
        most = SECONDS if module == "codesign_board" else None
        yield Figure(f"import of {what}", fresh_import(module), "s", "measured", at_most=most)


class Run:
    """The same integers for both drivers, in one shape.

    Attributes:
        best: the least seconds so far, by driver and by what it did; FINN+'s over all types of ``TYPES``.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        from finn.util.data_packing import finnpy_to_packed_bytearray, packed_bytearray_to_finnpy
        from qonnx.core.datatype import DataType

        lanes, frame = shape[-1], int(np.prod(shape[1:]))
        self.port = Port(lanes, 4, True, frame // lanes, lanes // 2, -8, 7, shape[1:])
        self.values = np.random.default_rng(0).integers(-8, 8, shape)
        self.typed = [self.values.astype(kind) for kind in TYPES]
        self.finn_buffer = np.zeros((*shape[:-1], lanes // 2), np.uint8)
        self.buffer = np.zeros(COUNT // 2, np.uint8)
        self.best: dict[tuple[str, str], float] = defaultdict(lambda: math.inf)
        order = {"reverse_inner": True, "reverse_endian": True}
        self._finn_pack = partial(finnpy_to_packed_bytearray, dtype=DataType["INT4"], **order)
        self._finn_unpack = partial(packed_bytearray_to_finnpy, dtype=DataType["INT4"], output_shape=shape, **order)

    def round(self) -> None:
        """Time everything."""
        for given in self.typed:
            self._time("FINN+", "packing", partial(self._finn_pack_into_buffer, given))
        self._time("FINN+", "unpacking", lambda: self._finn_unpack(self.finn_buffer.copy()))
        for name in BARS:
            with implementation(name):
                for _ in range(OURS):
                    self._time(name, "packing", lambda: pack(self.typed[0], self.port, self.buffer))
                    self._time(name, "unpacking", lambda: unpack(self.buffer, self.port, len(self.values)))

    def _finn_pack_into_buffer(self, given: np.ndarray) -> None:
        np.copyto(self.finn_buffer, self._finn_pack(given))

    def differing(self) -> int:
        """Return how many bytes and integers are not the same."""
        found = self._finn_unpack(self.finn_buffer)
        count = 0
        for name in BARS:
            with implementation(name):
                self.buffer.fill(0)
                pack(self.typed[0], self.port, self.buffer)
                count += int(np.sum(self.buffer != self.finn_buffer.reshape(-1)))
                mine = unpack(self.buffer, self.port, len(self.values))
                count += int(np.sum(mine != found)) + int(np.sum(mine != self.values))
        return count

    def _time(self, driver: str, what: str, call: Callable[[], object]) -> None:
        start = time.thread_time()
        call()
        self.best[driver, what] = min(self.best[driver, what], time.thread_time() - start)


@contextmanager
def implementation(name: str) -> Iterator[None]:
    """Use ``numpy`` or ``c``."""
    before = os.environ.get(native.SWITCH)
    os.environ[native.SWITCH] = "1" if name == "c" else "0"
    try:
        assert native.available() is (name == "c"), "there is no C compiler here"
        yield
    finally:
        os.environ.pop(native.SWITCH)
        if before is not None:
            os.environ[native.SWITCH] = before


def fresh_import(module: str) -> float:
    """Return the median of the seconds that a fresh process takes to import a module."""
    program = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    run = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sw" / "board")}
    found = [
        float(subprocess.run(run, env=environment, check=True, capture_output=True).stdout) for _ in range(PROCESSES)
    ]
    return statistics.median(found)
