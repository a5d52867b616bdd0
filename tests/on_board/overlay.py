"""What a user of stock PYNQ writes by hand: an overlay, buffers, the DMA, registers and clocks.

``overlay.py BITFILE SENT BYTES RESULTS``: packed frames, uint8 [bytes] in SENT (.npy), go through in buffers with and
without a cache, and BYTES come back; that and what was seen goes to RESULTS (.npz).
"""

import json
import sys

import numpy as np
import pynq
from pynq import MMIO, Clocks, Overlay, allocate

bitfile, sent, answer_bytes, target = sys.argv[1:]
packed = np.load(sent)

overlay = Overlay(bitfile)
dma, accelerator = overlay.dma, overlay.accelerator
booted = Clocks.fclk0_mhz
Clocks.fclk0_mhz = 150
asked = Clocks.fclk0_mhz
Clocks.fclk0_mhz = booted


def transfer(cacheable: int, forget: bool = False) -> tuple[np.ndarray, np.ndarray, int, str]:
    """Return what comes back before and after it is waited for, the DMA's count of bytes, and a complaint."""
    source = allocate(shape=packed.shape, dtype=np.uint8, cacheable=cacheable)
    answer = allocate(shape=(int(answer_bytes),), dtype=np.uint8, cacheable=cacheable)
    source[:] = packed
    dma.recvchannel.transfer(answer)
    forgotten = ""
    if forget:  # the flush, which PYNQ's own driver does not
        dma.write(0x18, source.device_address)
        try:
            dma.write(0x28, source.nbytes)
        except Exception as error:
            forgotten = str(error)
    dma.sendchannel.transfer(source)
    dma.sendchannel.wait()
    before = np.array(answer)
    dma.recvchannel.wait()
    return before, np.array(answer), dma.recvchannel.transferred, forgotten


uncached, uncached_bytes = transfer(0)[1:3]
early, cached, cached_bytes = transfer(1)[:3]
late, _, forgotten = transfer(1, forget=True)[1:]

seen = {
    "forgotten": forgotten,
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
np.savez(target, uncached=uncached, cached=cached, early=early, late=late, seen=json.dumps(seen))
