"""``python -m codesign_board``: look at a package, test it, measure it.

Exit status: 0 where all is well, 2 after a user's or the board's error, 4 where integers differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from codesign_board.accelerator import Accelerator
from codesign_board.compare import compare
from codesign_board.errors import BoardError, Mismatch
from codesign_board.package import Package, Weights, is_bound

ERROR, MISMATCH = 2, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except Mismatch as error:
        print(error, file=sys.stderr)
        return MISMATCH
    except BoardError as error:
        print(f"Error: {error}", file=sys.stderr)
        return ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codesign-board", description="Accelerators made by codesign.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "info", _info, "say what a package holds")
    _add_running(commands, "selftest", _selftest, "run the package's samples and compare every integer")
    benchmark = _add_running(commands, "benchmark", _benchmark, "measure latency, throughput, clock and power")
    benchmark.add_argument("--seconds", type=float, default=0.5, help="about how long each measurement lasts")
    comparison = _add(commands, "compare", _compare, "run the samples and random frames at two places, and compare")
    comparison.add_argument("--places", required=True, metavar="A,B", help="the two, such as pynq,reference")
    comparison.add_argument("--frames", type=int, default=32, help="random frames, beside the samples")
    comparison.add_argument(
        "--option", action="append", default=[], metavar="PLACE.NAME=VALUE", help="of a place: serial.port=/dev/ttyUSB0"
    )
    return parser


def _add(commands: Any, name: str, run: Callable[[argparse.Namespace], None], purpose: str) -> argparse.ArgumentParser:
    """Add a subcommand on a package; ``run`` does it, and raises what goes wrong."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=f"{purpose}.".capitalize())
    command.add_argument("package", metavar="PACKAGE", help="the folder deploy/ of a build, or the zip made of it")
    command.set_defaults(run=run)
    return command


def _add_running(
    commands: Any, name: str, run: Callable[[argparse.Namespace], None], purpose: str
) -> argparse.ArgumentParser:
    """Add a subcommand that loads the accelerator."""
    command = _add(commands, name, run, purpose)
    command.add_argument("--place", help="where it runs: pynq, serial or another; what the package is for by default")
    command.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="of the place, such as port=/dev/ttyUSB0"
    )
    return command


def _load(options: argparse.Namespace) -> Accelerator:
    return Accelerator.load(options.package, options.place, **_pairs(options.option))


def _pairs(given: Sequence[str]) -> dict[str, bool | int | float | str]:
    """Return ``NAME=VALUE`` texts as a dictionary."""
    for option in given:
        if "=" not in option:
            raise BoardError(f"--option {option} must be NAME=VALUE, such as port=/dev/ttyUSB0.")
    return {name: _value(text) for name, _, text in (option.partition("=") for option in given)}


def _value(text: str) -> bool | int | float | str:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _info(options: argparse.Namespace) -> None:
    package = Package.load(options.package)
    given, taken = package.input, package.output
    cycles = package.manifest["cycles"]
    rate, source = f"{1e6 * package.clock_mhz / cycles['interval']:,.0f} a second", cycles["source"]
    rows = {
        "model": package.model,
        "board": f"{package.board} ({package.io})",
        "build": f"{package.build % 2**32:#010x}",
        "clock": f"{package.clock_mhz:g} MHz",
        "frames": f"{'at most ' if is_bound(source) else ''}{rate} ({source})",
        "takes": f"[N, {', '.join(map(str, package.head.model_shape))}], {given.bits}-bit integers after quantization",
        "gives": f"[N, {', '.join(map(str, package.tail.model_shape))}], from {taken.bits}-bit integers",
        **({"loads": _loads(package.weights)} if package.weights else {}),
        "files": ", ".join(map(str, package.manifest["files"].values())),
    }
    print("\n".join(f"{name:<6} {value}" for name, value in rows.items()))


def _loads(weights: Weights) -> str:
    return f"{weights.start_bytes:,} bytes of weights at the start, {weights.frame_bytes:,} for each frame"


def _selftest(options: argparse.Namespace) -> None:
    with _load(options) as accelerator:
        result = accelerator.selftest()
    result.raise_for_mismatch()
    print(result)


def _compare(options: argparse.Namespace) -> None:
    places = options.places.split(",")
    if len(places) != 2:
        raise BoardError(f"--places {options.places} must name two places, such as pynq,reference.")
    strangers = [text for text in options.option if text.partition(".")[0] not in places]
    if strangers:
        raise BoardError(
            f"--option {strangers[0]} must begin with one of the places: {' or '.join(places)}, and a dot."
        )
    package = Package.load(options.package)
    with ExitStack() as stack:
        both = []
        for place in places:
            own = [text[len(place) + 1 :] for text in options.option if text.startswith(f"{place}.")]
            both.append(stack.enter_context(Accelerator.load(package, place, **_pairs(own))))
        result = compare(*both, frames=options.frames)
    result.raise_for_mismatch()
    print(result)


def _benchmark(options: argparse.Namespace) -> None:
    with _load(options) as accelerator:
        print(accelerator.benchmark(options.seconds))


if __name__ == "__main__":
    sys.exit(main())
