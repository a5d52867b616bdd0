"""`train` and `export`: the commands that need a model in torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from codesign.errors import UserError
from quant import models
from quant.model import Model
from quant.requirements import require_torch


@click.command()
@click.argument("name")
@click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), help="Folder of the data set; synthetic if left out."
)
@click.option("--protocol", help="How the data set is split; the usual published way if left out.")
@click.option("--split", type=click.IntRange(min=1), default=1, show_default=True, help="Train on this split.")
@click.option("--all-splits", is_flag=True, help="Train on every split and write the table of accuracies.")
@click.option("--epochs", type=click.IntRange(min=2), help="Epochs in all, in float and quantized.")
@click.option("--bits", type=click.IntRange(2, 8), help="Of weights and activations, instead of the model's.")
@click.option("--no-mirror", is_flag=True, help="No mirrored sequences: for actions that all do with the same hand.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that train.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Weights to write (.npz), or the table (.json, and .md beside it).",
)  # fmt: skip
def train(name: str, jobs: int, output: Path | None, **given: Any) -> None:
    """Train model NAME: in float, then quantized with the float net as its teacher.

    An ensemble's members are trained one by one, and fused; what comes of it is a table. Nets that were trained before
    with the same settings on the same data are not trained again.
    """
    model = models.get(name)
    require_torch()
    wanted = Wanted(**given)
    one = hasattr(model, "trainees") and output is not None and output.suffix == ".json"
    table = wanted.all_splits or hasattr(model, "members") or one
    suffix = ".json" if table else ".npz"
    if output is None:
        default = f"{name}-splits" if wanted.all_splits else name
        output = Path("build") / "train" / f"{default}{suffix}"
    if output.suffix != suffix:
        raise UserError(f"The output {output} must end in {suffix}.")
    options: dict[str, Any] = {"protocol": wanted.protocol} if wanted.protocol else {}
    options |= {"mirror": False} if wanted.no_mirror else {}
    options |= {"processes": jobs} if jobs > 1 else {}
    splits = None if wanted.all_splits else [wanted.split]
    trained = wanted.of(model).train(wanted.data_dir, splits, wanted.epochs, wanted.seed, **options)
    about = trained.summary()
    if table:
        from quant.training import report

        title = f"{name}, W{wanted.bits}A{wanted.bits}," if wanted.bits else name
        report.write(output, title, wanted.command(name), about)
        click.echo(f"mean: {about['quantized_mean']:.2%} quantized, {about['float_mean']:.2%} in float; {output}")
        return
    note = {"model": name, "command": wanted.command(name), "data": about["data"], "seed": about["seed"]}
    model.save_weights(trained.nets[0], output, {**note, **about["splits"][0], "recipe": about["recipe"]})
    click.echo(f"Weights in {output}.")


@dataclass(frozen=True)
class Wanted:
    """What is trained, and how: all that the result depends on."""

    data_dir: Path | None = None
    protocol: str | None = None
    split: int = 1
    all_splits: bool = False
    epochs: int | None = None
    bits: int | None = None
    no_mirror: bool = False
    seed: int = 0

    def of(self, model: Model) -> Model:
        """`model` with the bits that are wanted."""
        return model if self.bits is None else model.vary(bits=self.bits)

    def command(self, name: str) -> str:
        """The command that repeats it; DIR stands for the data folder."""
        parts = [
            f"codesign train {name}",
            "--data DIR" if self.data_dir else "",
            f"--protocol {self.protocol}" if self.protocol else "",
            "--all-splits" if self.all_splits else f"--split {self.split}",
            f"--epochs {self.epochs}" if self.epochs else "",
            f"--bits {self.bits}" if self.bits else "",
            "--no-mirror" if self.no_mirror else "",
            f"--seed {self.seed}",
        ]
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
