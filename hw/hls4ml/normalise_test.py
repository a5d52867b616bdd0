"""A rewriting that changes an integer, a range or a shape is named and goes no further."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from codesign.errors import VerificationFailed
from codesign.graph import Conv
from codesign.graph.examples import Builder
from hw.hls4ml.normalise import normalise
from hw.hls4ml.rewriting import Pass, Rule, Scope


def _wrong_weight(op: Conv, scope: Scope) -> bool:
    weights = op.weights.copy()
    weights.flat[0] += 1
    scope.append(replace(op, weights=weights))
    return True


def _wrong_range(op: Conv, scope: Scope) -> bool:
    scope.append(op)
    t = scope.tensors[op.output]
    scope.tensors[op.output] = replace(t, low=t.high, high=t.high)
    return True


def _wrong_shape(op: Conv, scope: Scope) -> bool:
    scope.append(replace(op, stride=(2,)))
    return True


def _fewer_channels(op: Conv, scope: Scope) -> bool:
    scope.append(replace(op, weights=op.weights[:2]))
    return True


def _endless(op: Conv, scope: Scope) -> bool:
    scope.append(op)
    return True


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (_endless, "of Conv conv0 has no end after 20 rounds"),
        (_wrong_weight, "changed the integers of conv0"),
        (_wrong_range, "gave conv0 a range that its integers leave"),
        (_wrong_shape, "made a graph that does not hold together: conv0 must have the shape"),
        (_fewer_channels, "made a graph that does not hold together: conv0 must have the shape"),
    ],
)
def test_a_wrong_pass_is_named(rule: Rule, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    b = Builder((9, 3), -8, 7, seed=1)
    graph = b.graph(b.conv("x", 4, (3,)))
    monkeypatch.setattr(import_module("hw.hls4ml.normalise"), "passes", lambda: (Pass("bad", "", (Conv,), rule),))
    with pytest.raises(VerificationFailed, match=f"The rewriting bad {words}"):
        normalise(graph)


def test_what_was_rewritten_is_told() -> None:
    b = Builder((9, 3), -8, 7, seed=1)
    graph = b.graph(b.requantize(b.conv("x", 4, (3,), ((1, 1),))))
    normalised = normalise(graph)
    (told,) = (each for each in normalised.rewrites if each.rewriting == "explicit_padding")
    assert told.operator == "Conv conv0" and told.into == ("Pad", "Conv")
    x = b.frames(50)
    assert np.array_equal(normalised.graph.run(x), graph.run(x))
    assert not any(op.padded for op in normalised.graph.operators if isinstance(op, Conv))
