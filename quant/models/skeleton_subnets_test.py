"""The subnets' presets: published sizes, work counted layer by layer, float twins."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from quant import models
from quant.models.skeleton import SkeletonModel
from quant.models.skeleton_subnets import SUBNETS

TINY = (*(f"skeleton-{kind}-tiny" for kind in SUBNETS), "skeleton-ensemble-tiny")
# Millions of parameters, arXiv 1801.02475.
PUBLISHED = {"two-stream": 3.83, "body-part": 9.10, "attention": 1.97, "frame-difference": 1.88}


def get(name: str) -> SkeletonModel:
    model = models.get(name)
    assert isinstance(model, SkeletonModel)
    return model


def parameters(model: SkeletonModel) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in model.build(quantized=False).parameters())


def test_paper_presets_have_the_published_sizes() -> None:
    """Each subnet's parameters; the ensemble's 16.8 M and 1.68 G multiply-accumulates."""
    found = {kind: parameters(get(f"skeleton-{kind}-paper")) / 1e6 for kind in PUBLISHED}
    assert found == pytest.approx(PUBLISHED, rel=0.01)
    assert sum(found.values()) == pytest.approx(16.8, rel=0.01)
    assert sum(get(f"skeleton-{kind}-paper").macs() for kind in PUBLISHED) / 1e9 == pytest.approx(1.68, rel=0.01)


@pytest.mark.parametrize("name", TINY)
def test_macs_in_closed_form_are_those_of_the_layers(name: str) -> None:
    model, total = get(name), 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal total
        total += output.numel() * layer.weight[0].numel()  # type: ignore[index,operator,union-attr]

    net = model.build(quantized=False).eval()
    for layer in net.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            layer.register_forward_hook(count)
    net(torch.zeros(1, *model.input_shape))
    assert total == model.macs()


@pytest.mark.parametrize("name", TINY)
def test_weights_and_activations_have_4_bits(name: str) -> None:
    net = get(name).build()
    kinds = [(type(m).__name__, m) for m in net.modules()]
    assert {int(m.quant_weight().bit_width) for _, m in kinds if hasattr(m, "quant_weight")} == {4}
    assert {int(m.act_quant.bit_width()) for kind, m in kinds if kind in ("QuantReLU", "QuantTanh")} == {4}


@pytest.mark.parametrize("name", TINY)
def test_float_twin_has_the_same_parameters(name: str) -> None:
    model = get(name)
    floating = model.build(quantized=False)
    assert {type(layer).__module__.split(".")[0] for layer in floating.modules()} == {"torch", "quant"}
    assert set(floating.state_dict()) <= set(model.build().state_dict())
    assert floating.eval()(torch.zeros(2, *model.input_shape)).shape == (2, 10)


def test_body_parts_are_joints_of_that_part() -> None:
    """Kinect v1 has four joints a part, in order; NTU's arms have six, and twice 36 channels of zeros are left over."""
    assert get("skeleton-body-part-tiny").channels == tuple(range(60))  # type: ignore[attr-defined]
    channels = np.array(get("skeleton-body-part-paper").channels)  # type: ignore[attr-defined]
    assert channels.shape == (5 * 36,)
    assert sorted(channels[channels >= 0]) == list(range(150))
    assert [(part < 0).sum() for part in channels.reshape(5, 36)] == [6, 0, 0, 12, 12]


def test_dropout_is_the_papers_where_frames_are_subtracted() -> None:
    assert {kind: get(f"skeleton-{kind}-tiny").dropout for kind in SUBNETS} == {
        "two-stream": 0.2, "body-part": 0.2, "attention": 0.2, "frame-difference": 0.3,
    }  # fmt: skip


@pytest.mark.parametrize("kind", SUBNETS)
def test_paper_presets_take_real_sequences_of_300_frames(kind: str) -> None:
    x = get(f"skeleton-{kind}-paper").sample_inputs(2, seed=1)
    assert x.shape == (2, 150, 300)
    assert (x[:, 75:] == 0).all() and x[:, :75].any(axis=2).all()
