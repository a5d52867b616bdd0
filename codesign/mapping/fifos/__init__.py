"""FIFO depths: the smallest that keep a design's rate, and those that a user gives."""

from codesign.mapping.fifos.file import read_depths, read_folding_depths
from codesign.mapping.fifos.sizes import size_fifos, smallest_depths, with_fifos

__all__ = ["read_depths", "read_folding_depths", "size_fifos", "smallest_depths", "with_fifos"]
