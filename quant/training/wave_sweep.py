"""Error against weights: the boundary task's float nets of several widths and ranks, each trained in the same way.

`python -m quant.training.wave_sweep -o FILE.json` trains what FILE lacks and adds a row for each net.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from torch import nn

from codesign.files import write_json
from quant.layers.field_shape import FieldShape
from quant.layers.fields import FieldNet
from quant.layers.quantizers import Quantizers
from quant.models.wave import CLASSICAL, WaveModel
from quant.training.fit import deterministic
from quant.training.regress import Pairs, Recipe, errors, pretrain

RECIPE = Recipe(float_epochs=10, float_rate=3e-2)
"""The same for all: shorter than the presets' own."""
POINTS = ((0, 16), (1, 32), (2, 24))
"""(rank, width of the finest level); rank 0 is the classical net."""


def shaped(rank: int, width: int) -> FieldShape:
    """The boundary task's net with this rank and `width`, 2 * `width` and 4 * `width` channels."""
    return replace(CLASSICAL, rank=rank, widths=(width, 2 * width, 4 * width))


def trained(shape: FieldShape, pairs: Pairs, recipe: Recipe, seed: int = 0) -> tuple[nn.Module, dict[str, Any]]:
    """The float net and its row."""
    begun = time.process_time()
    with deterministic(seed):
        net: nn.Module = FieldNet(shape, Quantizers(enabled=False))
    pretrain(net, pairs, recipe, seed)
    sizes = {"rank": shape.rank, "width": shape.widths[0], "weights": shape.weights(), "macs": shape.macs()}
    return net, {**sizes, **errors(net, pairs), "cpu_seconds": round(time.process_time() - begun)}


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Rows (.json) to add to.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data set; the cache if left out.")
def main(output: Path, data: Path | None) -> None:
    """Train the nets of POINTS that OUTPUT lacks."""
    rows: list[dict[str, Any]] = json.loads(output.read_text()) if output.is_file() else []
    model = WaveModel("wave-sweep", "", "boundary", CLASSICAL)
    pairs = model.pairs(model.fields(data))
    for rank, width in POINTS:
        if any((row["rank"], row["width"]) == (rank, width) for row in rows):
            continue
        _, row = trained(shaped(rank, width), pairs, RECIPE)
        rows.append(row)
        write_json(output, rows)
        click.echo(f"rank {rank}, width {width}: {row['weights']} weights, validation error {row['validation']:.2%}")


if __name__ == "__main__":
    main()
