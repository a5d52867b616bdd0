"""What a user of stock PYNQ writes by hand: an overlay, buffers, the DMA, registers and clocks.

``overlay.py BITFILE SENT BYTES RESULTS``: packed frames, uint8 [bytes] in SENT (.npy), go through in buffers with and
without a cache, and BYTES come back; that and what was seen goes to RESULTS (.npz).
"""

import json
import sys

import numpy as np
import pynq
from pynq import MMIO, Clocks, Overlay, allocate

bitfile, sent, answer_bytes, results = sys.argv[1:]
sent = np.load(sent)

overlay = Overlay(bitfile)
dma, accelerator = overlay.dma, overlay.accelerator
booted = Clocks.fclk0_mhz
Clocks.fclk0_mhz = 150
asked = Clocks.fclk0_mhz
Clocks.fclk0_mhz = booted


def transfer(cacheable, flush=True):
    """Return what comes back through buffers of one sort, and how many bytes the DMA says it was."""
    source = allocate(shape=sent.shape, dtype=np.uint8, cacheable=cacheable)
    answer = allocate(shape=(int(answer_bytes),), dtype=np.uint8, cacheable=cacheable)
    source[:] = sent
    dma.recvchannel.transfer(answer)
    if flush:
        dma.sendchannel.transfer(source)
    else:
        dma.write(0x18, source.device_address)
        dma.write(0x28, source.nbytes)
    dma.sendchannel.wait()
    before = np.array(answer)
    dma.recvchannel.wait()
    return before, np.array(answer), dma.recvchannel.transferred


_, uncached, uncached_bytes = transfer(0)
early, cached, cached_bytes = transfer(1)
_, unflushed, _ = transfer(1, flush=False)

seen = {
    "version": pynq.__version__,
    "numpy": np.__version__,
    "python": sys.version.split()[0],
    "device": overlay.device.name,
    "loaded": overlay.is_loaded(),
    "drivers": {name: type(getattr(overlay, name)).__module__ for name in ("dma", "accelerator")},
    "cells": {name: overlay.ip_dict[name]["phys_addr"] for name in ("dma", "accelerator")},
    "magic": int(accelerator.register_map.MAGIC),
    "build": MMIO(overlay.ip_dict["accelerator"]["phys_addr"], 64).read(4),
    "frames": accelerator.read(20),
    "status": repr(dma.register_map.S2MM_DMASR),
    "bytes": [uncached_bytes, cached_bytes],
    "clocks": [booted, asked, Clocks.fclk0_mhz],
    "cpu": Clocks.cpu_mhz,
}
np.savez(results, uncached=uncached, cached=cached, early=early, unflushed=unflushed, seen=json.dumps(seen))
