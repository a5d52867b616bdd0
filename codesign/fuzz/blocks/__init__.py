"""Blocks as designers of CNNs write them; each takes a quantized tensor and makes another."""

from __future__ import annotations

from codesign.fuzz.blocks import branches, composed, convolutions, curves, moved, pooled, vectors
from codesign.fuzz.blocks.registry import BLOCKS

__all__ = ["BLOCKS", "branches", "composed", "convolutions", "curves", "moved", "pooled", "vectors"]
