"""``codesign build``."""

from __future__ import annotations

from pathlib import Path

import click

import boards
from codesign.build import BACKENDS, BuildConfig, run_steps
from codesign.build.budget import part_of
from codesign.errors import UserError
from codesign.ingest.boundary import integer_input
from codesign.mapping.weights import WISHES
from hw.finn.flow import require_amd

FILE = click.Path(path_type=Path)
POSITIVE = click.FloatRange(min=0, min_open=True)
OF_BOARD = " [default: the board's]"
STEP_NAMES = " ".join(f"{name}: {', '.join(step.name for step in steps)}." for name, steps in BACKENDS.items())


@click.command()
@click.argument("model")
@click.option("--board", required=True, help=f"One of {', '.join(boards.names())}; any case, with - or _.")
@click.option(
    "--backend",
    type=click.Choice(list(BACKENDS)),
    default="own",
    show_default=True,
    help="own: our kernels, to a bitstream. finn: FINN's operators, to where FINN needs Vivado and Vitis HLS.",
)
@click.option("--target-fps", type=POSITIVE, help=f"Frames a second to fold for. {OF_BOARD}")
@click.option(
    "--max-resources",
    is_flag=False,
    flag_value="100%",
    help="What it may take: 50% of the part, or lut=20000,dsp=80; as fast as that allows, or --target-fps says.",
)
@click.option("--clock", type=click.FloatRange(min=1, max=1000), help=f"Accelerator clock in MHz. {OF_BOARD}")
@click.option("--folding", type=FILE, help="Folding JSON to use in place of the search: {kernel: {PE, SIMD, resType}}.")
@click.option("--fifo-depths", type=FILE, help="FIFO depths (JSON) to keep to: {kernel: [one an input]}.")
@click.option("--input-type", help="Integers that the model's input holds, such as uint8.  [default: the model's]")
@click.option(
    "--stream-weights",
    type=click.Choice(WISHES),
    default="auto",
    show_default=True,
    help="One engine for the parts of a network that never meet (groups), the weights of each streamed in as it is "
    "computed. auto: where the board cannot hold all weights.",
)
@click.option("--inputs", type=FILE, help="Inputs (.npy) to verify with, beside random ones.")
@click.option("--data", type=FILE, help="Data set folder that a preset's own inputs come from.")
@click.option(
    "--frames", type=click.IntRange(min=1), default=200, show_default=True, help="Frames to verify the RTL with."
)
@click.option(
    "--netlist-frames", type=click.IntRange(min=1), default=20, show_default=True, help="Frames for the netlist."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of random frames and stalls.")
@click.option("--start-step", help=f"First step. {STEP_NAMES}")
@click.option("--stop-step", help="Last step.")
@click.option(
    "--output-dir",
    "-o",
    type=FILE,
    help="Where everything goes.  [default: build/MODEL-BOARD, or …-finn]",
)
def build(
    model: str,
    board: str,
    backend: str,
    target_fps: float | None,
    max_resources: str | None,
    clock: float | None,
    folding: Path | None,
    fifo_depths: Path | None,
    input_type: str | None,
    stream_weights: str,
    inputs: Path | None,
    data: Path | None,
    frames: int,
    netlist_frames: int,
    seed: int,
    start_step: str | None,
    stop_step: str | None,
    output_dir: Path | None,
) -> None:
    """Take MODEL (a preset's name or a QONNX file) to a verified design and a bitstream for a board.

    A second run makes nothing again; a killed one resumes at the step that it was in.
    """
    name = boards.get(board).name
    if input_type is not None:
        integer_input.check(input_type)
    suffix = "" if backend == "own" else f"-{backend}"
    if backend == "finn":
        if max_resources is not None:
            raise UserError("--max-resources is for --backend own: FINN folds for --target-fps or by --folding.")
        require_amd(boards.get(board))  # at once, not after the model was exported and checked
    config = BuildConfig(
        model=model,
        board=name,
        output_dir=output_dir or Path("build") / f"{Path(model).stem}-{name}{suffix}",
        target_fps=target_fps,
        max_resources=max_resources,
        synth_clk_mhz=clock,
        folding_config_file=folding,
        fifo_depths=fifo_depths,
        inputs=inputs,
        data=data,
        frames=frames,
        netlist_frames=netlist_frames,
        seed=seed,
        input_type=input_type,
        stream_weights=stream_weights,
    )
    if folding is not None and target_fps is not None and backend == "own":
        raise UserError("--folding says how everything is folded: leave out --target-fps.")
    part_of(config)
    run_steps(BACKENDS[backend], config, start_step=start_step, stop_step=stop_step)
