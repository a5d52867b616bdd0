"""Folding files: JSON in FINN's form, ``{"Defaults": {}, "kernel": {"PE": 2, "SIMD": 4, "resType": "dsp"}}``.

Their FIFO depths, ``"inFIFODepths": [64, 0]``, are read by ``mapping.fifos``.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from codesign.errors import UserError
from codesign.files import write_json
from hw.design.design import Design
from hw.lowering.adapt import Folding

NAMES = {"pe": "PE", "simd": "SIMD", "multiplier": "resType", "memory": "ram_style"}
"""FINN's names of what a kernel calls otherwise; the rest is called alike."""
VALUES = {"memory": {"lut": "distributed"}}
"""FINN's names of values."""
DEPTHS = "inFIFODepths"
IGNORED = (
    *("EmbFold", "SeqFold", "parallel_window", "ram_style_thresholds", "ram_style_mask", "impl_style", "mem_mode"),
    *("depth", "outFIFODepths", "depth_trigger_uram", "depth_trigger_bram", "mac_resource"),
    *("ram_style", "resType", "runtime_writeable_weights"),
)
"""What FINN's files have and a kernel of ours may lack: all that FINN-plus writes (``hw_attrs`` in its build steps)."""
ADDED = ("stream_fifo_", "width_converter_", "StreamingFIFO", "StreamingDataWidthConverter")
"""Beginnings of the names of instances that are put in after the folding."""
log = logging.getLogger("codesign")


def write_folding(path: Path, folding: Folding) -> None:
    """Write the folding as JSON in FINN's form."""
    kernels = {
        name: {NAMES.get(key, key): VALUES.get(key, {}).get(value, value) for key, value in values.items()}
        for name, values in folding.items()
    }
    write_json(path, {"Defaults": {}, **kernels})


def read_folding(path: Path, design: Design | None = None) -> dict[str, dict[str, Any]]:
    """Read a folding file; what is FINN's and has no meaning here is passed over, with a line in the log.

    Args:
        path: of the file.
        design: as it was lowered. With it, ``Defaults`` (``{"PE": [2, ["all"]]}``, or names of kernels' types) reach
            the kernels that have the fold or the form.

    Raises:
        UserError: where it is not there, is no JSON, or has not the form ``{instance: {"PE": 2}}``.
    """
    try:
        document = json.loads(path.read_text())
        defaults = _defaults(document.pop("Defaults", {}), design)
        given = {name: _values(name, values) for name, values in document.items() if not added(name)}
    except OSError as error:
        raise UserError(
            f"The folding file {path} could not be read ({error.strerror}): give an existing file."
        ) from error
    except (json.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
        raise UserError(
            f'The folding file {path} is no folding ({error}): it must be JSON of the form {{"kernel": {{"PE": 2}}}}.'
        ) from error
    merged = {name: {**defaults.get(name, {}), **given.get(name, {})} for name in (*given, *defaults)}
    return merged if design is None else {name: _known(name, values, design) for name, values in merged.items()}


def added(name: str) -> bool:
    """Return whether an instance is put in after the folding, and so has none; a line in the log says so."""
    put_in = name.startswith(ADDED)
    if put_in:
        log.info("folding file: %s is passed over, because it is put in where it is needed", name)
    return put_in


def _values(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """A kernel's folds and form, by our names."""
    ours = {theirs: key for key, theirs in NAMES.items()}
    found: dict[str, Any] = {}
    for key, value in values.items():
        if key.upper() in ("PE", "SIMD"):
            if type(value) is not int:
                raise TypeError(f"{key} of {name} is {value!r}")
            found[key.lower()] = value
        elif key == DEPTHS:
            continue
        elif (value == "auto" and key != NAMES["memory"]) or (key in IGNORED and key not in ours):
            log.info("folding file: %s of %s is passed over", key, name)
        else:
            own = ours.get(key, key)
            values_of = {theirs: v for v, theirs in VALUES.get(own, {}).items()}
            found[own] = values_of.get(value, value) if isinstance(value, str) else value
    return found


def _defaults(document: dict[str, Any], design: Design | None) -> dict[str, dict[str, Any]]:
    """What holds for all kernels of a type, FINN's ``"name": [value, [types]]``, for each kernel that has it."""
    found: dict[str, dict[str, Any]] = {}
    for key, (value, types) in document.items():
        for name, kernel in design.kernels.items() if design else ():
            (ours, setting), *_ = [*_values("Defaults", {key: value}).items(), ("", None)]
            has = ours in kernel.folds or any(ours in form for form in kernel.forms())
            if has and ({"all", type(kernel).__name__} & set(types)):
                found.setdefault(name, {})[ours] = setting
    return found


def _known(name: str, values: dict[str, Any], design: Design) -> dict[str, Any]:
    """The values but for FINN's that this kernel has no use for."""
    kernel = design.kernels.get(name)
    if kernel is None:
        return values
    has = {*kernel.folds, *(key for form in kernel.forms() for key in form)}
    passed = {key for key in values if key not in has and NAMES.get(key, key) in IGNORED}
    for key in sorted(passed):
        log.info("folding file: %s of %s is passed over, which has no such form", NAMES.get(key, key), name)
    return {key: value for key, value in values.items() if key not in passed}
