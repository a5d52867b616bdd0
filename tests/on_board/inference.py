"""What a user of the driver writes: load, infer, look at the board.

``inference.py PACKAGE FRAMES RESULTS``: FRAMES (.npz) has ``floats`` and ``integers``; what came back goes to RESULTS.
"""

import json
import sys

import numpy as np
import pynq
from codesign_board import Accelerator

package, frames, results = sys.argv[1:]
frames = np.load(frames)

with Accelerator.load(package) as acc:
    floats = acc.infer(frames["floats"])
    integers = acc.infer_integers(frames["integers"])
    streamed = np.stack(list(acc.stream(frames["floats"][:5])))
    seen = {
        "version": pynq.__version__,
        "place": acc.place.name,
        "where": acc.place.where,
        "clock": acc.place.clock_mhz(),
        "watts": acc.place.watts(),
        "registers": acc.registers(),
        "selftest": str(acc.selftest()),
        "repr": repr(acc),
    }
np.savez(results, floats=floats, integers=integers, streamed=streamed, seen=json.dumps(seen))
