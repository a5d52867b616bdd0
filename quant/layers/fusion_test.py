"""The fused class is that of the product of softmaxes; logits never saturate."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch

from codesign.errors import UserError
from quant import models
from quant.layers.fusion import LOGIT_BITS, LOGIT_LIMIT, FusedNet, fused, reach
from quant.layers.pose_net import PoseNet
from quant.layers.quantizers import largest
from quant.model import reference_float32

STEP = LOGIT_LIMIT / 2 ** (LOGIT_BITS - 1)
ENSEMBLE = models.get("skeleton-ensemble-tiny")


@pytest.fixture(scope="module")
def net() -> FusedNet:
    loaded = ENSEMBLE.load_weights()
    assert isinstance(loaded, FusedNet)
    return loaded


def inputs() -> np.ndarray:
    """Sequences of puppets, noise within the input's range, and noise far beyond it."""
    random = np.random.default_rng(3)
    noise = random.standard_normal((60, *ENSEMBLE.input_shape)).astype(np.float32)
    return np.concatenate([ENSEMBLE.sample_inputs(80, seed=3), noise[:40], 30 * noise[40:]])


def test_class_is_that_of_the_product_of_softmaxes(net: FusedNet) -> None:
    x = inputs()
    with torch.no_grad():
        logits = np.stack([z.double().numpy() for z in net.member_logits(torch.from_numpy(x))])
    powers = np.exp(logits - logits.max(2, keepdims=True))
    product = (powers / powers.sum(2, keepdims=True)).prod(0)
    sums = reference_float32(net, x)
    ordered = np.sort(sums, 1)
    clear = ordered[:, -1] > ordered[:, -2]  # equal sums are equal products, whose float64s may differ in the last bit
    assert clear.sum() > 100
    assert (sums.argmax(1) == product.argmax(1))[clear].all()
    assert len(np.unique(sums.argmax(1))) > 2, "a net that says one class would pass"
    each = [tuple(z.argmax(1)) for z in logits]
    assert len(set(each)) == 4, "members that agree would pass"


def test_sums_are_exact(net: FusedNet) -> None:
    """In integers: each member's own logits rounded half to even, then added."""
    x = inputs()
    own = [reference_float32(m, x).astype(np.float64) for m in net.members]  # type: ignore[arg-type]
    expected = sum(np.rint(z / STEP) for z in own)
    assert max(np.abs(z).max() for z in own) < LOGIT_LIMIT - STEP
    np.testing.assert_array_equal(reference_float32(net, x) / STEP, expected)


def test_no_input_reaches_further_than_reach(net: FusedNet) -> None:
    x = inputs()
    for member in net.members:
        assert isinstance(member, PoseNet)
        most = np.abs(reference_float32(member, x)).max()
        assert 0.01 * reach(member) < most <= reach(member) < LOGIT_LIMIT


def test_logits_that_may_saturate_are_refused(net: FusedNet) -> None:
    nets = list(deepcopy(net.members))
    with torch.no_grad():
        nets[2].classify.bias[4] = -LOGIT_LIMIT  # type: ignore[union-attr,index,operator]
    with pytest.raises(UserError, match=r"Logits of net 3 \(AttentionNet\) may reach 1\d\d\.\d\d, but the fusion adds"):
        fused(nets)  # type: ignore[arg-type]


@pytest.mark.parametrize(("most", "fits"), [(LOGIT_LIMIT - STEP, True), (LOGIT_LIMIT - 0.2 * STEP, False)])
def test_largest_logit_that_is_let_through_is_not_clipped(net: FusedNet, most: float, fits: bool) -> None:
    """The quantizer's range ends a step below 128."""
    nets = list(deepcopy(net.members))
    member = nets[3]
    assert isinstance(member, PoseNet)
    with torch.no_grad():
        member.classify.bias.zero_()  # type: ignore[union-attr,operator]
        high = largest(member.last_activation) * member.classify.quant_weight().value.clamp(0).sum(1)  # type: ignore[operator]
        member.classify.bias[0] = most - high[0]  # type: ignore[index,operator]
    assert reach(member) == pytest.approx(most, abs=1e-5)
    assert (float(net.logits(torch.tensor([most]))) == float(np.rint(most / STEP) * STEP)) == fits
    if fits:
        fused(nets)  # type: ignore[arg-type]
    else:
        with pytest.raises(UserError, match=r"may reach 128\.00, but the fusion adds logits up to 127\.98"):
            fused(nets)  # type: ignore[arg-type]


def test_fused_nets_have_no_parameters_of_their_own(net: FusedNet) -> None:
    for number, member in enumerate(ENSEMBLE.members):  # type: ignore[attr-defined]
        state = member.load_weights().state_dict()
        own = {
            n.removeprefix(f"members.{number}."): v for n, v in net.state_dict().items() if f"members.{number}." in n
        }
        assert own.keys() == state.keys()
        assert all((own[n] == state[n]).all() for n in state)
    assert all(n.startswith("members.") for n in net.state_dict())
