"""Sequences of a data set, made ready for training."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from quant.data import synthetic
from quant.data.datasets import DataSet, open_dataset
from quant.data.preprocess import preprocess
from quant.training.splits import Labelled


def opened(data_dir: Path | None, protocol: str | None, seed: int) -> DataSet:
    """The data set in `data_dir`; the synthetic one that is made from `seed` where there is no folder."""
    if data_dir is not None:
        return open_dataset(data_dir, protocol)
    sequences = synthetic.generate(seed=seed)
    splits = synthetic.splits(sequences, seed=seed)
    return DataSet("synthetic", "the synthetic data set", sequences, "", splits, "Sequences made by kinematics.")


def labelled(data: DataSet, frames: int) -> Labelled:
    """`data` preprocessed to `frames` a sequence."""
    s = data.sequences
    x = [preprocess(sequence, frames, s.name(i), s.layout, s.bodies) for i, sequence in enumerate(s.frames)]
    return Labelled(torch.from_numpy(np.stack(x)), torch.from_numpy(s.labels), data.splits, data.title, data.protocol)


@lru_cache(maxsize=1)
def prepared(data_dir: Path | None, seed: int, frames: int) -> tuple[DataSet, Labelled]:
    """Both, the data set split in the usual way; read once for many nets."""
    data = opened(data_dir, None, seed)
    return data, labelled(data, frames)
