"""``codesign build``."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

import boards
from boards.board import Board
from codesign.build import BACKENDS, BuildConfig, run_steps
from codesign.build.budget import part_of
from codesign.cli import hls4ml_options as hls4ml
from codesign.cli.hls4ml_options import hls4ml_options
from codesign.errors import UserError
from codesign.ingest.boundary import integer_input
from codesign.mapping.weights import WISHES
from hw.finn.flow import require_amd
from hw.hls4ml.target import clock_of, known, target_of

FILE = click.Path(path_type=Path)
POSITIVE = click.FloatRange(min=0, min_open=True)
OF_BOARD = " [default: the board's]"
HLS4ML_ONLY = dict.fromkeys(hls4ml.NAMES, "it is hls4ml's")
MEANINGLESS: dict[str, dict[str, str]] = {
    "own": HLS4ML_ONLY,
    "finn": {
        **HLS4ML_ONLY,
        "max_resources": "FINN folds for --target-fps or by --folding",
        "fifo_depths": "FINN sizes its FIFOs itself",
        "stream_weights": "FINN shares no engine between parts of a network",
        "netlist_frames": "only AMD's tools make a netlist of its project",
    },
    "hls4ml": {
        "max_resources": "hls4ml estimates nothing before synthesis",
        "target_fps": "hls4ml estimates nothing before synthesis and folds by --reuse-factor",
        "folding": "hls4ml folds by --reuse-factor",
        "fifo_depths": "hls4ml sizes its FIFOs itself",
        "stream_weights": "hls4ml keeps all weights in the fabric",
        "netlist_frames": "only AMD's tools make a netlist of its project",
    },
}
"""Options that a back end has no use for, and why."""
STEP_NAMES = " ".join(f"{name}: {', '.join(step.name for step in steps)}." for name, steps in BACKENDS.items())


@click.command()
@click.pass_context
@click.argument("model")
@click.option("--board", required=True, help=f"One of {', '.join(boards.names())}; any case, with - or _.")
@click.option(
    "--backend",
    type=click.Choice(list(BACKENDS)),
    default="own",
    show_default=True,
    help="own: our kernels, to a bitstream. finn: FINN's operators, to where FINN needs Vivado and Vitis HLS. hls4ml: "
    "hls4ml's, to a compared C simulation, and on where Vitis HLS or Vivado HLS is.",
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
@hls4ml_options
@click.option("--inputs", type=FILE, help="Inputs (.npy) to verify with, beside random ones.")
@click.option("--data", type=FILE, help="Data set folder that a preset's own inputs come from.")
@click.option(
    "--frames",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Frames to verify the RTL with, or the C++.",
)
@click.option(
    "--netlist-frames", type=click.IntRange(min=1), default=20, show_default=True, help="Frames for the netlist."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of random frames and stalls."
)
@click.option("--start-step", help=f"First step. {STEP_NAMES}")
@click.option("--stop-step", help="Last step.")
@click.option(
    "--output-dir",
    "-o",
    type=FILE,
    help="Where everything goes.  [default: build/MODEL-BOARD, or …-finn, …-hls4ml]",
)
def build(
    context: click.Context,
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
    reuse_factor: int,
    precision: str,
    io_type: str,
    strategy: str,
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
    _check_meaning(context, backend)
    name = _board(board, backend).name
    if input_type is not None:
        integer_input.check(input_type)
    _check_values(context, backend)
    suffix = "" if backend == "own" else f"-{backend}"
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
        io_type=io_type,
        strategy=strategy,
        reuse_factor=reuse_factor,
        precision=precision,
    )
    part_of(config)
    run_steps(BACKENDS[backend], config, start_step=start_step, stop_step=stop_step)


def given(context: click.Context) -> list[str]:
    """Names of the parameters that the command line gives, in the order of the declarations."""
    return [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]


def _check_meaning(context: click.Context, backend: str) -> None:
    """Raise UserError where an option was given that the back end has no use for."""
    for name, reason in MEANINGLESS[backend].items():
        if name in given(context):
            option = f"--{name.replace('_', '-')}"
            raise UserError(f"{option} means nothing to --backend {backend} ({reason}): leave it out.")


def _check_values(context: click.Context, backend: str) -> None:
    """Raise UserError at once, not after the model was exported and checked, where the back end cannot do as asked."""
    asked = context.params
    board = boards.get(asked["board"])
    if backend == "own" and asked["folding"] is not None and asked["target_fps"] is not None:
        raise UserError("--folding says how everything is folded: leave out --target-fps.")
    if backend == "finn":
        require_amd(board)
    if backend == "hls4ml":
        target_of(board, clock_of(board, asked["clock"]))
        hls4ml.check(**{name: asked[name] for name in hls4ml.NAMES})


def _board(name: str, backend: str) -> Board:
    """The board; where it is unknown, hls4ml's are told too."""
    try:
        return boards.get(name)
    except UserError as error:
        if backend != "hls4ml":
            raise
        raise UserError(f"{error}; hls4ml knows, {known()}") from error
