"""Pictures: a problem, and fields true, predicted and their difference on one colour scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from codesign.errors import UserError
from codesign.files import replacing
from quant.data.wave import checks
from quant.data.wave.assembly import ABSORBING, DIRICHLET, NEUMANN
from quant.data.wave.problems import Problem
from quant.data.wave.sizes import Size
from quant.data.wave.zone import corners

FINE = 256
LINES = {DIRICHLET: ("black", "-"), NEUMANN: ("tab:blue", "-"), ABSORBING: ("tab:orange", "--")}
ENDS = {"left": ((0, 0), (0, 1)), "right": ((1, 1), (0, 1)), "bottom": ((0, 1), (0, 0)), "top": ((0, 1), (1, 1))}


def draw_problem(path: Path, size: Size, problem: Problem) -> None:
    """Write to ``path`` (.png, .svg, .pdf): the speed, sources (sized by amplitude), the sides' kinds and the zone."""
    figure = Figure(figsize=(5.6, 4.6), layout="constrained")
    axes = figure.subplots()
    line = (np.arange(FINE) + 0.5) / FINE
    speed = problem.speed(np.stack(np.meshgrid(line, line)))
    image = axes.imshow(speed, origin="lower", extent=(0, 1, 0, 1), cmap="viridis", vmin=size.speeds[0],
                        vmax=size.speeds[1])  # fmt: skip
    figure.colorbar(image, ax=axes, label="wave speed")
    for number, source in enumerate(problem.sources):
        width = 8 + 8 * abs(source.amplitude)
        axes.plot(*source.place, "*", color="tab:red", markersize=width, markeredgecolor="white",
                  label="" if number else "source")  # fmt: skip
    for side, (x, y) in ENDS.items():
        colour, style = LINES[problem.sides[side]]
        axes.plot(x, y, color=colour, linestyle=style, linewidth=5, solid_capstyle="butt", clip_on=False,
                  label=problem.sides[side])  # fmt: skip
    low, high = corners(size)
    axes.add_patch(
        Rectangle((low, low), high - low, high - low, fill=False, edgecolor="magenta", linewidth=2, label="zone")
    )
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    figure.legend(once.values(), once.keys(), loc="outside lower center", ncols=len(once), fontsize="small")
    _save(figure, path)


def draw_fields(path: Path, true: np.ndarray, predicted: np.ndarray, names: list[str], title: str = "") -> None:
    """Write to ``path`` a row for each field: true, predicted, and predicted minus true, all on one colour scale.

    Args:
        path: .png, .svg or .pdf.
        true, predicted: [rows, H, W]; H goes up.
        names: of the rows.
        title: above all.

    Raises:
        UserError: the shapes differ, or a value is not finite.
    """
    if np.shape(true) != np.shape(predicted) or np.ndim(true) != 3 or len(names) != len(true):
        raise UserError(f"The fields to draw are {list(np.shape(true))} and {list(np.shape(predicted))} with "
                        f"{len(names)} name(s): both must be [rows, H, W], with a name a row.")  # fmt: skip
    difference = checks.finite("predicted field", predicted) - checks.finite("true field", true)
    most = max(float(np.abs(true).max()), float(np.abs(predicted).max())) or 1.0
    figure = Figure(figsize=(8.4, 2.6 * len(true) + 0.4), layout="constrained")
    grid = figure.subplots(len(true), 3, squeeze=False)
    image: Any = None
    for row, name in enumerate(names):
        error = np.linalg.norm(difference[row]) / (np.linalg.norm(true[row]) or 1.0)
        shown = {"true": true[row], "predicted": predicted[row], f"difference ({error:.1%})": difference[row]}
        for axes, (what, field) in zip(grid[row], shown.items(), strict=True):
            image = axes.imshow(field, origin="lower", cmap="RdBu_r", vmin=-most, vmax=most)
            axes.set(title=what, xticks=[], yticks=[])
        grid[row, 0].set_ylabel(name)
    figure.colorbar(image, ax=grid, label="displacement", shrink=0.8)
    figure.suptitle(title)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    known = (".png", ".svg", ".pdf")
    if path.suffix not in known:
        raise UserError(f"The picture {path} must end in one of {', '.join(known)}.")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
