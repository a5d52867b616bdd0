"""Pictures of waves: a problem, the edge of its zone and the submodel driven by it, true and by the net's integers.

`python -m tests.wave_pictures` writes docs/wave-problem.png, -edge.png, -zone.png and, from the sweep, -sweep.png.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from codesign.files import replacing
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from quant import models
from quant.data.wave.picture import draw_fields, draw_problem
from quant.data.wave.problems import random_problem
from quant.data.wave.tasks import WaveTask, relative_error
from quant.data.wave.zone import submodel
from quant.models.wave import WaveModel

DOCS = Path(__file__).parents[1] / "docs"
SWEEP = Path(__file__).parents[1] / "quant" / "models" / "results" / "wave-sweep.json"
NAME = "wave-compressed"


def integers(model: WaveModel) -> IntegerGraph:
    """The preset's integer graph, by export and ingest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(path)
        return ingest(path, model.name)[0]


def edges(model: WaveModel, graph: IntegerGraph, x: np.ndarray) -> np.ndarray:
    """What the integers say of the zone's edge, [n, horizon, K], normalised as the data set has it."""
    rows, columns = model.ring
    return np.asarray(graph.infer(x)[:, :, rows, columns])


def chosen(task: WaveTask) -> int:
    """The test sample whose edge moves most."""
    return int(task.test[np.argmax(np.square(task.y[task.test]).sum((1, 2)))])


def draw_edge(path: Path, task: WaveTask, true: np.ndarray, predicted: np.ndarray) -> None:
    """The field along the edge at each instant, true and predicted."""
    figure = Figure(figsize=(8.4, 5.2), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
    for instant, axes in enumerate(grid):
        axes.plot(true[instant] * task.y_scale, "k-", label="true (finite elements)")
        axes.plot(predicted[instant] * task.y_scale, "r.", label="predicted (integers)")
        axes.set(title=f"instant + {instant + 1}")
        axes.grid(alpha=0.3)
    grid[0].legend(fontsize="small")
    figure.supxlabel("point of the zone's edge, counter-clockwise")
    figure.supylabel("displacement")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)


def draw_curve(path: Path) -> None:
    """Validation error against weights, a line a rank."""
    rows = json.loads(SWEEP.read_text())
    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    axes = figure.subplots()
    for rank in sorted({row["rank"] for row in rows}):
        points = sorted((row["weights"], 100 * row["validation"], row["width"]) for row in rows if row["rank"] == rank)
        label = f"rank {rank}, before training" if rank else "classical"
        axes.plot([p[0] for p in points], [p[1] for p in points], "o-", label=label)
        for weights, error, width in points:
            axes.annotate(f" {width}", (weights, error), fontsize="small")
    axes.set(xscale="log", xlabel="weights", ylabel="relative L2 error, validation, %")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)


def main() -> None:
    """Write the pictures, and say what they show."""
    model = models.get(NAME)
    assert isinstance(model, WaveModel)
    task, graph = model.fields(), integers(model)
    sample = chosen(task)
    predicted = edges(model, graph, task.x[sample : sample + 1])[0]
    draw_problem(DOCS / "wave-problem.png", task.size, random_problem(task.size, int(task.simulation[sample])))
    draw_edge(DOCS / "wave-edge.png", task, task.y[sample], predicted)
    found, whole = submodel(task, sample, predicted)
    names = [f"instant + {n + 1}" for n in range(len(whole))]
    draw_fields(DOCS / "wave-zone.png", whole, found, names, "the zone of interest, driven by the predicted edge")
    draw_curve(DOCS / "wave-sweep.png")
    error = relative_error(predicted[None], task.y[sample : sample + 1])
    print(f"test sample {sample}, problem {task.simulation[sample]}: error on the edge {error:.1%}")


if __name__ == "__main__":
    main()
