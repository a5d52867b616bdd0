"""The skeleton presets and the registry that finds them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from codesign.errors import UserError
from quant import models
from quant.model import Model, reference_float32

NO_TORCH = """
import sys
sys.modules["torch"] = sys.modules["brevitas"] = None
from quant import models
assert models.names() == sorted(models.names())
print(*(f"{m.name}: {m.description} {m.input_shape}" for m in map(models.get, models.names())), sep="\\n")
"""
TINY = ("skeleton-tiny", "skeleton-tiny-w2a2", "skeleton-tiny-w8a8")


@pytest.fixture(scope="module")
def tiny() -> Model:
    return models.get("skeleton-tiny")


def test_registry_needs_no_torch() -> None:
    run = subprocess.run([sys.executable, "-c", NO_TORCH], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "skeleton-tiny" in run.stdout
    assert "(60, 64)" in run.stdout


def test_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no model 'skeleton-tny'; the models are .*skeleton-tiny"):
        models.get("skeleton-tny")


def test_tiny_costs_about_3_million_macs(tiny: Model) -> None:
    assert tiny.macs() == 2_900_608


@pytest.mark.parametrize("name", ["skeleton-tiny", "skeleton-paper"])
def test_samples_fit_the_input(name: str) -> None:
    model = models.get(name)
    x = model.sample_inputs(3, seed=4)
    assert x.shape == (3, *model.input_shape)
    assert x.dtype == np.float32
    assert (x == model.sample_inputs(3, seed=4)).all()
    assert (x != model.sample_inputs(3, seed=5)).any()


@pytest.mark.parametrize("name", [name for name in models.names() if name.startswith("skeleton")])
def test_labels_of_samples_are_indices_into_the_classes(name: str) -> None:
    model = models.get(name)
    labels = model.samples(13)[1]
    assert labels.dtype == np.int64
    assert labels.tolist() == ([*range(10), 0, 1, 2] if model.classes else [-1] * 13)
    assert bool(model.classes) == (not name.endswith("-paper"))


def test_paper_preset_is_calibrated_and_repeatable() -> None:
    model = models.get("skeleton-paper")
    x = model.sample_inputs(1)
    one, two = (reference_float32(model.load_weights(), x) for _ in range(2))
    assert one.shape == (1, 60)
    assert (one == two).all()


def test_paper_preset_trains_on_no_other_data_set(tmp_path: Path) -> None:
    model = models.get("skeleton-paper")
    with pytest.raises(UserError, match=r"skeleton-paper is for NTU RGB\+D"):
        model.train()
    x = np.random.default_rng(0).normal(size=(20, 20, 3)).astype(np.float32)
    label, subject = np.arange(20) % 2, np.arange(20) // 2 + 1
    np.savez(
        tmp_path / "utkinect.npz", x=x, offsets=np.arange(21), label=label, subject=subject, class_names=["a", "b"]
    )
    with pytest.raises(UserError, match=r"takes 2 bodies x 25 joints \(kinect2\), but UTKinect-Action3D has kinect1"):
        model.train(tmp_path)


def test_data_whose_test_half_has_a_class_of_its_own_is_refused(tiny: Model, tmp_path: Path) -> None:
    frames = np.ones((2, 20, 3), np.float32)
    np.savez(
        tmp_path / "utkinect.npz", x=frames, offsets=[0, 1, 2], label=[0, 1], subject=[1, 2], class_names=["a", "b"]
    )
    savemat(tmp_path / "tr_te_splits.mat", {"tr_subjects": [[1]], "te_subjects": [[2]]})
    with pytest.raises(
        UserError, match="No training sequence of split 1 of UTKinect-Action3D shows class 1, which is tested"
    ):
        tiny.train(tmp_path)


@pytest.mark.parametrize("name", TINY)
def test_shipped_weights_load_and_say_where_they_come_from(name: str) -> None:
    tiny = models.get(name)
    note = json.loads(tiny.weight_file.with_suffix(".json").read_text())
    assert note["split"] == 1
    assert note["command"].startswith(f"codesign train {name} --data DIR")
    assert note["quantized_accuracy"] > 0.9
    assert tiny.weight_file.stat().st_size < 1_000_000


@pytest.mark.parametrize("name", TINY)
def test_shipped_weights_recognise_generated_actions(name: str) -> None:
    """Trained on people, asked about puppets: far above chance (10 %), or preprocessing and weights don't fit."""
    from quant.data import synthetic

    tiny = models.get(name)
    x, labels, _ = tiny.samples(100, seed=0)
    scores = reference_float32(tiny.load_weights(), x)
    assert tiny.classes == synthetic.CLASSES
    assert (scores.argmax(1) == labels).mean() > 0.4


@pytest.mark.parametrize("name", TINY)
def test_weights_and_activations_have_the_bits_of_the_name(name: str) -> None:
    net, bits = models.get(name).build(), {"w2a2": 2, "w8a8": 8}.get(name[-4:], 4)
    weights = [m.quant_weight().bit_width for m in net.modules() if hasattr(m, "quant_weight")]
    assert len(weights) == 13  # the stem, three stages of three, two projections, the classifier
    assert {int(width) for width in weights} == {bits}
    assert {int(m.act_quant.bit_width()) for m in net.modules() if type(m).__name__ == "QuantReLU"} == {bits}


