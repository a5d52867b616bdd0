"""Whole designs: the sum of the kernels' estimates against the netlist that a build would load."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from codesign.build import STEPS, BuildConfig, run_steps
from hw.design.design import Design
from hw.kernels.kernel import Kernel, Resources
from hw.synth.design import synthesize
from tests import zoo
from tests.estimates.grid import Configuration
from tests.estimates.measurements import FILE, Measurements


@dataclass(frozen=True)
class Whole:
    """A network on a board.

    Attributes:
        model: a preset's name, or a network of ``tests.zoo``.
        board: the board's name.
        fps: frames a second to fold for; the board's default where None.
    """

    model: str
    board: str
    fps: float | None = None

    @property
    def name(self) -> str:
        return f"{self.model} on {self.board}"


DESIGNS = (
    Whole("skeleton-tiny", "ulx3s"),
    Whole("skel2d", "pynq-z2", 2000.0),
    Whole("shuffle", "zcu104", 2000.0),
    Whole("tfc_2w2a", "zcu104", 20_000.0),
    Whole("kws_3w3a", "pynq-z2", 195_313.0),
    Whole("cnv_2w2a", "pynq-z2", 3000.0),
)


def build(whole: Whole, folder: Path) -> tuple[Design, str]:
    """Return the design as a build makes it, and its part family."""
    model = str(zoo.exported(whole.model, folder)) if whole.model in zoo.NETS else whole.model
    config = BuildConfig(model=model, board=whole.board, output_dir=folder / "build", target_fps=whole.fps)
    run_steps(STEPS, config, stop_step="size_fifos")
    return Design.load(config.output_dir / "design" / "sized"), config.target.family


def estimate(design: Design, family: str) -> Resources:
    """Return the sum of the kernels' estimates."""
    return sum((kernel.resources(family) for kernel in design.kernels.values()), Resources())


def key(design: Design, family: str) -> str:
    """Digest of all that yosys reads of a design."""

    def part(kernel: Kernel) -> str:
        return Configuration(kernel, family, 0).key

    parts = [
        *(f"{name} {part(kernel)}" for name, kernel in design.kernels.items()),
        repr(sorted(map(str, design.edges))),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def measure(known: Measurements, said: Callable[[str], None], path: Path = FILE) -> None:
    """Synthesize the designs that are not known as they are; ``known`` is saved after each."""
    for whole in DESIGNS:
        with tempfile.TemporaryDirectory() as name:
            design, family = build(whole, Path(name))
            digest = key(design, family)
            if known.designs.get(whole.name, {}).get("key") != digest:
                found = synthesize(design, family, Path(name) / "synthesis", said).total
                known.designs[whole.name] = {
                    "key": digest,
                    "family": family,
                    "kernels": len(design.kernels),
                    "yosys": asdict(found),
                }
            known.designs[whole.name]["estimate"] = asdict(estimate(design, family))
            known.save(path)
            said(f"{whole.name}: {len(design.kernels)} kernels")
    known.designs = {whole.name: known.designs[whole.name] for whole in DESIGNS}
