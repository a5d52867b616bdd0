"""The skeleton data sets that can be read, and one way to open them: recognised by their files.

A file in this folder that defines `DATASET` (a `Reader`) adds a data set; nothing else is touched.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import quant.data
from codesign.errors import UserError
from quant.data.sequences import Sequences, seen
from quant.data.splits import Split


@dataclass(frozen=True)
class Reader:
    """How one data set is recognised and read.

    key         short name, as results are filed
    title       its name in print
    reference   who published it, and where
    holds       the files a folder of it holds, as words of a sentence
    protocols   the published ways to split it, the usual one first
    recognise   whether a folder holds it
    read        (folder, protocol) -> all its sequences and the splits
    """

    key: str
    title: str
    reference: str
    holds: str
    protocols: tuple[str, ...]
    recognise: Callable[[Path], bool]
    read: Callable[[Path, str], tuple[Sequences, list[Split]]]


@dataclass(frozen=True)
class DataSet:
    """A data set as one protocol uses it; `source` says in a sentence what it is and where it comes from."""

    key: str
    title: str
    sequences: Sequences
    protocol: str
    splits: list[Split]
    source: str


@cache
def readers() -> tuple[Reader, ...]:
    """All readers of this folder, by key."""
    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(quant.data.__path__):
        if not module.ispkg and not module.name.endswith("_test"):
            reader = getattr(importlib.import_module(f"quant.data.{module.name}"), "DATASET", None)
            if reader is not None:
                found[reader.key] = reader
    return tuple(found[key] for key in sorted(found))


def find(directory: Path) -> tuple[Reader, Path]:
    """The data set in `directory`, else the one in a folder directly below it; refuses none and more than one."""
    if not directory.is_dir():
        what = "is no folder" if directory.exists() else "does not exist"
        raise UserError(f"The data folder {directory} {what}: give the folder of a data set.")
    below = sorted(folder for folder in directory.iterdir() if folder.is_dir())
    for folders in ([directory], below):
        found = [(reader, folder) for folder in folders for reader in readers() if reader.recognise(folder)]
        if len(found) > 1:
            which = ", ".join(f"{reader.title} ({folder})" for reader, folder in found)
            raise UserError(f"{directory} holds {len(found)} data sets: {which}; give the folder of one.")
        if found:
            return found[0]
    wanted = "; ".join(f"for {reader.title}, {reader.holds}" for reader in readers())
    raise UserError(f"{directory} and the folders in it hold no data set that is known: it must hold, {wanted}.")


def open_dataset(directory: Path, protocol: str | None = None) -> DataSet:
    """The data set in `directory` with the splits of `protocol` (None: the usual one)."""
    reader, folder = find(directory)
    protocol = reader.protocols[0] if protocol is None else protocol
    if protocol not in reader.protocols:
        raise UserError(f"{reader.title} has no protocol {protocol!r}; it has {', '.join(reader.protocols)}.")
    sequences, splits = reader.read(folder, protocol)
    return DataSet(reader.key, reader.title, sequences, protocol, splits, _source(reader, sequences))


def _source(reader: Reader, data: Sequences) -> str:
    gaps = sum(not seen(sequence, data.bodies).any(axis=1).all() for sequence in data.frames)
    has = "has" if gaps == 1 else "have"
    bridged = f", {gaps} of which {has} frames without a body, filled from those around them" if gaps else ""
    return f"{reader.title} ({reader.reference}), {len(data)} sequences{bridged}."
