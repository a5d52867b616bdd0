"""`train` and `export`: the commands that need a model in torch."""

from __future__ import annotations

from pathlib import Path

import click

from codesign.errors import UserError
from quant import models
from quant.requirements import require_torch

RESULTS = Path(__file__).parent / "models" / "results"


@click.command()
@click.argument("name")
@click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), help="Folder of the data set; synthetic if left out."
)
@click.option("--split", type=click.IntRange(min=1), default=1, show_default=True, help="Train on this split.")
@click.option("--all-splits", is_flag=True, help="Train on every split and write the table of accuracies.")
@click.option("--epochs", type=click.IntRange(min=2), help="Epochs in all, in float and quantized.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Weights to write (.npz); with --all-splits the table (.json, and .md beside it).",
)  # fmt: skip
def train(
    name: str, data_dir: Path | None, split: int, all_splits: bool, epochs: int | None, seed: int, output: Path | None
) -> None:
    """Train model NAME: in float, then quantized with the float net as its teacher."""
    model = models.get(name)
    require_torch()
    suffix = ".json" if all_splits else ".npz"
    if output is None:
        default = f"{name}-splits" if all_splits else name
        output = Path("build") / "train" / f"{default}{suffix}"
    if output.suffix != suffix:
        raise UserError(f"The output {output} must end in {suffix}.")
    command = command_line(name, data_dir, None if all_splits else split, epochs, seed)
    trained = model.train(data_dir, None if all_splits else [split], epochs, seed)
    about = trained.summary()
    if all_splits:
        from quant.training import report

        report.write(output, name, command, about)
        click.echo(f"mean: {about['quantized_mean']:.2%} quantized, {about['float_mean']:.2%} in float; {output}")
        return
    row = about["splits"][0]
    note = {
        "model": name,
        "command": command,
        **{k: about[k] for k in ("data", "seed")},
        **row,
        "recipe": about["recipe"],
    }
    model.save_weights(trained.nets[0], output, note)
    click.echo(f"Weights in {output}.")


def command_line(name: str, data_dir: Path | None, split: int | None, epochs: int | None, seed: int) -> str:
    """The command that repeats a training; DIR stands for the data folder."""
    parts = [f"codesign train {name}", "--data DIR" if data_dir else ""]
    parts += [f"--split {split}" if split else "--all-splits", f"--epochs {epochs}" if epochs else "", f"--seed {seed}"]
    return " ".join(part for part in parts if part)


@click.command()
@click.argument("name")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="QONNX file to write; NAME.onnx if left out.")
@click.option("--weights", type=click.Path(path_type=Path), help="Weights (.npz) instead of the shipped ones.")
def export(name: str, output: Path | None, weights: Path | None) -> None:
    """Export model NAME to QONNX."""
    model = models.get(name)
    require_torch()
    target = output or Path(f"{name}.onnx")
    model.export(target, weights)
    click.echo(f"{name} in {target}.")
