"""The wave presets: shipped weights, inputs from simulations, targets as images, decomposition, bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from codesign.errors import UserError
from quant import models
from quant.data.wave import sizes
from quant.data.wave.tasks import ring
from quant.models.wave import AFTER, CLASSICAL, COMPRESSED, DATA, WaveModel
from quant.training.regress import predict

NAMES = ("wave-classical", "wave-compressed")


def model(name: str) -> WaveModel:
    made = models.get(name)
    assert isinstance(made, WaveModel)
    return made


@pytest.fixture(scope="module")
def simulated() -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of one test problem."""
    return model("wave-compressed").simulated(1, np.random.default_rng(0))


def test_compressed_has_at_least_3_times_fewer_weights() -> None:
    assert CLASSICAL.weights() >= 3 * COMPRESSED.weights()
    assert {name: model(name).sizes.weights() for name in NAMES} == {
        "wave-classical": 16 * 25 * 6 + 32 * 25 * 16 + 64 * 25 * 32 + 32 * 25 * 96 + 16 * 25 * 48 + 16 * 4,
        "wave-compressed": COMPRESSED.weights(),
    }


@pytest.mark.parametrize("name", NAMES)
def test_shipped_weights_predict_an_unseen_problem(name: str, simulated: tuple[np.ndarray, np.ndarray]) -> None:
    """The error on one of 14 test problems, and what was recorded of all when the weights were trained."""
    made = model(name)
    x, y = simulated
    net = made.load_weights()
    images, counted = made.images(y)
    found = predict(net, torch.from_numpy(x)).numpy()[..., counted]
    error = np.linalg.norm(found - images[..., counted]) / np.linalg.norm(images[..., counted])
    assert error == pytest.approx(made.note["quantized"]["test"], rel=0.5)
    assert error < 0.2 < 0.5 * min(made.note["baselines"].values())
    assert made.note["command"].startswith(f"codesign train {name}")


@pytest.mark.parametrize("name", NAMES)
def test_weights_and_activations_have_8_bits(name: str) -> None:
    from brevitas.nn import QuantConv2d, QuantIdentity, QuantReLU

    net = model(name).build()
    assert {int(m.quant_weight().bit_width) for m in net.modules() if isinstance(m, QuantConv2d)} == {8}
    acts = {n: int(m.act_quant.bit_width()) for n, m in net.named_modules() if isinstance(m, QuantReLU | QuantIdentity)}
    assert acts.pop("input") == 10
    assert set(acts.values()) == {8}


def test_samples_are_real_fields_and_repeatable() -> None:
    made = model("wave-compressed")
    x, labels, source = made.samples(3, seed=4)
    assert x.shape == (3, 6, 32, 32)
    assert x.dtype == np.float32
    assert (labels == -1).all()
    assert "not trained on" in source
    assert (x == made.sample_inputs(3, seed=4)).all()
    assert (x != made.sample_inputs(3, seed=5)).any()
    # Three instants of a field that moves by less than a grid point between them.
    assert np.corrcoef(x[:, 1].ravel(), x[:, 2].ravel())[0, 1] > 0.5


def test_targets_are_the_zones_edge_in_the_window() -> None:
    made = model("wave-compressed")
    y = np.arange(4 * 44, dtype=np.float32).reshape(1, 4, 44) + 1
    images, counted = made.images(y)
    assert images.shape == (1, 4, 16, 16)
    assert counted.sum() == 44
    whole = np.zeros((4, 32, 32), np.float32)
    whole[:, 8:24, 8:24] = images[0]
    where = ring(sizes.get(DATA))
    np.testing.assert_array_equal(whole[:, where[:, 0], where[:, 1]], y[0])


def test_a_decomposed_net_stays_near_the_trained_one(simulated: tuple[np.ndarray, np.ndarray]) -> None:
    """Nearer, without its filters' smallest terms, than a net that has learnt nothing."""
    made = AFTER
    x = torch.from_numpy(simulated[0])
    classical = predict(models.get("wave-classical").load_weights(), x)
    near = float((predict(made.decomposed(), x) - classical).norm() / classical.norm())
    torch.manual_seed(0)
    far = float((predict(made.build(quantized=False).eval(), x) - classical).norm() / classical.norm())
    assert near < 0.7 * far


def test_bad_input_is_refused(tmp_path: Path) -> None:
    made = model("wave-compressed")
    with pytest.raises(UserError, match="one split, 1: wave-compressed cannot be trained on"):
        made.train(tmp_path, [2])
    with pytest.raises(UserError, match="one split, 1: wave-compressed cannot be trained on all"):
        made.train(tmp_path)
    with pytest.raises(UserError, match="knows no protocol: leave it out"):
        made.train(tmp_path, [1], protocol="cross-subject")
    with pytest.raises(UserError, match="takes fields of 6 x 32 x 32, not 6 x 16 x 32"):
        made.build()(torch.zeros(1, 6, 16, 32))
