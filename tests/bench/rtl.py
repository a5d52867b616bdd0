"""Every network of the zoo through to verified RTL: 50 frames with random stalls, every integer compared."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from codesign.build import STEPS, BuildConfig, run_steps
from codesign.errors import CodesignError
from codesign.files import write_json
from tests import zoo

FRAMES = 50
BOARD = "zcu104"
FPS = {"cnv": 1000.0, "lfc": 20_000.0, "sfc": 20_000.0, "tfc": 50_000.0}
"""Frames a second to fold for; 2,000 for the others. Folded less, a network takes longer to simulate."""


def build(name: str, folder: Path) -> dict[str, object]:
    """Build one network up to the simulation and return its figures."""
    model = zoo.exported(name, folder / name)
    np.save(folder / name / "inputs.npy", zoo.NETS[name].frames(FRAMES))
    config = BuildConfig(
        model=str(model),
        board=BOARD,
        output_dir=folder / name / "build",
        target_fps=FPS.get(name[:3], 2000.0),
        inputs=folder / name / "inputs.npy",
        frames=FRAMES,
    )
    run_steps(STEPS, config, stop_step="simulate")
    report = config.output_dir / "report"
    verified = json.loads((report / "verification.json").read_text())
    measured = json.loads((report / "rtlsim_performance.json").read_text())
    ingest = json.loads((report / "ingest.json").read_text())
    seconds = json.loads((config.output_dir / "time_per_step.json").read_text())
    return {
        "network": name,
        "macs": measured["macs_per_frame"],
        "lanes": measured.get("lanes", 0),
        "ingest_seconds": ingest["seconds"],
        "quantizer_outputs": verified["outputs"],
        "float64_differences": verified["float64_differences"],
        "float32_differences": verified["float32_differences"],
        "unexplained": verified["unexplained"],
        "frames": verified["frames"],
        "integers": verified["integers"],
        "mismatches": verified["mismatches"],
        "cycles_per_frame": measured["cycles_per_frame"],
        "predicted": measured["predicted_cycles_per_frame"],
        "seconds": round(sum(seconds.values()), 1),
    }


@click.command()
@click.argument("names", nargs=-1)
@click.option("--output-dir", "-o", type=click.Path(path_type=Path), default=Path("build/bench/rtl"))
def rtl(names: tuple[str, ...], output_dir: Path) -> None:
    """Take the zoo's networks (or NAMES of them) to verified RTL."""
    console, rows = Console(), []
    for name in names or zoo.NETS:
        try:
            rows.append(build(name, output_dir))
        except CodesignError as error:
            rows.append({"network": name, "failed": str(error)})
            console.print(f"{name}: {error}", markup=False)
        write_json(output_dir / "results.json", rows)
    console.print(table(rows))


def table(rows: list[dict[str, object]]) -> Table:
    """What was measured, a line a network."""
    made = Table("network", "MACs", "lanes", "ingest", "float64 ≠", "frames", "integers", "mismatches", "cycles/frame")
    for row in rows:
        if "failed" in row:
            made.add_row(str(row["network"]), "failed", style="red")
            continue
        found = {key: f"{value:,}" if isinstance(value, int) else str(value) for key, value in row.items()}
        made.add_row(
            *(found[key] for key in ("network", "macs", "lanes")),
            f"{found['ingest_seconds']} s",
            f"{found['float64_differences']} of {found['quantizer_outputs']}",
            *(found[key] for key in ("frames", "integers", "mismatches", "cycles_per_frame")),
        )
    return made
