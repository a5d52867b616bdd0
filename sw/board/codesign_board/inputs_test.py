"""What users may give, and what they are told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fake_board import frames, manifest, write_package

from codesign_board import inputs
from codesign_board.errors import InputError
from codesign_board.package import Package


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package.load(write_package(tmp_path_factory.mktemp("floats")))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A package whose model takes integers."""
    head = {**manifest()["head"], "integer": True}
    return Package.load(write_package(tmp_path_factory.mktemp("integers"), head=head))


def broken(value: float, *at: int) -> np.ndarray:
    x = frames(3)
    x[at] = value
    return x


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.zeros((2, 6, 5)), r"frames of shape \[N, 6, 4\], and \[2, 6, 5\] was given"),
        (np.zeros(6), r"\[N, 6, 4\], and \[6\] was given"),
        (np.float32(3), r"\[N, 6, 4\], and \[\] was given"),
        (np.zeros((6, 4)), r"One frame \[6, 4\].*give x\[None\]"),
        (np.zeros((0, 6, 4)), r"batch \[0, 6, 4\] is empty"),
        ([], "was given"),
        (np.zeros((2, 6, 4), np.complex64), "type complex64"),
        (np.full((2, 6, 4), "a"), "type <U1"),
        (np.full((2, 6, 4), None), "type object"),
        (broken(np.nan, 1, 2, 3), r"1 of 72 values is not finite.*the first is nan at \[1, 2, 3\]"),
        (broken(-np.inf, 1, 2), r"4 of 72 values are not finite.*the first is -inf at \[1, 2, 0\]"),
        (frames(1).astype(np.float64) * 1e300, r"24 of 24 values are not finite in float32"),
    ],
)
def test_frames_are_refused(package: Package, given: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        inputs.frames(given, package)


@pytest.mark.filterwarnings("ignore")
def test_rows_of_different_lengths_are_refused(package: Package) -> None:
    with pytest.raises(InputError, match=r"no array|type object"):
        inputs.frames([[1, 2], [3]], package)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16, np.int8, np.uint64, bool])
def test_every_real_type_is_taken(package: Package, kind: type) -> None:
    given = np.abs(frames(5)).astype(kind)
    found, single = inputs.frames(given, package)
    assert found.dtype == np.float32 and not single
    assert np.array_equal(found, given.astype(np.float32))
    assert np.array_equal(inputs.frames(given.tolist(), package)[0], found)


def test_a_single_frame_is_taken_where_it_may_be(package: Package) -> None:
    found, single = inputs.frames(frames(1)[0], package, single=True)
    assert single and found.shape == (1, 6, 4)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.zeros((1, 4, 6), np.float32), r"type float32: give integers \(infer takes real"),
        (np.zeros((2, 6, 4), int), r"frames of shape \[N, 4, 6\], and \[2, 6, 4\] was given"),
        (np.zeros((4, 6), int), r"give x\[None\]"),
        (np.zeros((0, 4, 6), int), "is empty"),
        (np.full((2, 4, 6), 8), r"48 of 48 values are outside the input's range, -7 to 7: the first is 8 at \[0, 0"),
        (np.eye(6, dtype=int)[None, :4] * -8, r"4 of 24 values are outside .*: the first is -8 at \[0, 0, 0\]"),
        (np.full((1, 4, 6), 2**63, np.uint64), "24 of 24 values are outside"),
    ],
)  # fmt: skip
def test_integers_are_refused(package: Package, given: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        inputs.integers(given, package)


def test_a_model_of_integers_takes_those_of_its_range(whole: Package) -> None:
    q = np.random.default_rng(0).integers(-7, 8, (5, 6, 4))
    for given in (q, q.astype(np.float32), q.astype(np.int8)):
        assert np.array_equal(whole.head.run(inputs.frames(given, whole)[0]), q.transpose(0, 2, 1))
    with pytest.raises(InputError, match="outside the input's range, -7 to 7: the first is 8"):
        inputs.frames(np.where(q == 7, 8, q), whole)
    with pytest.raises(InputError, match=r"120 of 120 values are not whole"):
        inputs.frames(q + 0.5, whole)
    with pytest.raises(InputError, match="not finite"):
        inputs.frames(np.where(q == 7, np.nan, q), whole)


def test_the_input_is_left_as_it_was(package: Package, tmp_path: Path) -> None:
    x = frames(4)
    before = x.copy()
    inputs.frames(x, package)
    assert np.array_equal(x, before)
