"""The commands, on synthetic data and few epochs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.errors import UserError
from quant import cli, models
from quant.data import synthetic
from quant.layers.temporal_shape import TemporalShape


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGN_CACHE", str(tmp_path / "cache"))


def run(command: object, *arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)  # type: ignore[arg-type]
    assert result.exit_code == 0, result.output
    return result.output


def test_train_writes_weights_that_load(tmp_path: Path) -> None:
    weights = tmp_path / "w.npz"
    output = run(cli.train, "skeleton-tiny", "--epochs", "2", "--split", "2", "--seed", "3", "-o", str(weights))
    assert "split 2:" in output
    note = json.loads(weights.with_suffix(".json").read_text())
    assert (note["split"], note["seed"]) == (2, 3)
    assert note["command"] == "codesign train skeleton-tiny --split 2 --epochs 2 --seed 3"
    models.get("skeleton-tiny").load_weights(weights)


def test_export_takes_the_weights_it_is_given(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.npz does not exist"):
        run(cli.export, "skeleton-tiny", "--weights", str(tmp_path / "none.npz"), "-o", str(tmp_path / "net.onnx"))


def test_table_of_all_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A net far too small to learn anything, on two splits."""
    monkeypatch.setattr(models.get("skeleton-tiny").__class__, "shape", lambda _: TemporalShape(64, 60, (2,), 2, 10))
    two = partial(synthetic.splits, count=2)
    monkeypatch.setattr(synthetic, "splits", two)
    run(cli.train, "skeleton-tiny", "--all-splits", "--epochs", "2", "-o", str(tmp_path / "table.json"))
    content = json.loads((tmp_path / "table.json").read_text())
    assert [row["split"] for row in content["splits"]] == [1, 2]
    assert content["command"] == "codesign train skeleton-tiny --all-splits --epochs 2 --seed 0"
    assert "| **mean** |" in (tmp_path / "table.md").read_text()


@pytest.mark.parametrize("command", [cli.train, cli.export])
def test_unknown_model(command: object) -> None:
    with pytest.raises(UserError, match="no model 'nothing'"):
        run(command, "nothing")


def test_missing_data_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere does not exist"):
        run(cli.train, "skeleton-tiny", "--data", str(tmp_path / "nowhere"))


def test_wrong_suffix_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"must end in \.json"):
        run(cli.train, "skeleton-tiny", "--all-splits", "--epochs", "2", "-o", str(tmp_path / "w.npz"))


def test_data_folder_stays_out_of_the_recorded_command() -> None:
    wanted = cli.Wanted(Path("a/data"), all_splits=True)
    assert wanted.command("m") == "codesign train m --data DIR --all-splits --seed 0"
    other = cli.Wanted(None, "halves", split=3, epochs=9, bits=8, no_mirror=True, seed=2)
    expected = "codesign train m --protocol halves --split 3 --epochs 9 --bits 8 --no-mirror --seed 2"
    assert other.command("m") == expected


def test_a_protocol_or_a_split_that_there_is_not() -> None:
    with pytest.raises(UserError, match="synthetic data has no protocol 'halves'"):
        run(cli.train, "skeleton-tiny", "--protocol", "halves")
    with pytest.raises(UserError, match=r"There is no split 11: the synthetic data set has splits 1 to 10\."):
        run(cli.train, "skeleton-tiny", "--split", "11", "--epochs", "2")


def test_other_bits_are_those_of_an_ensembles_members() -> None:
    ensemble = cli.Wanted(bits=2).of(models.get("skeleton-ensemble-tiny"))
    layers = [layer for layer in ensemble.build().modules() if hasattr(layer, "quant_weight")]
    assert len(layers) > 50
    assert {int(layer.quant_weight().bit_width) for layer in layers} == {2}


def test_an_ensemble_has_a_table_and_no_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"w\.npz must end in \.json"):
        run(cli.train, "skeleton-ensemble-tiny", "--epochs", "2", "-o", str(tmp_path / "w.npz"))