def test_damaged_weights_are_refused(tiny: Model, tmp_path: Path) -> None:
    (tmp_path / "cut.npz").write_bytes(tiny.weight_file.read_bytes()[:-200])
    with pytest.raises(UserError, match="truncated or corrupt"):
        tiny.load_weights(tmp_path / "cut.npz")


def test_weights_survive_a_round_trip(tiny: Model, tmp_path: Path) -> None:
    net = tiny.load_weights()
    assert not net.training
    tiny.save_weights(net, tmp_path / "copy.npz", {})
    x = tiny.sample_inputs(2)
    assert (reference_float32(tiny.load_weights(tmp_path / "copy.npz"), x) == reference_float32(net, x)).all()


def test_every_sequence_counts_alone(tiny: Model) -> None:
    """A batch gives what its sequences give one by one (to float32's rounding)."""
    x, net = tiny.sample_inputs(4), tiny.load_weights()
    alone = np.concatenate([reference_float32(net, one[None]) for one in x])
    assert np.median(np.abs(alone - reference_float32(net, x)).max(axis=1)) < 1e-4


def test_float_net_is_plain_torch(tiny: Model) -> None:
    kinds = {type(layer).__module__.split(".")[0] for layer in tiny.build(quantized=False).modules()}
    assert kinds == {"torch", "quant"}
    assert isinstance(tiny.build(), torch.nn.Module)


def test_bones_keep_their_length_in_the_input(tiny: Model) -> None:
    """Channel 3 * joint + axis is a joint's coordinate; joint 0 carries the path of the hip, and is left out here."""
    x, labels, source = tiny.samples(10, seed=1)
    assert labels.tolist() == list(range(10))
    assert "puppets" in source
    body = x.reshape(10, tiny.joints, 3, -1)
    spread = {bone: _length(body, *bone).std(-1).mean() for bone in tiny.bones if 0 not in bone}
    assert len(tiny.bones) == tiny.joints - 1
    assert {joint for bone in tiny.bones for joint in bone} == set(range(tiny.joints))
    assert max(spread.values()) < 0.06
    assert _length(body, 7, 11).std(-1).max() > 0.2  # from hand to hand
    assert (body[:, 3, 1].mean(-1) > body[:, 15, 1].mean(-1) + 1).all()  # the head above a foot: y is up


def _length(body: np.ndarray, a: int, b: int) -> np.ndarray:
    return np.asarray(np.linalg.norm(body[:, a] - body[:, b], axis=1))


def _people(folder: Path, classes: tuple[str, ...]) -> Path:
    """UTKinect's files with six sequences; subject 2, whom split 1 tests, shows the second class only."""
    from quant.data import synthetic

    body = synthetic.sequence(0, np.random.default_rng(0))
    x, offsets = np.concatenate([body] * 6), np.arange(7) * len(body)
    people = {"label": [0, 1, 0, 0, 1, 0], "subject": [1, 2, 1, 1, 2, 1]}
    np.savez(folder / "utkinect.npz", allow_pickle=False, x=x, offsets=offsets, class_names=classes, **people)
    savemat(folder / "tr_te_splits.mat", {"tr_subjects": [[1]], "te_subjects": [[2]]})
    return folder


def test_real_samples_are_of_people_unseen_in_training(tiny: Model, tmp_path: Path) -> None:
    folder = _people(tmp_path, tiny.classes)
    for count in (2, 9):
        x, labels, source = tiny.samples(count, folder, seed=count)
        assert x.shape == (count, 60, 64)
        assert (labels == 1).all()
        assert "not trained on" in source


def test_labels_of_other_classes_are_unknown(tiny: Model, tmp_path: Path) -> None:
    assert tiny.samples(3, _people(tmp_path, ("a", "b")))[1].tolist() == [-1] * 3


def test_paper_preset_takes_a_persons_joints_for_those_of_two(tiny: Model, tmp_path: Path) -> None:
    folder = _people(tmp_path, tiny.classes)
    x, _, _ = models.get("skeleton-paper").samples(2, folder)
    assert x.shape == (2, 150, 300)
    first, second = x[:, :75].reshape(2, 25, 3, 300), x[:, 75:]
    assert not second.any() and first.any(axis=(2, 3)).all()
    of_kinect1 = tiny.samples(2, folder)[0].reshape(2, 20, 3, 64)
    np.testing.assert_allclose(first[:, :20, :, [0, -1]], of_kinect1[..., [0, -1]], atol=1e-6)


def test_sequences_of_another_layout_are_refused(tiny: Model, tmp_path: Path) -> None:
    other = replace(tiny, layout_name="florence15")  # type: ignore[type-var]
    with pytest.raises(UserError, match=r"takes 15 joints \(florence15\), but the sequences have 20 \(kinect1\)"):
        other.sample_inputs(1, _people(tmp_path, tiny.classes))
