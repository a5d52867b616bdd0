"""What hls4ml 1.3.0 takes at most."""

from __future__ import annotations

MOST_CLONES = 7
"""Readers of one stream."""
MOST_JOINED_AXES = 3
"""Axes of the tensors that it concatenates: it takes one of more for one of fewer."""
