"""A simulated board whose accelerator loads its weights, with a package: sums with constants, see ``chain``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from codesign.deploy.package import WEIGHTS, weights_of, write_weights
from hw.design.design import Design
from hw.design.emit import emit
from hw.design.testdata.loaded import WORDS
from hw.shell import registers
from hw.shell.axi.handoff import cells
from hw.shell.axi.shell import AxiShell
from sw.simboard.testing import stand_in_board
from tests import fake_board

LOW, HIGH = -128, 127
"""Integers that go in."""


def port(design: Design, side: str, size: int) -> dict[str, Any]:
    stream = getattr(design, side).stream
    own = {"words": WORDS, "bytes_per_word": size, "shape": [WORDS, 1], "low": stream.low, "high": stream.high}
    return {"lanes": 1, "bits": stream.bits, "signed": True, **own}


def board(folder: Path, design: Design) -> Path:
    """Write a simulated board of a design with its package; return the package."""
    load = design.load_packets()
    bits = design.input.stream.data_bits, design.output.stream.data_bits
    shell = AxiShell(*bits, WORDS, 7, 100_000_000, len(load.start), load.packet_words)
    *others, top = emit(design, folder / "rtl")
    sources = folder / "all.sv"
    sources.write_text("".join(path.read_text() for path in (*others, top)))
    made = stand_in_board(folder / "board", shell, sources)
    package = made / "deploy"
    write_weights(load, package / WEIGHTS)
    fake_board.write_package(
        package, build=7, cells=cells(shell), **weights_of(load),
        files={"samples": "samples.npz"}, register_map=registers.as_json(),
        cycles={"interval": WORDS, "first_frame": WORDS + 10, "source": "model"},
        input=port(design, "input", 1), output=port(design, "output", 2),
        head={**fake_board.manifest()["head"], "low": LOW, "high": HIGH},
    )  # fmt: skip
    stated = json.loads((package / "manifest.json").read_text())
    stated["files"] |= {"bitfile": "stand_in.bit", "handoff": "stand_in.hwh"}
    (package / "manifest.json").write_text(json.dumps(stated))
    sign(package)
    return package


def sign(package: Path) -> None:
    names = sorted(path.name for path in package.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256((package / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (package / "SHA256SUMS").write_text("".join(lines))
