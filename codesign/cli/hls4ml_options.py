"""hls4ml's own options, by hls4ml's names, for every command that takes its back end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from hw.hls4ml.precision import Fixed
from hw.hls4ml.settings import DERIVED, IO_TYPES, STRATEGIES, Settings

OF_HLS4ML = " [hls4ml]"
"""Ends the help of an option that only that back end has."""
NAMES = ("reuse_factor", "precision", "io_type", "strategy")
OPTIONS = (
    click.option(
        "--reuse-factor",
        type=int,
        default=1,
        show_default=True,
        help=f"Multiplications that one multiplier makes a position. {OF_HLS4ML}",
    ),
    click.option(
        "--precision",
        default=DERIVED,
        show_default=True,
        help=f"Of sums: derived, or one type such as fixed<48,20>. {OF_HLS4ML}",
    ),
    click.option("--io-type", default=IO_TYPES[0], show_default=True, help=f"{' or '.join(IO_TYPES)}. {OF_HLS4ML}"),
    click.option(
        "--strategy",
        default=STRATEGIES[0],
        show_default=True,
        help=f"Of products: {' or '.join(STRATEGIES)}. {OF_HLS4ML}",
    ),
)


def hls4ml_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it gets them under ``NAMES``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def check(reuse_factor: int, precision: str, io_type: str, strategy: str) -> None:
    """Raise UserError where hls4ml has no such setting."""
    Settings(io_type, strategy, reuse_factor, precision)
    if precision != DERIVED:
        Fixed.parse(precision)
