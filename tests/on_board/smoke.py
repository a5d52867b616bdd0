"""The installed driver in short: every module is imported, numbers go in and come out.

Says Python's and numpy's versions and, for each implementation of packing, whether it did the expected.
"""

import importlib
import os
import pkgutil
import sys
from pathlib import Path

import codesign_board
import numpy as np
from codesign_board import native
from codesign_board.boundary import Head, Tail
from codesign_board.package import Port
from codesign_board.packing import pack, unpack
from codesign_board.serial.protocol import SEND, Decoder, Packet, encode

OPTIONAL = ("matplotlib", "pynq")


def import_all() -> None:
    """Import every module; only a module of OPTIONAL may be missing."""
    assert "board" not in Path(codesign_board.__file__).parts, "not the sources: what was installed"
    for found in pkgutil.walk_packages(codesign_board.__path__, "codesign_board."):
        if found.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            assert (error.name or "").partition(".")[0] in OPTIONAL, error


def boundary() -> None:
    """Two frames of two channels: 0.25 a step, ties to even, clamped to 4 bits."""
    record = {"model_shape": [2, 3], "axes": [1, 0], "scale": [0.25], "zero_point": [0], "low": -8, "high": 7}
    x = np.array([[[0.125, 0.375, 9], [-9, 1, -0.125]]], np.float32)
    q = Head.of(record).run(x)
    assert q.tolist() == [[[0, -8], [2, 4], [7, 0]]], q
    tail = Tail.of({"scale": [0.5, 2], "offset": [1, 0], "axes": [1, 0], "model_shape": [2, 3]})
    assert tail.run(q).tolist() == [[[1, 2, 4.5], [-16, 8, 0]]]


def packing() -> None:
    """Two words of three 5-bit integers in four bytes each."""
    port = Port(3, 5, True, 2, 4, -16, 15, (2, 3))
    values = np.array([[[-16, 15, 1], [-1, 0, 7]]])
    out = np.full(8, 0xFF, np.uint8)
    pack(values, port, out)
    words = [0b00001_01111_10000, 0b00111_00000_11111]
    assert out.tobytes() == b"".join(word.to_bytes(4, "little") for word in words)
    found = unpack(out, port, 1)
    assert found.dtype == np.int8 and np.array_equal(found, values)


def link() -> None:
    """A packet with bytes that must be escaped."""
    packet = Packet(SEND, 3, bytes([0x7E, 0x7D, 0]))
    assert Decoder().feed(encode(packet)) == [packet]


import_all()
boundary()
link()
print("{}.{}".format(*sys.version_info), np.__version__)
for name, switch in (("numpy", "0"), ("c", "1")):
    os.environ[native.SWITCH] = switch
    packing()
    assert native.available() is (name == "c"), "the C library was not made, or is not off"
    print(name, "ok")
