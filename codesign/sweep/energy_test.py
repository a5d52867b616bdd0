"""The energy model orders as it says: by bits, by multiply-accumulates, by what is read and where it is multiplied."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from codesign.graph.examples import plain_2d
from codesign.sweep.energy import ADD_PJ, LOGIC, MULTIPLY_PJ, frame_uj, kernel_pj, read_pj
from hw.kernels.matrix_vector_unit.kernel import MatrixVectorUnit
from hw.lowering import lower


def unit(weight_bits: int = 4, bits: int = 4, rows: int = 8, vectors: int = 16, **more: Any) -> MatrixVectorUnit:
    """A unit whose weights reach the ends of their range."""
    ends = 1 << weight_bits - 1
    weights = np.random.default_rng(0).integers(-ends, ends, (rows, 16))
    weights[0, :2] = -ends, ends - 1
    return MatrixVectorUnit(weights, vectors, bits, family="xc7", acc_bits=24, **more)


def rising(values: list[float]) -> bool:
    return all(a < b for a, b in pairwise(values))


def test_more_bits_and_more_products_take_more() -> None:
    assert rising([kernel_pj(unit(weight_bits=n)) for n in range(2, 9)])
    assert rising([kernel_pj(unit(bits=n)) for n in range(1, 9)])
    assert rising([kernel_pj(unit(rows=n)) for n in (1, 2, 4, 8, 16)])
    assert kernel_pj(unit(vectors=32)) == pytest.approx(2 * kernel_pj(unit(vectors=16)))


def test_by_hand() -> None:
    """A unit of one word: 16 * 8 products a vector, no memory, 8 sums of 24 bits out."""
    one = unit(pe=8, simd=16)
    assert one.product.multiplier == "lut"
    macs, moved = 16 * 16 * 8, 16 * 8 * 24
    expected = 14 * (macs * (16 * 0.2 / 64 + 24 * 0.1 / 32) + moved * 0.1 / 32)
    assert kernel_pj(one) == pytest.approx(expected)
    assert (LOGIC, MULTIPLY_PJ, ADD_PJ) == (14, 0.2 / 64, 0.1 / 32)


def test_reading_again_takes_more() -> None:
    """What all rows share is read once; with one row a cycle it is read for each."""
    assert kernel_pj(unit(pe=8)) < kernel_pj(unit(pe=1))
    assert kernel_pj(unit(bits=8, weight_bits=8, multiplier="dsp")) < kernel_pj(unit(bits=8, weight_bits=8))


@pytest.mark.parametrize(("kilobytes", "published"), [(8, 10), (32, 20), (1024, 100)])
def test_memories_are_the_published_ones(kilobytes: int, published: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as a root goes; ours are blocks of 18 kbit, behind which a larger one takes no more a bit."""
    block = read_pj(18 * 1024)
    assert read_pj(1 << 30) == block and read_pj(9 * 1024) < block
    monkeypatch.setattr("codesign.sweep.energy.BLOCK_BITS", 1 << 40)
    assert 64 * read_pj(kilobytes * 8192) == pytest.approx(published, rel=0.15)


def test_a_design_is_its_kernels() -> None:
    design = lower(plain_2d()[0], "xc7")
    assert frame_uj(design) == pytest.approx(1e-6 * sum(kernel_pj(kernel) for kernel in design.kernels.values()))
    assert frame_uj(design) > 0
