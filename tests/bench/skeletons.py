"""Skeleton ensemble through to verified RTL on real sequences, with random stalls.

Needs a data folder: `CODESIGN_DATA` names that of UTKinect-Action3D (or of another data set of its 20 joints).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.errors import UserError
from quant import models
from quant.data.datasets import open_dataset
from quant.models.skeleton import SkeletonModel
from quant.models.skeleton_subnets import SUBNETS
from quant.training.sequences import labelled
from tests.bench.figures import Figure
from tests.bench.presets import DATA

FOLDER = Path("build/bench/skeletons")
SEQUENCES = 100
"""Real sequences that each net is verified on; as many random frames come between them."""
BOARD = "zcu104"
NETS = ("skeleton-tiny", *(f"skeleton-{kind}-tiny" for kind in SUBNETS), "skeleton-ensemble-tiny")


def measure() -> Iterator[Figure]:
    """Build every preset up to the simulation."""
    folder = os.environ.get(DATA)
    if folder is None:
        raise UserError(f"{DATA} is not set: it must name the folder of a skeleton data set, such as UTKinect's.")
    for name in NETS:
        yield from _network(name, Path(folder))


def _network(name: str, data: Path) -> Iterator[Figure]:
    model = models.get(name)
    assert isinstance(model, SkeletonModel)
    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    real = sequences(model, data)
    np.save(FOLDER / name / "inputs.npy", real)
    config = BuildConfig(
        model=name,
        board=BOARD,
        output_dir=FOLDER / name / "build",
        inputs=FOLDER / name / "inputs.npy",
        frames=2 * SEQUENCES,
    )
    run_steps(STEPS, config, stop_step="simulate")
    report = config.output_dir / "report"
    verified = json.loads((report / "verification.json").read_text())
    measured = json.loads((report / "rtlsim_performance.json").read_text())
    trained = 1 if all(member.weight_file.is_file() for member in model.trainees()) else 0
    cycles = measured["predicted_cycles_per_frame"]
    yield Figure(f"{name}, trained weights", trained, "of 1", "model")
    yield Figure(f"{name}, MACs a frame", measured["macs_per_frame"], "MACs", "model")
    different = len(np.unique(real, axis=0))
    yield Figure(f"{name}, real sequences compared", different, "sequences", "measured (RTL)", at_least=SEQUENCES)
    yield Figure(f"{name}, frames compared", verified["frames"], "frames", "measured (RTL)", at_least=2 * SEQUENCES)
    yield Figure(f"{name}, mismatches", verified["mismatches"], "integers", "measured (RTL)", at_most=0)
    yield Figure(f"{name}, frame errors", verified["frame_errors"], "frames", "measured (RTL)", at_most=0)
    yield Figure(f"{name}, interval", measured["cycles_per_frame"], "cycles", "measured (RTL)", cycles, cycles)
    yield Figure(f"{name}, rate", measured["throughput_fps"], "frames/s", "measured (RTL)")


def sequences(model: SkeletonModel, data: Path) -> np.ndarray:
    """float32 [SEQUENCES, *input shape], all different, of both halves of the splits."""
    dataset = open_dataset(data)
    if len(dataset.sequences) < SEQUENCES:
        found = len(dataset.sequences)
        raise UserError(f"{dataset.title} in {data} has {found} sequences; the benchmark needs {SEQUENCES}.")
    chosen = np.random.default_rng(0).permutation(len(dataset.sequences))[:SEQUENCES]
    return np.asarray(labelled(dataset, model.frames).x.numpy()[chosen])
