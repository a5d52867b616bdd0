"""A Design as JSON with its arrays beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.files import replacing, write_json
from codesign.records import Arrays, pack, unpack
from hw.design.stream import Stream

if TYPE_CHECKING:
    from hw.design.design import Design

FORMAT = 1


def save(design: Design, directory: Path) -> None:
    """Write ``design.json`` and ``design.npz`` into ``directory``."""
    arrays: Arrays = {}
    document = {
        "format": FORMAT,
        "name": design.name,
        "kernels": {
            name: {"kind": type(k).__name__, "fields": pack(k, name, arrays)} for name, k in design.kernels.items()
        },
        "edges": [[s.instance, s.port, t.instance, t.port] for t, s in design.edges.items()],
        "tensors": design.tensors,
    }
    with replacing(directory / "design.npz") as temporary:
        np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
    write_json(directory / "design.json", document)


def load(directory: Path) -> Design:
    """Read what ``save`` wrote."""
    from hw.design.design import Design, End
    from hw.kernels import kinds

    document = json.loads((directory / "design.json").read_text())
    known = kinds()
    with np.load(directory / "design.npz") as arrays:
        kernels = {
            name: known[r["kind"]](**unpack(r["fields"], arrays, {"Stream": Stream}))
            for name, r in document["kernels"].items()
        }
    edges = {End(t, tp): End(s, sp) for s, sp, t, tp in document["edges"]}
    return Design(document["name"], kernels, edges, document["tensors"])
