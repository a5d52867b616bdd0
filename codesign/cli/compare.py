"""``codesign compare``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

import boards
from codesign.build import BuildConfig
from codesign.build.budget import part_of
from codesign.build.frames import frames as frames_for
from codesign.build.runner import Listening
from codesign.cli import hls4ml_options as hls4ml
from codesign.cli.build import FILE, POSITIVE, given
from codesign.cli.check import load
from codesign.cli.hls4ml_options import hls4ml_options
from codesign.cli.terminal import output
from codesign.compare import columns
from codesign.compare.column import Column
from codesign.compare.compare import REPORT, Outcome, exit_status, save
from codesign.compare.compare import compare as outcomes_of
from codesign.compare.table import remarks, table
from codesign.errors import UserError
from codesign.files import write_json
from codesign.graph import IntegerGraph
from codesign.ingest import ingest_model


@click.command()
@click.pass_context
@click.argument("model")
@click.option(
    "--backends",
    default="native,hls4ml",
    show_default=True,
    help=f"Back ends with commas between them, of {', '.join(columns.COLUMNS)}.",
)
@click.option("--board", default="zcu104", show_default=True, help=f"One of {', '.join(boards.names())}.")
@click.option("--target-fps", type=POSITIVE, help="Frames a second to fold for.  [default: the board's]")
@hls4ml_options
@click.option("--frames", type=click.IntRange(min=1), default=200, show_default=True, help="Frames to compare on.")
@click.option("--inputs", type=FILE, help="Inputs (.npy) to compare on, beside random ones.")
@click.option("--data", type=FILE, help="Data set folder that a preset's own inputs come from.")
@click.option("--input-type", help="Integers that the model's input holds, such as uint8.  [default: the model's]")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of random frames and stalls."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document in place of the table.")
@click.option("--output-dir", "-o", type=FILE, help="Where everything goes.  [default: build/compare-MODEL-BOARD]")
def compare(
    context: click.Context,
    model: str,
    backends: str,
    board: str,
    target_fps: float | None,
    reuse_factor: int,
    precision: str,
    io_type: str,
    strategy: str,
    frames: int,
    inputs: Path | None,
    data: Path | None,
    input_type: str | None,
    seed: int,
    as_json: bool,
    output_dir: Path | None,
) -> None:
    """Take MODEL (a preset's name or a QONNX file) through several back ends and lay what they make side by side.

    Every integer of every frame is compared with the integer graph's. Where a back end differs, the first operator
    that does is named, with the kernel or layer that computes it. Exit status 4 if any differs, else 1 if one failed,
    else 3 if one lacks a tool, else 2 if one cannot take the model; the others are shown all the same.
    """
    kinds, name = columns.chosen(backends), boards.get(board).name
    folder = output_dir or Path("build") / f"compare-{Path(model).stem}-{name}"
    _check_options(context, kinds)
    _check_folder(folder)
    hls4ml.check(reuse_factor, precision, io_type, strategy)
    config = BuildConfig(
        model,
        name,
        folder,
        target_fps=target_fps,
        inputs=inputs,
        data=data,
        frames=frames,
        seed=seed,
        input_type=input_type,
        reuse_factor=reuse_factor,
        precision=precision,
        io_type=io_type,
        strategy=strategy,
    )
    part_of(config)
    graph, _ = ingest_model(load(model), Path(model).stem, input_type=input_type)
    x = frames_for(config, graph, frames)
    _clear(folder)  # only now: what is wrong with the input must not cost an earlier comparison
    found = _run(kinds, graph, x, config)
    about = {"model": model, "board": name, "frames": len(x), "seed": seed}
    document = save(found, about, folder)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        console = output()
        console.print(table(f"{model} for {name}, {len(x)} frames", found, graph.run(x)))
        for remark in remarks(found):
            console.print(remark, highlight=False, markup=False, soft_wrap=True)
        console.print(f"All of it: {folder / REPORT}", highlight=False, markup=False, soft_wrap=True)
    sys.exit(exit_status(found))


def _check_options(context: click.Context, kinds: list[type[Column]]) -> None:
    """Raise UserError where an option was given that only other columns read."""
    for name in given(context):
        readers = [column.name for column in columns.COLUMNS.values() if name in column.options]
        if readers and not any(name in kind.options for kind in kinds):
            option, chosen = f"--{name.replace('_', '-')}", ",".join(kind.name for kind in kinds)
            raise UserError(
                f"{option} means nothing to --backends {chosen} (it is read by {', '.join(readers)}): leave it out, "
                f"or compare {' or '.join(readers)} too."
            )


def _check_folder(folder: Path) -> None:
    """Raise UserError where something else than a comparison is there."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--output-dir {folder} is a file: choose an empty or new folder.")
    if folder.exists() and any(folder.iterdir()) and not (folder / REPORT).exists():
        raise UserError(f"--output-dir {folder} holds other files than a comparison's: choose an empty or new folder.")


def _clear(folder: Path) -> None:
    """Make room for the columns; only what an earlier comparison made is removed."""
    write_json(folder / REPORT, {"columns": []})  # from here on the folder is a comparison's
    for name in columns.COLUMNS:
        shutil.rmtree(folder / name, ignore_errors=True)


def _run(kinds: list[type[Column]], graph: IntegerGraph, x: Any, config: BuildConfig) -> list[Outcome]:
    """Every column's outcome, each told of on standard error as it comes."""
    console = Console(stderr=True)
    found = []
    with console.status("comparing") as status, Listening(status.update, console):
        for outcome in outcomes_of(kinds, graph, x, config):
            found.append(outcome)
            console.print(f"{outcome.column.name}: {outcome.verdict} in {outcome.seconds:.1f} s", highlight=False)
    return found
