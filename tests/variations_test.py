"""Variations change what they say and nothing else: held against the integer graph of the exported net."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import UserError
from codesign.graph import Conv, IntegerGraph, MatMul, Requantize, Threshold
from codesign.ingest import ingest
from quant import models
from quant.model import Model


def graph_of(model: Model, folder: Path) -> IntegerGraph:
    model.export(folder / "model.onnx")
    return ingest(folder / "model.onnx", model.name)[0]


def largest_weights(graph: IntegerGraph) -> set[int]:
    return {int(np.abs(op.weights).max()) for op in graph.operators if isinstance(op, Conv | MatMul)}


def activations(graph: IntegerGraph, signed: bool) -> set[int]:
    """Bits of what quantizers give; a range that the data does not fill counts as the one that holds it."""
    made = [graph.tensors[op.output] for op in graph.operators if isinstance(op, Requantize | Threshold)]
    return {tensor.bits for tensor in made if tensor.signed == signed}


def test_weights_and_activations_of_sequences_have_their_own_bits(tmp_path: Path) -> None:
    """Symmetric weights of n bits reach 2 ** (n - 1) - 1; the addends of skips have the bits of activations, 4 at
    least."""
    tiny = models.get("skeleton-tiny")
    small = {"width": 4, "depth": 1}
    one = graph_of(tiny.vary(weight_bits=3, act_bits=5, **small), tmp_path)
    assert largest_weights(one) == {3}
    assert max(activations(one, signed=False)) == 5
    assert activations(one, signed=True) == {5}
    two = graph_of(tiny.vary(bits=2, weight_bits=6, **small), tmp_path)
    assert largest_weights(two) == {31}
    assert activations(two, signed=True) == {4}
    assert min(activations(two, signed=False)) == 2
    assert one.tensors[one.input].bits == two.tensors[two.input].bits == 8


def test_sizes_of_sequences(tmp_path: Path) -> None:
    graph = graph_of(models.get("skeleton-tiny").vary(width=6, depth=2, kernel=5), tmp_path)
    shapes = [op.weights.shape for op in graph.operators if isinstance(op, Conv)]
    assert shapes[:4] == [(6, 5, 60), (6, 5, 6), (6, 5, 6), (6, 5, 6)]
    assert sorted(shapes[4:]) == [(12, 1, 6), (12, 5, 6), (12, 5, 12), (12, 5, 12)]
    assert graph.tensors[graph.output].shape == (10,)


def test_rank_width_kernel_and_bits_of_waves(tmp_path: Path) -> None:
    wave = models.get("wave-compressed")
    graph = graph_of(wave.vary(rank=0, width=4, kernel=3, bits=5), tmp_path)
    kernels = [op.weights.shape for op in graph.operators if isinstance(op, Conv)]
    assert kernels == [(4, 3, 3, 6), (8, 3, 3, 4), (16, 3, 3, 8), (8, 3, 3, 24), (4, 3, 3, 12), (4, 1, 1, 4)]
    assert largest_weights(graph) == {15}
    assert max(activations(graph, signed=False)) == 5
    # Closed form: 3 factors of rank 2, of 2 x 3 taps and the input channels, for each filter; then 1 x 1.
    filters = ((4, 6), (8, 4), (16, 8), (8, 24), (4, 12))
    compressed: Any = wave.vary(rank=2, width=4, kernel=3)
    assert compressed.sizes.weights() == sum(n * 2 * (6 + inputs) for n, inputs in filters) + 4 * 4


def test_a_variant_equal_to_the_preset_is_the_preset() -> None:
    tiny = models.get("skeleton-tiny")
    assert tiny.vary(bits=4, width=16, depth=3, kernel=8) is tiny
    assert tiny.vary() is tiny
    wave = models.get("wave-compressed")
    assert wave.vary(rank=1, width=32, kernel=5, bits=8) is wave


def test_a_variant_is_named_by_what_differs_and_has_no_shipped_weights() -> None:
    tiny = models.get("skeleton-tiny")
    variant = tiny.vary(width=4, depth=1, bits=4)
    assert (variant.name, variant.preset) == ("skeleton-tiny-width4-depth1", "skeleton-tiny")
    assert variant == tiny.vary(depth=1, width=4.0)
    assert not variant.weight_file.exists()
    states = [variant.load_weights().state_dict() for _ in range(2)]
    assert all((states[0][name] == value).all() for name, value in states[1].items())


def test_an_ensembles_members_are_varied_too() -> None:
    fused = models.get("skeleton-ensemble-tiny").vary(weight_bits=3)
    assert [member.name for member in fused.members][:1] == ["skeleton-two-stream-tiny-weight_bits3"]  # type: ignore[attr-defined]
    layers = [layer for layer in fused.build().modules() if hasattr(layer, "quant_weight")]
    assert {int(layer.quant_weight().bit_width) for layer in layers} == {3}


@pytest.mark.parametrize(
    ("name", "choices", "message"),
    [
        (
            "skeleton-tiny",
            {"rank": 1},
            r"no variation 'rank'; what may be varied is bits, weight_bits, act_bits, width",
        ),
        ("skeleton-ensemble-tiny", {"width": 8}, r"no variation 'width'; what may be varied is bits, weight_bits"),
        ("skeleton-tiny", {"bits": 9}, r"bits .* must be a whole number from 2 to 8, not 9\."),
        ("skeleton-tiny", {"width": 7.5}, r"width .* must be a whole number from 2 to 64, not 7\.5\."),
        ("skeleton-tiny", {"depth": "2"}, r"depth \(stages\) must be a whole number from 1 to 4, not '2'\."),
        ("skeleton-tiny", {"bits": float("nan")}, r"bits .* not nan\."),
        ("wave-compressed", {"kernel": 4}, r"kernel must be odd, not 4"),
    ],
)
def test_what_no_variant_has_is_refused(name: str, choices: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        models.get(name).vary(**choices)
