"""MaxPool and AveragePool, also on floats that a quantizer ends later."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from codesign.errors import Reject
from codesign.graph.operators.max_pool import MaxPool
from codesign.graph.operators.sum_pool import SumPool
from codesign.ingest.file.model import Node
from codesign.ingest.geometry import windows_of
from codesign.ingest.pooling import divided, ended, rising, settled, summable
from codesign.ingest.rules import rule
from codesign.ingest.state import IntegerTensor, State

if TYPE_CHECKING:
    from codesign.ingest.compiler import Compiler


@rule("MaxPool")
def max_pool(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The largest of every window; what never falls may be computed on it afterwards."""
    segment = rising(compiler, settled(compiler, inputs[0]))
    source = segment.source
    windows, _ = windows_of(node, source.shape[1:])
    if windows.only_padding(source.shape[1:]):
        raise Reject(f"its pads {windows.pads} are as large as its window {windows.kernel}", "use smaller pads")
    operator = MaxPool(inputs=(source.tensor.name,), output=node.outputs[0], source=(node.name,), **windows._asdict())
    made = compiler.emit(operator, [source], (source.shape[0], *windows.shape(source.shape[1:])), source.scale)
    return ended(segment, replace(made, shift=source.shift))


@rule("AveragePool", takes_pads=True)
def average_pool(node: Node, inputs: list[State | None], compiler: Compiler) -> State:
    """The sum of every window, with 1/N in the scale."""
    x = inputs[0]
    added = x.pads if isinstance(x, IntegerTensor) else ()
    inner = x.shape[1:] if x is not None and hasattr(x, "shape") else ()
    added = added or ((0, 0),) * len(inner)
    spatial = tuple(n + a + b for n, (a, b) in zip(inner, added, strict=True))
    windows, beyond = windows_of(node, spatial)
    if beyond:
        raise Reject(
            "its ceil_mode adds windows that reach beyond the frame, whose averages are of fewer values",
            "pad the frame so that the windows divide it, or use ceil_mode 0",
        )
    if windows.padded and not node.attribute("count_include_pad", 0):
        raise Reject(
            f"its pads {windows.pads} are not counted, so that windows at the border have another divisor",
            "set count_include_pad to 1, or pad with 0",
        )
    pads = tuple((a + c, b + d) for (a, b), (c, d) in zip(added, windows.pads, strict=True))
    windows = windows._replace(pads=pads)
    segment = summable(compiler, x, windows.padded)
    source = segment.source
    operator = SumPool(inputs=(source.tensor.name,), output=node.outputs[0], source=(node.name,), **windows._asdict())
    made = compiler.emit(operator, [source], (source.shape[0], *windows.shape(inner)), source.scale)
    taps = prod(windows.kernel)
    return ended(segment, divided(source, made, taps, taps))
