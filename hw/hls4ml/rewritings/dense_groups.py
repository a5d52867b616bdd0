"""A convolution in groups as a dense one, whose weights from other groups are zeros.

A convolution channel by channel stays: hls4ml has a layer of its own for it, without the zeros.
"""

from __future__ import annotations

from codesign.graph import Conv
from hw.hls4ml.depthwise import dense, is_depthwise
from hw.hls4ml.rewriting import Scope, rewrites


@rewrites("hls4ml's convolutions have no groups but single channels", Conv)
def dense_groups(op: Conv, scope: Scope) -> bool:
    """Conv in groups of several channels, or with several outputs a channel: Conv without groups."""
    if op.groups == 1 or is_depthwise(op):
        return False
    scope.append(dense(op))
    return True
