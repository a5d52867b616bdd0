"""The layers that random networks are made of: each adds its ONNX nodes and tells the shape of what it made."""

from __future__ import annotations

from codesign.fuzz.layers import elementwise, illegal, joins, linear, movement, pools, quantizers
from codesign.fuzz.layers.base import LAYERS, Draft, Live, Misfit, build

__all__ = [
    "LAYERS", "Draft", "Live", "Misfit", "build", "elementwise", "illegal", "joins", "linear", "movement", "pools",
    "quantizers",
]  # fmt: skip
