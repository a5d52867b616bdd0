"""FIFO depths that a user gives: JSON, ``{"stream_add_0": [64, 0]}``, the depth in front of each of its inputs.

A folding file has them too, by FINN's name: ``{"stream_add_0": {"inFIFODepths": [64, 0]}}``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codesign.errors import UserError
from codesign.mapping.folding.file import DEPTHS, added
from hw.design.design import Design, End


def read_depths(path: Path, design: Design) -> dict[End, int]:
    """Read the depths in front of some kernels' inputs; null leaves one to be found, 0 is no FIFO.

    Args:
        path: of the file.
        design: without FIFOs.

    Raises:
        UserError: where it is not there, is no JSON of this form, or names what the design has not.
    """
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise UserError(
            f"The file of FIFO depths {path} could not be read ({error.strerror}): give an existing file."
        ) from error
    except json.JSONDecodeError as error:
        raise UserError(f"The file of FIFO depths {path} is no JSON: {error}.") from error
    if not isinstance(document, dict):
        raise UserError(f'The file of FIFO depths {path} must be of the form {{"stream_add_0": [64, 0]}}.')
    return _ends(f"The file of FIFO depths {path}", document, design)


def read_folding_depths(path: Path, design: Design) -> dict[End, int]:
    """Read the depths that a folding file gives; arguments, result and errors as of ``read_depths``.

    Args:
        path: of a file that ``read_folding`` has read.
        design: without FIFOs.
    """
    kernels = {name: values for name, values in json.loads(path.read_text()).items() if name != "Defaults"}
    given = {name: values[DEPTHS] for name, values in kernels.items() if DEPTHS in values and not added(name)}
    return _ends(f"The folding file {path}", given, design)


def _ends(source: str, document: dict[str, Any], design: Design) -> dict[End, int]:
    """The depths by the inputs that they stand in front of."""
    depths: dict[End, int] = {}
    for name, values in document.items():
        if name not in design.kernels:
            known = ", ".join(design.kernels)
            raise UserError(f"{source} names {name}, which the design has not: use names out of {known}.")
        inputs = len(design.kernels[name].inputs)
        whole = isinstance(values, list) and all(v is None or (type(v) is int and v >= 0) for v in values)
        if not whole or len(values) != inputs:
            raise UserError(
                f"The FIFO depths of {name} must be a list of {inputs}, one an input, each at least 0 or null, "
                f"not {values!r}."
            )
        depths |= {End(name, port): depth for port, depth in enumerate(values) if depth is not None}
    return depths
