"""What users give, as arrays that the accelerator can take; everything else is refused in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

from codesign_board.errors import InputError
from codesign_board.package import Package


def frames(given: Any, package: Package, *, single: bool = False) -> tuple[np.ndarray, bool]:
    """Return frames in the model's own layout and values.

    Args:
        given: real numbers [N, *model_shape]; where the model takes integers, integers in its range, of any type.
        package: what they are for.
        single: whether one frame [*model_shape] is taken too.

    Returns:
        float32 [N, *model_shape], which is what the model takes (integers where it takes those), and whether one frame
        was given.

    Raises:
        InputError: they are of the wrong type or shape, none, not finite, or out of range.
    """
    head = package.head
    array = _array(given, "biuf", "real numbers")
    lone = single and array.shape == head.model_shape
    _check_shape(array[None] if lone else array, head.model_shape, package)
    if lone:
        array = array[None]
    if array.dtype.kind == "f" or not head.integer:
        with np.errstate(over="ignore"):
            array = array.astype(np.float32, copy=False)
        _refuse(array, ~np.isfinite(array), "not finite in float32, and the model takes finite numbers only")
    if head.integer:
        if array.dtype.kind == "f":
            _refuse(array, array != np.rint(array), "not whole, and this model takes integers")
        _check_range(array, package)
    return array, lone


def integers(given: Any, package: Package) -> np.ndarray:
    """Return integers [N, *shape], channels last, as they come after the model's head.

    Raises:
        InputError: they are of the wrong type or shape, none, or out of the input's range.
    """
    array = _array(given, "biu", "integers")
    _check_shape(array, package.input.shape, package)
    _check_range(array, package)
    return array


def _array(given: Any, kinds: str, wanted: str) -> np.ndarray:
    try:
        array = np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as error:  # rows of different lengths; a tensor on another device
        raise InputError(f"The frames are no array ({error}): give {wanted} as a numpy array.") from error
    if array.dtype.kind not in kinds:
        hint = {"f": " (infer takes real numbers)", "O": ", all rows of one length"}.get(array.dtype.kind, "")
        raise InputError(f"The frames are of type {array.dtype}: give {wanted}{hint}.")
    return array


def _check_shape(array: np.ndarray, shape: tuple[int, ...], package: Package) -> None:
    expected = f"[N, {', '.join(map(str, shape))}]"
    given = str(list(array.shape))
    if array.shape == shape:
        raise InputError(
            f"One frame {given} was given, and frames come in batches {expected}: give x[None] for a batch of one."
        )
    if array.shape[1:] != shape:
        raise InputError(f"{package.model} takes frames of shape {expected}, and {given} was given.")
    if not len(array):
        raise InputError(f"The batch {given} is empty: give at least one frame.")


def _check_range(array: np.ndarray, package: Package) -> None:
    low, high = package.input.low, package.input.high
    if array.min() < low or array.max() > high:
        _refuse(array, (array < low) | (array > high), f"outside the input's range, {low} to {high}")


def _refuse(array: np.ndarray, bad: np.ndarray, what: str) -> None:
    """Refuse the array where any of it is bad; name the first and say how many."""
    if not bad.any():
        return
    count = int(np.count_nonzero(bad))
    first = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
    many = f"{count} of {bad.size} values are" if count > 1 else f"1 of {bad.size} values is"
    raise InputError(f"{many} {what}: the first is {array[first]} at {list(first)}.")
