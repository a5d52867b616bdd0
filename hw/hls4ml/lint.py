"""What hls4ml 1.3.0 is known to get wrong without a word, refused before anything is written: a rule each.

The emitters refuse what an operator alone shows; here stands what its neighbours, the settings or the target decide. A
rule yields the layer that it refuses, why, and what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from codesign.errors import Reason, Refused, refusal
from hw.hls4ml.canvas import WIDEST
from hw.hls4ml.emit import Emission
from hw.hls4ml.limits import MOST_CLONES
from hw.hls4ml.target import WORD_BITS, Target

Finding = tuple[str, str, str]
"""A layer, the reason, the remedy."""
Rule = Callable[[Emission, Target], Iterator[Finding]]


def judge(emission: Emission, target: Target) -> None:
    """Raise Refused, with every reason, where hls4ml would compute something else or end in a traceback."""
    found = [finding for rule in RULES for finding in rule(emission, target)]
    reasons = [Reason(f"{emission.owners[layer]} (layer {layer})", why, remedy) for layer, why, remedy in found]
    if reasons:
        raise Refused(refusal(f"{emission.graph.name} has no exact form in hls4ml", reasons), reasons)


def wide_words(emission: Emission, target: Target) -> Iterator[Finding]:
    """The wrapper for boards cuts every integer to the words of its AXI streams."""
    if not target.board:
        return
    for layer in (emission.layers[0]["name"], emission.output):
        kind = emission.derived[layer]["result"]
        if kind.bits + (not kind.signed) > WORD_BITS:
            yield (
                layer,
                f"it is {kind}, and hls4ml's wrapper for {target.board} cuts it to {WORD_BITS} bits with a sign",
                "quantize it to fewer bits, or choose a --board that gets an IP core, such as zcu104",
            )


def wide_types(emission: Emission, _: Target) -> Iterator[Finding]:
    """Types wider than the headers' widest lose their upper bits."""
    for layer, types in emission.types.items():
        for what, kind in types.items():
            if kind.bits > WIDEST:
                yield layer, f"its {what} is {kind}, beyond the {WIDEST} bits of ap_int", "take fewer bits"


def many_readers(emission: Emission, _: Target) -> Iterator[Finding]:
    """hls4ml's copies of a stream: at most seven, with the output's own and one for each input that reads it."""
    if emission.settings.io_type != "io_stream":
        return
    readers = Counter(name for layer in emission.layers for name in layer.get("inputs", ()))
    readers[emission.output] += 1
    for layer, count in readers.items():
        if count > MOST_CLONES:
            yield layer, f"{count} read its stream, and hls4ml copies one {MOST_CLONES} times at most", "fork twice"


RULES: tuple[Rule, ...] = (wide_words, wide_types, many_readers)
