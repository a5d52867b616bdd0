"""The frames that a build is verified with: random integers and real or realistic inputs, half and half."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import quant.models
from codesign.build.config import BuildConfig
from codesign.errors import UserError
from codesign.graph import IntegerGraph


def frames(config: BuildConfig, graph: IntegerGraph, count: int) -> np.ndarray:
    """Return integer inputs, int64 [count, *shape]: every other one random over the input's whole range.

    The others come from ``config.inputs``, or are a preset's own samples; a file without either gets inputs of a smooth
    random walk over the input's range, as sensors give them.
    """
    rng = np.random.default_rng(config.seed)
    tensor = graph.tensors[graph.input]
    result = rng.integers(tensor.low, tensor.high, (count, *tensor.shape), np.int64, endpoint=True)
    real = real_inputs(config, graph, max(count // 2, 1))[: count // 2]  # of a single frame none, but it is judged
    result[1 : 2 * len(real) : 2] = graph.head.run(real)
    return result


def real_inputs(config: BuildConfig, graph: IntegerGraph, count: int) -> np.ndarray:
    """Return inputs as the model takes them, float32 [count, *model shape]."""
    shape = graph.head.model_shape
    if config.inputs is not None:
        given = _read(config.inputs, shape)
        return given[np.arange(count) % len(given)]
    if config.model in quant.models.names():
        return quant.models.get(config.model).sample_inputs(count, data_dir=config.data, seed=config.seed)
    rng = np.random.default_rng(config.seed + 1)
    head = graph.head
    walk = np.cumsum(rng.normal(0, head.reach / 8, (count, *shape)), axis=-1).astype(np.float32)
    if not head.integer:
        return walk
    middle = np.rint(walk + (head.low + head.high) / 2)
    return np.clip(middle, head.low, head.high).astype(np.float32)


def _read(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    try:
        given = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"The inputs {path} could not be read ({error}): give a .npy file of floats.") from error
    if given.ndim != len(shape) + 1 or given.shape[1:] != shape or not len(given):
        raise UserError(
            f"The inputs {path} have the shape {given.shape}: they must be [N, {', '.join(map(str, shape))}]."
        )
    if not np.isfinite(given).all():
        raise UserError(
            f"The inputs {path} hold {int((~np.isfinite(given)).sum())} values that are not finite: clean them."
        )
    return given.astype(np.float32)
