"""Everything that can go wrong on the board, one after the other, and what the driver makes of it.

``faults.py PACKAGE FRAMES RESULTS OCCASION…``: each fault comes while the accelerator is loaded or first used (first),
after a first inference (later), or in the middle of a stream (streaming); first, where it can't come at any of those
that are given. What was raised, and how many integers are wrong after ``reset`` (where that fails, when it was loaded
again), goes to RESULTS (.json): {fault: {occasion: None where the fault had none, or what came of it}}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pynq
from codesign_board import Accelerator
from codesign_board.errors import BoardError

from sw.simboard.faults import FAULTS, Fault

PATIENCE_S = 0.2
package, frames, results, *occasions = sys.argv[1:]
frames = np.load(frames)
given, expected, floats = frames["integers"], frames["expected"], frames["floats"]
faults = pynq.Device.active_device.system.faults


def load() -> Accelerator:
    return Accelerator.load(package, patience_s=PATIENCE_S)


def selftest(acc: Accelerator) -> None:
    acc.selftest(frames=len(given)).raise_for_mismatch()


def first(fault: Fault) -> Iterator[Accelerator]:
    """The fault comes while the accelerator is loaded or first used."""
    faults.append(fault)
    acc = load()
    yield acc
    selftest(acc)


def later(fault: Fault) -> Iterator[Accelerator]:
    """It comes when all was well so far, in the next inference or the next reset."""
    acc = load()
    yield acc
    acc.infer_integers(given)
    faults.append(fault)
    selftest(acc)
    acc.reset()


def streaming(fault: Fault) -> Iterator[Accelerator]:
    """It meets the second of three transfers, while the first is read and the third packed."""
    acc = load()
    yield acc
    faults.append(fault)
    list(acc.stream([floats[:2], floats[2:4], floats[4:]]))


OCCASIONS = {"first": (first, 1), "later": (later, 1), "streaming": (streaming, 2)}
COUNTS = {
    # The output buffers are flushed when they are new, then the input's in each transfer.
    "unflushed": {"first": 3, "later": 1, "streaming": 4},
}
"""The occasion that a fault strikes at, where it is not that of ``OCCASIONS``."""


def provoke(fault: Fault, when: Callable[[Fault], Iterator[Accelerator]]) -> dict[str, Any] | None:
    """Return what came of a fault, None where it had no occasion."""
    faults.clear()
    acc, caught, started = None, None, time.monotonic()
    steps = when(fault)
    try:
        acc = next(steps)
        list(steps)
    except BoardError as error:
        caught = error
    seconds = time.monotonic() - started
    acc, cure = acc or load(), "reset"
    if not fault.struck:
        acc.close()
        return None
    try:
        acc.reset()
    except BoardError:
        acc.close()
        acc, cure = load(), "load"
    with acc:
        wrong = int(np.count_nonzero(acc.infer_integers(given) != expected))
    kinds = [kind.__name__ for kind in type(caught).__mro__]
    state = getattr(caught, "state", {})
    told = {"kinds": kinds, "text": str(caught), "state": state, "seconds": seconds}
    return {**told, "cure": cure, "wrong": wrong}


found = {}
for name, fault in FAULTS.items():
    if fault.weights:  # this accelerator loads none
        continue
    counts = COUNTS.get(name, {at: count for at, (_, count) in OCCASIONS.items()})
    found[name] = {at: provoke(fault(counts[at]), OCCASIONS[at][0]) for at in occasions if at in counts}
    if not any(found[name].values()):
        found[name]["first"] = provoke(fault(counts["first"]), first)
Path(results).write_text(json.dumps(found))
