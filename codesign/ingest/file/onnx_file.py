"""Reading an ONNX file: nothing in it is executed, and nothing outside its folder is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_tensor, uses_external_data

from codesign.errors import Reason, Refused, UserError, refusal

LARGEST = 2**31 - 1
"""Bytes that a protobuf message may have; weights of that size fit no board either."""


def parse(path: Path) -> onnx.ModelProto:
    """Read an ONNX file with its external data.

    Raises:
        UserError: no such file, not an ONNX file, or one of 2 GiB or more.
        Refused: external data are missing, too large or outside the file's folder; all of them are named.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder: name the ONNX file in it.")
    if not path.is_file():
        raise UserError(f"{path} does not exist: name an exported QONNX file.")
    size = path.stat().st_size
    if size > LARGEST:
        raise UserError(
            f"{path} has {size:,} bytes, but an ONNX file has less than 2 GiB, and no board holds such a model: "
            "use a smaller one."
        )
    try:
        proto = onnx.load(str(path), format="protobuf", load_external_data=False)
    except (DecodeError, ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not an ONNX file, or not a whole one ({error}): export the model again.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if not proto.graph.node:
        raise UserError(f"{path} is not an ONNX model with operators: export the model to QONNX.")
    external = [t for t in tensors(proto.graph) if uses_external_data(t)]
    reasons = [reason for tensor in external if (reason := _external_fault(tensor, path))]
    if not reasons and (total := sum(_length(t, path) for t in external)) + size > LARGEST:
        reasons = [Reason("model", f"it has {total:,} bytes of external data, 2 GiB or more", "use a smaller model")]
    reasons = reasons or [reason for tensor in external if (reason := _load_external(tensor, path))]
    if reasons:
        merged = _merged(reasons)
        raise Refused(refusal(f"{path} cannot be taken exactly", merged), merged)
    return proto


def tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Every stored tensor, those of subgraphs too."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (t for t in (attribute.t, *attribute.tensors) if t.ByteSize())
            for inner in (attribute.g, *attribute.graphs):
                yield from tensors(inner) if inner.ByteSize() else ()


def _merged(reasons: list[Reason]) -> list[Reason]:
    """What is wrong with many tensors in the same way is said once."""
    groups: dict[tuple[str, str], list[str]] = {}
    for found in reasons:
        groups.setdefault((found.reason, found.remedy), []).append(found.node)
    others = {n: f" (and {n - 1} more)" if n > 1 else "" for n in map(len, groups.values())}
    return [Reason(names[0] + others[len(names)], *texts) for texts, names in groups.items()]


def _length(tensor: onnx.TensorProto, path: Path) -> int:
    info = ExternalDataInfo(tensor)
    return info.length or (path.parent / info.location).stat().st_size - (info.offset or 0)


def _external_fault(tensor: onnx.TensorProto, path: Path) -> Reason | None:
    """What is wrong with a tensor's external data, as far as can be told without reading them."""
    title, folder = f"tensor '{tensor.name}'", path.parent.resolve()
    try:
        info = ExternalDataInfo(tensor)
    except (ValueError, TypeError) as error:
        return Reason(title, f"its external data have a bad entry ({error})", "export the model again")
    if not info.location or "\0" in info.location:
        return Reason(title, "its external data name no file", "export the model again")
    try:
        file = (folder / info.location).resolve()
        there = file.is_file()
    except (OSError, RuntimeError):  # a name that is too long, or a loop of links
        return Reason(title, f"it reads {info.location}, which cannot be resolved", "put the data beside the model")
    if not file.is_relative_to(folder):
        return Reason(
            title, f"it reads {info.location}, which is outside the model's folder", "put the data beside the model"
        )
    if not there:
        return Reason(title, f"it needs {info.location}, which is missing", "copy it beside the model")
    offset, length, size = info.offset or 0, info.length or 0, file.stat().st_size
    if offset + length > size:
        end = f"bytes {offset:,} to {offset + length:,} of {info.location}"
        return Reason(title, f"it needs {end}, which has {size:,}", "copy the whole file, or export the model again")
    return None


def _load_external(tensor: onnx.TensorProto, path: Path) -> Reason | None:
    """Read a tensor's data into it; what is wrong where that fails."""
    location = ExternalDataInfo(tensor).location
    try:
        load_external_data_for_tensor(tensor, str(path.parent.resolve()))
    except (ValueError, OSError, onnx.checker.ValidationError) as error:
        return Reason(
            f"tensor '{tensor.name}'", f"it cannot be read from {location} ({error})", "export the model again"
        )
    tensor.data_location = onnx.TensorProto.DEFAULT
    del tensor.external_data[:]
    return None
