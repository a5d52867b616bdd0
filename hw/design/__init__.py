"""The Design: with what a network is computed. Kernels, streams and memories, checked and emitted."""

from hw.design.stream import Port, Stream

__all__ = ["Port", "Stream"]
