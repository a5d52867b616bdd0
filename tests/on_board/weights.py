"""An accelerator that loads its weights: batches, then every fault of their way in, and what a reset makes of it.

``weights.py PACKAGE FRAMES RESULTS``: FRAMES (.npz) has ``integers``, and the ``expected`` ones; how many were wrong at
first, and of each fault what was raised and how many were wrong after ``reset``, goes to RESULTS (.json).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import codesign_board.weights
import numpy as np
import pynq
from codesign_board import Accelerator
from codesign_board.errors import BoardError

from sw.simboard.faults import FAULTS

package, frames, results = sys.argv[1:]
frames = np.load(frames)
given, expected = frames["integers"], frames["expected"]
faults = pynq.Device.active_device.system.faults
codesign_board.weights.TRANSFER_BYTES = 500  # some frames' weights: transfers are begun again while frames run
found = {"version": pynq.__version__}

with Accelerator.load(package, patience_s=0.2) as acc:
    found["wrong"] = sum(int(np.count_nonzero(acc.infer_integers(given) != expected)) for _ in range(2))
    found["registers"] = acc.registers()
    for name, fault in FAULTS.items():
        if not fault.weights:
            continue
        faults[:] = [fault(2)]
        told = None
        try:
            acc.infer_integers(given)
        except BoardError as error:
            told = str(error)
        acc.reset()
        found[name] = [told, int(np.count_nonzero(acc.infer_integers(given) != expected))]
Path(results).write_text(json.dumps(found))
