"""Compression after training: a trained filter as the nearest sum of products of one-way filters.

Two ways: the singular value decomposition, cut off behind `rank` terms, is the nearest (Eckart and Young 1936).
Three ways: the canonical polyadic decomposition by alternating least squares (Kolda and Bader, SIAM Review 2009,
section 3.4), from the leading singular vectors of each unfolding and from random starts, of which the best is taken.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from codesign.errors import UserError
from quant.layers.compressed import CompressedConv, DenseConv

STARTS, SWEEPS, RIDGE = 4, 200, 1e-9


def svd(kernel: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Filters [F, k, k] as sums over r of tall[r, f] wide[r, f]: two arrays [rank, F, k]; terms beyond k are zero."""
    left, values, right = np.linalg.svd(kernel)
    kept = min(rank, kernel.shape[-1])
    root = np.sqrt(values[:, :kept])
    tall, wide = np.zeros((2, rank, len(kernel), kernel.shape[-1]))
    tall[:kept] = (left[:, :, :kept] * root[:, None]).transpose(2, 0, 1)
    wide[:kept] = (right[:, :kept] * root[:, :, None]).transpose(1, 0, 2)
    return tall, wide


def cp(kernel: np.ndarray, rank: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Filters [F, C, k, k] as sums over r of point[r, f] tall[r, f] wide[r, f]: [rank, F, C] and two [rank, F, k].

    All filters are decomposed at once, each on its own. The three factors of a term have equal norms.
    """
    random = np.random.default_rng(seed)
    best: list[np.ndarray] = []
    least = np.full(len(kernel), np.inf)
    for start in range(STARTS):
        factors = _leading(kernel, rank, random) if start == 0 else _random(kernel, rank, random)
        for _ in range(SWEEPS):
            factors = _sweep(kernel, factors)
        error = np.square(kernel - compose(*factors)).sum((1, 2, 3))
        better = error < least
        least = np.where(better, error, least)
        best = (
            factors if not best else [np.where(better[:, None, None], n, b) for n, b in zip(factors, best, strict=True)]
        )
    norms = [np.linalg.norm(f, axis=2, keepdims=True) for f in best]
    size = np.cbrt(np.prod(norms, axis=0))
    point, tall, wide = (f * size / np.maximum(n, 1e-30) for f, n in zip(best, norms, strict=True))
    return point.transpose(1, 0, 2), tall.transpose(1, 0, 2), wide.transpose(1, 0, 2)


def compose(point: np.ndarray, tall: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Factors [F, rank, C], [F, rank, k], [F, rank, k] to filters [F, C, k, k]."""
    return np.einsum("frc,fri,frj->fcij", point, tall, wide, optimize=True)


def _random(kernel: np.ndarray, rank: int, random: np.random.Generator) -> list[np.ndarray]:
    return [random.standard_normal((len(kernel), rank, size)) for size in kernel.shape[1:]]


def _leading(kernel: np.ndarray, rank: int, random: np.random.Generator) -> list[np.ndarray]:
    """Leading left singular vectors of each unfolding; random ones where there are no more."""
    factors = _random(kernel, rank, random)
    for axis, factor in enumerate(factors, 1):
        unfolded = np.moveaxis(kernel, axis, 1).reshape(len(kernel), kernel.shape[axis], -1)
        vectors = np.linalg.svd(unfolded, full_matrices=False)[0].transpose(0, 2, 1)[:, :rank]
        factor[:, : vectors.shape[1]] = vectors
    return factors


def _sweep(kernel: np.ndarray, factors: list[np.ndarray]) -> list[np.ndarray]:
    """One factor after the other by least squares, the other two held."""
    for axis, letters in enumerate(("fcij,fri,frj->frc", "fcij,frc,frj->fri", "fcij,frc,fri->frj")):
        others = [f for i, f in enumerate(factors) if i != axis]
        others = [f / np.maximum(np.linalg.norm(f, axis=2, keepdims=True), 1e-30) for f in others]
        gram = np.prod([f @ f.transpose(0, 2, 1) for f in others], axis=0) + RIDGE * np.eye(others[0].shape[1])
        right = np.einsum(letters, kernel, *others, optimize=True)
        new = [*others]
        new.insert(axis, np.linalg.solve(gram, right))
        factors = new
    return factors


def into(layer: CompressedConv, dense: DenseConv) -> None:
    """Set `layer`'s one-way filters to the decomposition of `dense`'s trained kernel.

    Raises:
        UserError: the layers' sizes differ.
    """
    mine, theirs = layer.filters, dense.filters
    if (mine.inputs, mine.outputs, mine.kernel, mine.ways) != (
        theirs.inputs,
        theirs.outputs,
        theirs.kernel,
        theirs.ways,
    ):
        raise UserError(f"{theirs} cannot be decomposed into {mine}: all but the rank must be equal.")
    kernel = dense.kernel().double().numpy()
    if layer.point is not None:
        point, tall, wide = cp(kernel, mine.rank)
        _set(layer.point, point)
    else:
        tall, wide = svd(kernel[:, 0], mine.rank)
        tall = tall.reshape(mine.rank, mine.inputs, -1, mine.kernel).transpose(1, 0, 2, 3)
    _set(layer.tall, tall)
    _set(layer.wide, wide.transpose(1, 2, 0))


def _set(layer: nn.Module, values: np.ndarray) -> None:
    weight = layer.get_parameter("weight")
    with torch.no_grad():
        weight.copy_(torch.from_numpy(np.ascontiguousarray(values)).reshape(weight.shape))
