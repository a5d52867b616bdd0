"""The package that a build makes: bitfile, handoff file, manifest, samples and this driver, with a hash of each.

A package is a folder or a zip of it. ``SHA256SUMS`` lists the files (``sha256sum -c SHA256SUMS`` checks them by hand);
``manifest.json`` says all that the driver must know of the accelerator.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from codesign_board.boundary import Head, Tail
from codesign_board.errors import PackageError

FORMAT = 2
"""Of the manifest."""
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
BOUND = "bound"
"""What the source of cycles begins with that are the fewest possible, and no figure of this accelerator."""


@dataclass(frozen=True)
class Port:
    """How a frame's integers travel.

    Attributes:
        lanes: integers a word, consecutive in the frame (channels last), the first in the lowest bits.
        bits: of each, two's complement where ``signed``.
        signed: whether they can be negative.
        words: words a frame.
        bytes_per_word: bytes that a word takes in a buffer or on a line, low byte first; bits above the lanes are 0.
        low, high: the least and the greatest integer that occurs.
        shape: of a frame, channels last.
    """

    lanes: int
    bits: int
    signed: bool
    words: int
    bytes_per_word: int
    low: int
    high: int
    shape: tuple[int, ...]

    @property
    def frame_bytes(self) -> int:
        """Bytes a frame."""
        return self.words * self.bytes_per_word

    @property
    def frame_integers(self) -> int:
        """Integers a frame."""
        return self.words * self.lanes


@dataclass(frozen=True)
class RegisterMap:
    """The accelerator's registers of 32 bits.

    Attributes:
        magic: what MAGIC holds.
        version: what VERSION holds.
        index: number of each register by name; on an AXI bus its address is four times that.
        fields: {register: {field: bit}}.
    """

    magic: int
    version: int
    index: Mapping[str, int]
    fields: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Weights:
    """Weights that are not in the bitstream.

    Attributes:
        file: 64-bit words, low byte first: those of the packet after a reset, then those of a frame's packets in turn.
        start_bytes: of the first; 0 where there is none.
        frame_bytes: of a frame's; 0 where there are none.
        frame_packets: how many those are.
    """

    file: Path
    start_bytes: int
    frame_bytes: int
    frame_packets: int


@dataclass(frozen=True)
class Package:
    """A package whose files are as they were made.

    Attributes:
        directory: where its files are.
        manifest: all of the manifest.
        model: name of the model.
        board: name of the board that it is for, as ``codesign boards`` has it.
        io: how data gets in and out: ``axi`` (AXI DMA, PYNQ) or ``uart`` (a serial line).
        build: what the register BUILD holds.
        clock_mhz: the clock that the accelerator was made for.
        input, output: how the integers travel.
        head, tail: floats to the first integers, the last integers to floats.
        registers: the register map.
        weights: what is to be loaded, if anything is.
    """

    directory: Path
    manifest: Mapping[str, Any]
    model: str
    board: str
    io: str
    build: int
    clock_mhz: float
    input: Port
    output: Port
    head: Head
    tail: Tail
    registers: RegisterMap
    weights: Weights | None = None

    @classmethod
    def load(cls, path: str | Path) -> Package:
        """Return the package of a folder or a zip; a zip is unpacked beside the system's temporary files.

        Raises:
            PackageError: there is none, or a file of it is not as it was made; the message names the file.
        """
        directory = _directory(Path(path).expanduser())
        listed = _checked(directory)
        try:
            manifest = _manifest(directory, listed)
            return cls(
                directory=directory,
                manifest=manifest,
                **{name: manifest[name] for name in ("model", "board", "io", "build", "clock_mhz")},
                input=_port(manifest["input"]),
                output=_port(manifest["output"]),
                head=Head.of(manifest["head"]),
                tail=Tail.of(manifest["tail"]),
                registers=_registers(manifest["register_map"]),
                weights=_weights(directory, listed, manifest["weights"]) if "weights" in manifest else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PackageError(
                f"{directory / MANIFEST} lacks or misstates {error}: build the package again."
            ) from error

    def file(self, role: str) -> Path:
        """Return the path of a file by its role in the manifest: ``bitfile``, ``handoff``, ``samples`` or ``model``.

        Raises:
            PackageError: the package has none.
        """
        name = self.manifest["files"].get(role)
        if name is None:
            hint = f" {self._making()}" if role in ("bitfile", "handoff") else ""
            raise PackageError(f"The package {self.directory} has no {role}.{hint}")
        return self.directory / str(name)

    @property
    def core(self) -> str:
        """What a package of an IP core alone holds, as a sentence without its subject; empty for all others."""
        if self.io != "axi" or "dma" in self.manifest.get("cells", {}):
            return ""
        return (
            f"holds an IP core of {self.model} for a design of your own, and no block design for {self.board}: its "
            "samples and what stays in software serve there too (Samples.of, package.head, package.tail)."
        )

    def _making(self) -> str:
        """Return a sentence that says how its bitstream is made."""
        if self.core:
            return f"It {self.core}"
        if self.manifest.get("backend", {}).get("name") == "hls4ml":
            return (
                "Make it with Vivado HLS and Vivado by the commands that the build ends with (docs/hls4ml.md), then "
                "build again."
            )
        return "Make it with Vivado (docs/vivado.md), then package again."


def is_bound(source: str) -> bool:
    """Return whether cycles of this source are a bound: it takes at least so many, and makes at most that rate."""
    return source.startswith(BOUND)


def _port(given: Mapping[str, Any]) -> Port:
    return Port(**{**given, "shape": tuple(given["shape"])})


def _registers(given: Mapping[str, Any]) -> RegisterMap:
    items = given["registers"].items()
    index = {name: item["index"] for name, item in items}
    return RegisterMap(given["magic"], given["version"], index, {name: item["fields"] for name, item in items})


def _weights(directory: Path, listed: Mapping[str, str], given: Mapping[str, Any]) -> Weights:
    found = Weights(directory / given["file"], *(int(given[f.name]) for f in fields(Weights)[1:]))
    if given["file"] not in listed:
        raise PackageError(f"{directory / SUMS} was changed: it does not list {given['file']}; copy the package again.")
    stated, size = found.start_bytes + found.frame_bytes, found.file.stat().st_size
    if stated != size or min(found.start_bytes, found.frame_bytes) < 0 or found.start_bytes % 8 or stated % 8:
        raise PackageError(
            f"{directory / MANIFEST} states {found.start_bytes} and {found.frame_bytes} bytes of weights, and "
            f"{found.file.name} has {size}: build the package again."
        )
    return found


def _directory(path: Path) -> Path:
    if path.is_dir():
        return path
    if not path.is_file():
        raise PackageError(f"There is no package {path}: give the folder deploy/ of a build, or the zip made of it.")
    import atexit  # here, because these take 20 ms to import, and on a board it is mostly a folder
    import shutil
    import tempfile
    import zipfile

    folder = Path(tempfile.mkdtemp(prefix="codesign-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    except Exception as error:  # zipfile lets zlib's errors, NotImplementedError, EOFError and more through
        raise PackageError(f"The package {path} could not be unpacked ({error}): copy it again.") from error
    inside = sorted(found.parent for found in folder.rglob(MANIFEST))
    if not inside:
        raise PackageError(f"The package {path} holds no {MANIFEST}: give the zip that the build made.")
    return inside[0]


def _checked(directory: Path) -> dict[str, str]:
    """Return the files' hashes by name, after each was checked."""
    sums = directory / SUMS
    if not sums.is_file():
        inside = [name for name in ("deploy", "simboard/deploy") if (directory / name / SUMS).is_file()]
        hint = f"; {directory / inside[0]} is one" if inside else ", or not all of it was copied"
        raise PackageError(f"There is no {sums}: {directory} is no package{hint}.")
    listed = {}
    for line in sums.read_bytes().decode(errors="replace").removesuffix("\n").split("\n"):  # at no other line's end
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise PackageError(f"{sums} was changed: {line[:80]!r} is no line of it; copy the package again.")
        listed[name] = digest
    for name, digest in listed.items():
        path = directory / name
        if not path.is_file():
            raise PackageError(f"The package lacks {path}, which {SUMS} lists: copy it again.")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise PackageError(
                f"{path} was changed since it was made (its SHA-256 is not that of {SUMS}): copy it again."
            )
    if MANIFEST not in listed:
        raise PackageError(f"{sums} was changed: it does not list {MANIFEST}; copy the package again.")
    return listed


def _manifest(directory: Path, listed: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest of a package whose files were checked."""
    manifest: dict[str, Any] = json.loads((directory / MANIFEST).read_text())
    if manifest.get("format") != FORMAT:
        raise PackageError(
            f"{directory / MANIFEST} is of format {manifest.get('format')}, and this driver reads {FORMAT}: "
            f"install the wheel that lies in the package."
        )
    for name in manifest["files"].values():
        if name not in listed:
            raise PackageError(f"{directory / SUMS} was changed: it does not list {name}; copy the package again.")
    for name in ("interval", "first_frame", "source"):
        manifest["cycles"][name]  # or it is misstated
    return manifest
