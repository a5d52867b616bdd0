"""An IntegerGraph as JSON with its arrays beside."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.files import replacing, write_json
from codesign.graph.boundary import Head, Tail
from codesign.graph.operator import Operator
from codesign.graph.tensor import Tensor

if TYPE_CHECKING:
    from codesign.graph.graph import IntegerGraph

FORMAT = 1


def save(graph: IntegerGraph, directory: Path) -> None:
    """Write ``graph.json`` and ``graph.npz`` into ``directory``."""
    arrays: dict[str, np.ndarray] = {}

    def pack(item: Any, key: str) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for field in fields(item):
            value = getattr(item, field.name)
            if isinstance(value, np.ndarray):
                arrays[f"{key}.{field.name}"] = value
                record[field.name] = {"array": f"{key}.{field.name}"}
            else:
                record[field.name] = value
        return record

    document = {
        "format": FORMAT,
        "name": graph.name,
        "input": graph.input,
        "output": graph.output,
        "head": pack(graph.head, "head"),
        "tail": pack(graph.tail, "tail"),
        "tensors": [pack(t, f"tensor.{t.name}") for t in graph.tensors.values()],
        "operators": [{"kind": type(op).__name__, **pack(op, f"op.{op.output}")} for op in graph.operators],
    }
    with replacing(directory / "graph.npz") as temporary:
        np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
    write_json(directory / "graph.json", document)


def load(directory: Path) -> IntegerGraph:
    """Read what ``save`` wrote."""
    from codesign.graph.graph import IntegerGraph

    document = json.loads((directory / "graph.json").read_text())
    with np.load(directory / "graph.npz") as arrays:

        def unpack(record: dict[str, Any]) -> dict[str, Any]:
            return {
                name: arrays[value["array"]] if isinstance(value, dict) else _tuples(value)
                for name, value in record.items()
            }

        tensors = [Tensor(**unpack(t)) for t in document["tensors"]]
        operators = [Operator.kinds[r.pop("kind")](**unpack(r)) for r in document["operators"]]
        head, tail = Head(**unpack(document["head"])), Tail(**unpack(document["tail"]))
    return IntegerGraph(
        name=document["name"],
        input=document["input"],
        output=document["output"],
        tensors={t.name: t for t in tensors},
        operators=operators,
        head=head,
        tail=tail,
    )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
