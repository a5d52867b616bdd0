"""An IntegerGraph as JSON with its arrays beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from codesign_board.boundary import Head, Tail

from codesign.files import replacing, write_json
from codesign.graph.operator import Operator
from codesign.graph.tensor import Tensor
from codesign.records import Arrays, pack, unpack

if TYPE_CHECKING:
    from codesign.graph.graph import IntegerGraph

FORMAT = 1


def save(graph: IntegerGraph, directory: Path) -> None:
    """Write ``graph.json`` and ``graph.npz`` into ``directory``."""
    arrays: Arrays = {}
    document = {
        "format": FORMAT,
        "name": graph.name,
        "input": graph.input,
        "output": graph.output,
        "head": pack(graph.head, "head", arrays),
        "tail": pack(graph.tail, "tail", arrays),
        "tensors": [pack(t, f"tensor.{t.name}", arrays) for t in graph.tensors.values()],
        "operators": [
            {"kind": type(op).__name__, "fields": pack(op, f"op.{op.output}", arrays)} for op in graph.operators
        ],
    }
    with replacing(directory / "graph.npz") as temporary:
        np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
    write_json(directory / "graph.json", document)


def load(directory: Path) -> IntegerGraph:
    """Read what ``save`` wrote."""
    from codesign.graph.graph import IntegerGraph

    document = json.loads((directory / "graph.json").read_text())
    with np.load(directory / "graph.npz") as arrays:
        tensors = [Tensor(**unpack(t, arrays)) for t in document["tensors"]]
        kinds = Operator.kinds
        operators = [kinds[r["kind"]](**unpack(r["fields"], arrays, kinds)) for r in document["operators"]]
        head, tail = Head(**unpack(document["head"], arrays)), Tail(**unpack(document["tail"], arrays))
    return IntegerGraph(
        name=document["name"],
        input=document["input"],
        output=document["output"],
        tensors={t.name: t for t in tensors},
        operators=operators,
        head=head,
        tail=tail,
    )
